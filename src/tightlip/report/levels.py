"""Severity and confidence: their words, and the order that follows from them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tightlip.model import HIGH, MEDIUM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tightlip.finding import Finding, Occurrence

SEVERITIES = ("critical", "high", "medium", "low")


def confidence_word(confidence: float) -> str:
    """Return `high`, `medium` or `low`."""
    return "high" if confidence >= HIGH else "medium" if confidence >= MEDIUM else "low"


def by_severity(severities: Iterable[str]) -> str:
    """Return how many there are of each: `1 critical, 12 low`."""
    counts = Counter(severities)
    return ", ".join(f"{counts[severity]:,} {severity}" for severity in SEVERITIES if counts[severity])


def most_urgent_first(findings: Iterable[Finding]) -> list[Finding]:
    """Order by severity, then confidence, then place; always the same for the same findings."""
    return sorted(findings, key=_urgency)


def places(finding: Finding, kind: str) -> list[Occurrence]:
    """Return where a finding is: oldest first in a history, as the scan gives them; by path elsewhere."""
    return list(finding.occurrences) if kind == "history" else sorted(finding.occurrences, key=_place)


def _urgency(finding: Finding) -> tuple[object, ...]:
    first = min(map(_place, finding.occurrences), default=("", 0, 0))
    return (SEVERITIES.index(finding.severity), -finding.confidence, first, finding.rule)


def _place(occurrence: Occurrence) -> tuple[str, int, int]:
    return (occurrence.path, occurrence.line, occurrence.column)
