"""Whether tightlip finds what another scanner knows: in the files as they are, or in the version of a commit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip.collect import Found, findings
from tightlip.git.objects import Object, ObjectReader
from tightlip.interop import known
from tightlip.interop.known import Judgement
from tightlip.model import Blob
from tightlip.tally import Tally

if TYPE_CHECKING:
    from tightlip.engine import Scanner
    from tightlip.finding import Finding, Report
    from tightlip.git.plumbing import Git
    from tightlip.interop.foreign import ForeignFinding

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


class Looked(NamedTuple):
    """What came of looking."""

    both: tuple[tuple[Report, tuple[Judgement, ...]], ...]
    """By the report of a scan, what others know of its findings."""
    theirs: tuple[ForeignFinding, ...]
    """What tightlip does not find."""

    @property
    def judgements(self) -> list[Judgement]:
        """All of them."""
        return [one for _, every in self.both for one in every]


def look(foreign: Sequence[ForeignFinding], reports: Sequence[Report], git: Git | None, scanner: Scanner) -> Looked:
    """Look for what others know in the reports of scans, the earlier one first.

    Parameters: `git`, the repository of their commits, if there is one; `scanner`, what the reports were made with.
    """
    left = list(foreign)
    both = []
    for report in reports:
        compared = known.compared(left, report.findings)
        found, left = list(compared.both), list(compared.theirs)
        if git and report.kind == "history":
            found += _in_commits(git, scanner, left, report)
            met = {id(one.foreign) for one in found}
            left = [one for one in left if id(one) not in met]
        both.append((report, tuple(found)))
    return Looked(tuple(both), tuple(left))


def _in_commits(git: Git, scanner: Scanner, left: Sequence[ForeignFinding], report: Report) -> Iterator[Judgement]:
    """Yield what stands where others say, in the version of their commit.

    The report has each secret where a commit brought it in; others have it in later versions too, on other lines.
    """
    every = {(finding.rule, finding.secret): finding for finding in report.findings}
    wanted: dict[tuple[str, str], list[ForeignFinding]] = {}
    for one in left:
        if _COMMIT.fullmatch(one.commit) and _is_name(one.path):
            wanted.setdefault((one.commit, one.path), []).append(one)
    with ObjectReader(git, limit=scanner.limit) as objects:
        read = objects.read_many(f"{commit}:{path}" for commit, path in wanted)
        for ((_, path), ones), found in zip(wanted.items(), read, strict=True):
            if isinstance(found, Object) and found.kind == "blob":
                here = [replace(one, commit="") for one in ones]
                meant = {id(bare): one for bare, one in zip(here, ones, strict=True)}
                for it in known.compared(here, _findings(scanner, found, path)).both:
                    if finding := every.get((it.finding.rule, it.finding.secret)):
                        yield Judgement(finding, finding.occurrences[0], meant[id(it.foreign)])


def _findings(scanner: Scanner, found: Object, path: str) -> list[Finding]:
    tally = Tally(scanner)
    blob = Blob(found.data, path.encode(), found.oid)
    outcome = tally.look(blob)
    return findings(Found(blob.path, blob.oid, blob.part, match) for match in outcome.matches)


def _is_name(path: str) -> bool:
    """Whether git can be asked for a file by its name."""
    return bool(path) and path.isprintable()
