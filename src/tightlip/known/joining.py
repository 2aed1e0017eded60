"""One report of what rules find and of what is known to be a secret: each secret once, and told by its name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.known.telling import RULE

if TYPE_CHECKING:
    from tightlip.finding import Finding, Occurrence, Report
    from tightlip.model import Secret

_At = tuple[str, str, str | None, str | None]


def renamed(report: Report) -> Report:
    """Return a report of `KnownScanner`'s with one rule for all values."""
    return replace(report, findings=tuple(replace(finding, rule=RULE) for finding in report.findings))


def joined(report: Report, known: Report) -> Report:
    """Return a report of rules, with what is known.

    A value that a rule finds as well is the rule's finding: its fingerprint and advice are, and it is told as known.
    What a rule finds only in places where known values stand is left out: it is one of them, and more or less of what
    is around it.
    """
    rules: dict[Secret, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        rules[finding.secret].append(finding)
    findings = [_both(finding, rules.pop(finding.secret, ())) for finding in known.findings]
    taken = _places(findings)
    rest = [
        finding
        for every in rules.values()
        for finding in every
        if not all(_overlaps(occurrence, taken) for occurrence in finding.occurrences)
    ]
    return replace(
        report,
        findings=(*findings, *rest),
        unscanned=tuple(dict.fromkeys((*report.unscanned, *known.unscanned))),
        seconds=report.seconds + known.seconds,
        allowed=report.allowed + known.allowed,
        interrupted=report.interrupted or known.interrupted,
        notes=tuple(dict.fromkeys((*report.notes, *known.notes))),
    )


def _both(known: Finding, rules: Sequence[Finding]) -> Finding:
    if not rules:
        return known
    rule = max(rules, key=lambda finding: finding.confidence)
    taken = _places([known])
    elsewhere = (it for one in rules for it in one.occurrences if not _overlaps(it, taken))
    return replace(
        known,
        rule=rule.rule,
        name=f"{rule.name}: {known.name}",
        provider=rule.provider,
        reasons=(*known.reasons, *rule.reasons),
        remediation=rule.remediation or known.remediation,
        occurrences=tuple(dict.fromkeys((*known.occurrences, *elsewhere))),
        encoded=tuple(dict.fromkeys((*known.encoded, *(it for one in rules for it in one.encoded)))),
    )


def _places(findings: Iterable[Finding]) -> dict[_At, list[Occurrence]]:
    places: dict[_At, list[Occurrence]] = defaultdict(list)
    for finding in findings:
        for occurrence in finding.occurrences:
            places[_at(occurrence)].append(occurrence)
    return places


def _at(it: Occurrence) -> _At:
    return it.path, it.part, it.blob, it.commit


def _overlaps(it: Occurrence, taken: dict[_At, list[Occurrence]]) -> bool:
    return any(
        (it.line, it.column) < (other.end_line, other.end_column)
        and (other.line, other.column) < (it.end_line, it.end_column)
        for other in taken.get(_at(it), ())
    )
