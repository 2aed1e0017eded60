"""Reports without what differs from one scan to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tightlip.finding import Report

Told = tuple[object, ...]


class Outcome(NamedTuple):
    """Findings as rule, value, confidence, whether HEAD has it, and places; and the rest of a report."""

    findings: list[Told]
    unscanned: list[tuple[str, str]]
    scanned: dict[str, int]
    allowed: int

    def without(self, value: str) -> list[Told]:
        """The findings but for those of a value."""
        return [found for found in self.findings if found[1] != value.encode()]

    def in_head(self, value: str) -> list[object]:
        """Whether HEAD has a value, by each rule that found it."""
        return [found[3] for found in self.findings if found[1] == value.encode()]

    @property
    def values(self) -> set[tuple[str, bytes]]:
        """Rule and value of each secret."""
        return {(str(rule), value) for rule, value, *_ in self.findings if isinstance(value, bytes)}

    @property
    def secrets(self) -> set[str]:
        """The values alone."""
        return {value.decode() for _, value in self.values}


Scan = Callable[..., Outcome]


def outcome(report: Report) -> Outcome:
    """Take a report down to what must be the same however it came about."""
    findings = [
        (one.rule, one.secret.reveal(), one.confidence, one.in_head, sorted(map(repr, one.occurrences)))
        for one in report.findings
    ]
    unscanned = sorted((item.what, item.why) for item in report.unscanned)
    return Outcome(sorted(findings), unscanned, report.scanned, report.allowed)
