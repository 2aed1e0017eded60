"""Which findings of a report a baseline knows, and the report without them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip.baseline.entry import ACCEPTED, UNJUDGED, Entry
from tightlip.baseline.identity import identity, prepare
from tightlip.baseline.place import path_of
from tightlip.model import HIGH
from tightlip.report.document import quoted

if TYPE_CHECKING:
    from datetime import date

    from tightlip.baseline.file import Baseline
    from tightlip.finding import Finding, Occurrence, Report

CHECK = "tightlip baseline check"


class Known(NamedTuple):
    """A finding, and the entries about it: by its value, or by its value at a place that holds it."""

    finding: Finding
    entries: tuple[Entry, ...]


def known(report: Report, baseline: Baseline, top: str | None) -> list[Known]:
    """Return each finding of a report with what is known of it, whether that holds still or not.

    Parameters: `top`, the folder that the baseline's paths are counted from.
    """
    about: dict[str, list[Entry]] = {}
    for entry in baseline.entries:
        about.setdefault(entry.id, []).append(entry)
    rules = {entry.rule for entry in baseline.entries}
    secrets = [(finding.rule, finding.secret.reveal()) for finding in report.findings]
    prepare((salt, *secret) for secret in secrets if secret[0] in rules for salt in baseline.salts)
    found = []
    for finding, secret in zip(report.findings, secrets, strict=True):
        salts = baseline.salts if finding.rule in rules else ()
        entries = [entry for salt in salts for entry in about.get(identity(salt, *secret), ())]
        paths = {quoted(path) for path in _paths(finding.occurrences, report.kind, top)}
        found.append(Known(finding, tuple(it for it in entries if not it.is_place or it.path in paths)))
    return found


def sift(report: Report, baseline: Baseline, top: str | None, today: date) -> Report:
    """Return a report without what the baseline knows, which is counted in it."""
    every = known(report, baseline, top)
    left: list[Finding] = []
    baselined: list[Known] = []
    for finding, entries in every:
        holding = [entry for entry in _settled(entries) if entry.judgement.hides(today)]
        remaining = not_at(finding, holding, report.kind, top)
        if remaining:
            left.append(replace(finding, occurrences=remaining))
        if len(remaining) < len(finding.occurrences):
            baselined.append(Known(finding, tuple(holding)))
    expired = [entry for _, entries in every for entry in entries if entry.judgement.is_expired(today)]
    notes = (*report.notes, *_live(baselined), *_expired(expired))
    hidden = (*report.known, *(it.finding for it in baselined))
    return replace(report, findings=tuple(left), known=hidden, baselined=len(hidden), notes=notes)


def unknown(every: Iterable[Known], kind: str, top: str | None) -> list[Finding]:
    """Return the findings that no entry is about, held or expired, each with the places that none is about."""
    left = ((finding, not_at(finding, entries, kind, top)) for finding, entries in every)
    return [replace(finding, occurrences=places) for finding, places in left if places]


def not_at(finding: Finding, entries: Sequence[Entry], kind: str, top: str | None) -> tuple[Occurrence, ...]:
    """Return the places of a finding that no entry is about."""
    if any(not entry.is_place for entry in entries):
        return ()
    paths = {entry.path for entry in entries}
    return tuple(
        place
        for place in finding.occurrences
        if not paths or (path := path_of(place, kind, top)) is None or quoted(path) not in paths
    )


def _settled(entries: Iterable[Entry]) -> list[Entry]:
    """Return those that count: in a file with several salts there may be several about the same."""
    found: dict[str | None, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.judgement.weight):
        found[entry.path if entry.is_place else None] = entry
    return list(found.values())


def _paths(occurrences: Iterable[Occurrence], kind: str, top: str | None) -> Iterable[str]:
    return filter(None, (path_of(occurrence, kind, top) for occurrence in occurrences))


def is_live(finding: Finding) -> bool:
    """Whether it is critical, and surely a secret."""
    return finding.severity == "critical" and finding.confidence >= HIGH


def _live(baselined: Sequence[Known]) -> list[str]:
    """Say how many of the known findings are dangerous for all that anybody knows."""
    states = [{entry.judgement.state for entry in entries} for finding, entries in baselined if is_live(finding)]
    unjudged = sum(UNJUDGED in state for state in states)
    accepted = sum(ACCEPTED in state and UNJUDGED not in state for state in states)
    of_them = "" if len(baselined) == 1 else "{} of them "
    parts = [f"{of_them.format(f'{unjudged:,}')}critical and not judged"] if unjudged else []
    parts += [f"{of_them.format(f'{accepted:,}')}critical and accepted"] if accepted else []
    known = f"{len(baselined):,} known finding{'' if len(baselined) == 1 else 's'}"
    return [f"{', '.join([known, *parts])}: {CHECK}"] if parts else []


def _expired(entries: Sequence[Entry]) -> list[str]:
    days = [entry.judgement.until for entry in entries if entry.judgement.until]
    if not days:
        return []
    last = max(days).isoformat()
    if len(days) == 1:
        return [f"an entry of the baseline has expired, on {last}, and its finding counts again: {CHECK}"]
    many = f"{len(days):,} entries of the baseline have expired, the last on {last}"
    return [f"{many}, and their findings count again: {CHECK}"]
