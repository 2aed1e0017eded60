"""What somebody makes of a finding, put into a baseline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.baseline.identity import identity
from tightlip.baseline.making import Maker
from tightlip.baseline.matching import Known, known, unknown
from tightlip.errors import UsageError
from tightlip.finding import prepare_fingerprints

if TYPE_CHECKING:
    from tightlip.baseline.entry import Entry, Judgement
    from tightlip.baseline.file import Baseline
    from tightlip.finding import Report


def ids(baseline: Baseline, start: str) -> set[str]:
    """Return the identities in a baseline that begin with some digits."""
    return {entry.id for entry in baseline.entries if entry.id.startswith(start)}


def judge(
    baseline: Baseline, reports: Sequence[Report], start: str, make: Maker, *, judgement: Judgement
) -> tuple[Baseline, list[Entry]]:
    """Return a baseline with one finding judged, and the entries that say so.

    Parameters: `reports`, what scans found; `start`, how the finding's fingerprint or its identity here begins;
    `make`, what makes entries. Raises `UsageError` where that names no finding, or several.
    """
    found = [(report, it) for report in reports for it in _meant(report, baseline, start, make.top)]
    secrets = {(it.finding.rule, it.finding.secret) for _, it in found}
    mine = {identity(salt, rule, secret.reveal()) for salt in baseline.salts for rule, secret in secrets}
    others = ids(baseline, start) - mine
    if len(secrets) + len(others) != 1:
        raise _not_one(start, len(secrets) + len(others), looked=bool(reports))
    if make.per_place and not found:
        raise UsageError(f"--per-place: what {start} was is not found any more, so it is at no place")
    judgement = make.hidden(reports, judgement)
    return put(baseline, found, mine | others, make, judgement)


def put(
    baseline: Baseline, found: Sequence[tuple[Report, Known]], about: Collection[str], make: Maker, judgement: Judgement
) -> tuple[Baseline, list[Entry]]:
    """Return a baseline with what was found judged, and the entries that say so.

    Parameters: `about`, the identities of the entries about it; `make`, what makes entries.
    """
    entries = baseline.by_key()
    before = [entry for entry in baseline.entries if entry.id in about]
    judged = [] if make.per_place else [replace(entry, judgement=judgement) for entry in before]
    if make.per_place:
        entries = {key: entry for key, entry in entries.items() if entry not in before}
    for report, it in found:
        left = [it.finding] if make.per_place else unknown([it], report.kind, make.top)
        judged += [entry for finding in left for entry in make.entries(report, finding, judgement)]
    new = {entry.key: entry for entry in judged}
    return baseline.but((entries | new).values()), list(new.values())


def _meant(report: Report, baseline: Baseline, start: str, top: str | None) -> Iterable[Known]:
    prepare_fingerprints(report.findings)
    for it in known(report, baseline, top):
        here = (identity(salt, it.finding.rule, it.finding.secret.reveal()) for salt in baseline.salts)
        if it.finding.fingerprint.startswith(start) or any(digits.startswith(start) for digits in here):
            yield it


def _not_one(start: str, number: int, *, looked: bool) -> UsageError:
    if number:
        return UsageError(f"--select: {start} begins the fingerprints of {number} findings; give more of its digits")
    where = "what is found now, nor in the file" if looked else "the file"
    return UsageError(
        f"--select: no fingerprint begins with {start} in {where}; `tightlip scan -v` prints them, and with --history "
        "the history is looked through, too"
    )
