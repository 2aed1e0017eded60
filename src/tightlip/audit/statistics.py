"""How often each rule was right, by what people judged."""

from __future__ import annotations

from collections import defaultdict
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from tightlip.baseline.entry import ACCEPTED, FALSE_ALARM, REAL, REVOKED, TEST_VALUE, UNJUDGED

if TYPE_CHECKING:
    from tightlip.baseline.file import Baseline

_Z = 1.959964
"""The quantile of the normal distribution for 95 %."""
_REAL = (REAL, REVOKED, ACCEPTED)


class Interval(NamedTuple):
    """The bounds of a share, from 0 to 1."""

    low: float
    high: float


class Row(NamedTuple):
    """What was judged of a rule's findings, each value once."""

    rule: str
    real: int
    """Real, revoked or accepted."""
    false_alarms: int
    test_values: int
    unjudged: int

    @property
    def judged(self) -> int:
        """How many somebody has judged."""
        return self.real + self.false_alarms + self.test_values

    @property
    def precision(self) -> float | None:
        """The share of what was judged that was real, from 0 to 1; None where nothing was judged."""
        return self.real / self.judged if self.judged else None

    @property
    def interval(self) -> Interval | None:
        """Where the share of all such findings is, with a confidence of 95 %."""
        return wilson(self.real, self.judged) if self.judged else None


def rows(baseline: Baseline) -> list[Row]:
    """Return a row for each rule: the least precise first, and of equals the one that was judged more often."""
    states: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for entry in baseline.entries:
        states[entry.rule].add((entry.id, entry.judgement.state))
    return sorted((_row(rule, [state for _, state in pairs]) for rule, pairs in states.items()), key=_badness)


def total(every: list[Row]) -> Row:
    """Return the sum of rows."""
    return Row(
        "total", *(sum(column) for column in zip(*(row[1:] for row in every), strict=True)) if every else (0,) * 4
    )


def wilson(hits: int, of: int) -> Interval:
    """Return the score interval of a share (Wilson 1927). Parameters: `of`, at least 1."""
    share, spread = hits / of, _Z * _Z / of
    middle = share + spread / 2
    half = _Z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return Interval(max((middle - half) / (1 + spread), 0.0), min((middle + half) / (1 + spread), 1.0))


def _row(rule: str, states: list[str]) -> Row:
    return Row(
        rule,
        real=sum(state in _REAL for state in states),
        false_alarms=states.count(FALSE_ALARM),
        test_values=states.count(TEST_VALUE),
        unjudged=states.count(UNJUDGED),
    )


def _badness(row: Row) -> tuple[float, int, str]:
    return 2.0 if row.precision is None else row.precision, -row.judged, row.rule
