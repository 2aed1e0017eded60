"""From findings to entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.baseline.entry import Entry, Judgement
from tightlip.baseline.identity import identity, prepare
from tightlip.baseline.matching import known, unknown
from tightlip.baseline.place import path_of
from tightlip.report.document import quoted
from tightlip.report.levels import places
from tightlip.report.options import PLAIN
from tightlip.report.redact import Redactor, redactor

if TYPE_CHECKING:
    from tightlip.baseline.file import Baseline
    from tightlip.finding import Finding, Report

_NO_FILE = {"commit": "a commit's message", "tag": "a tag's message", "ref": "the name of a branch or tag"}


class Maker:
    """Makes entries of the findings of reports.

    Parameters: `salt`, of the file; `top`, the folder that paths are counted from; `per_place`, whether an entry is to
    count only at the paths that hold the value now.
    """

    def __init__(self, salt: str, top: str | None, *, per_place: bool = False) -> None:
        self.top, self.per_place = top, per_place
        self._salt = salt
        self._hides: dict[int, tuple[Report, Redactor]] = {}

    def entries(self, report: Report, finding: Finding, judgement: Judgement) -> list[Entry]:
        """Return the entry for a finding of a report, or one for each place, but for one whose name holds a secret."""
        hide = self._hide(report)
        entry = Entry(
            id=identity(self._salt, finding.rule, finding.secret.reveal()),
            rule=finding.rule,
            path=self._shown(report, finding, hide),
            hint=finding.secret.redacted().rpartition(" (")[0],
            is_history=finding.in_head is False,
            judgement=judgement,
        )
        paths = dict.fromkeys(self._paths(report, finding, hide)) if self.per_place else ()
        return [replace(entry, path=quoted(path), is_place=True) for path in paths] or [entry]

    def with_new(self, baseline: Baseline, reports: Sequence[Report], judgement: Judgement) -> Baseline:
        """Return a baseline with entries for what it does not know of some reports."""
        judgement = self.hidden(reports, judgement)
        for report in reports:
            left = unknown(known(report, baseline, self.top), report.kind, self.top)
            prepare((self._salt, finding.rule, finding.secret.reveal()) for finding in left)
            made = (entry for finding in left for entry in self.entries(report, finding, judgement))
            baseline = baseline.but(({entry.key: entry for entry in made} | baseline.by_key()).values())
        return baseline

    def hidden(self, reports: Sequence[Report], judgement: Judgement) -> Judgement:
        """Return a judgement with a reason that holds no value of the reports."""
        why = judgement.why
        for report in reports:
            why = self._hide(report).prose(why)
        return replace(judgement, why=why)

    def _hide(self, report: Report) -> Redactor:
        """What hides the values of a report; to make it takes long where there are many."""
        if id(report) not in self._hides:
            self._hides[id(report)] = report, redactor(report, PLAIN)
        return self._hides[id(report)][1]

    def _paths(self, report: Report, finding: Finding, hide: Redactor) -> Iterator[str]:
        for occurrence in places(finding, report.kind):
            path = path_of(occurrence, report.kind, self.top)
            if path is not None and hide.name(path) == path:
                yield path

    def _shown(self, report: Report, finding: Finding, hide: Redactor) -> str:
        first = places(finding, report.kind)[0]
        if first.part in _NO_FILE:
            return _NO_FILE[first.part]
        return quoted(hide.name(path_of(first, report.kind, self.top) or first.path))
