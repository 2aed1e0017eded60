"""Which entries of a baseline still match something."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tightlip.baseline.matching import is_live, known

if TYPE_CHECKING:
    from tightlip.baseline.entry import Entry
    from tightlip.baseline.file import Baseline
    from tightlip.finding import Report


class Compared(NamedTuple):
    """The entries of a baseline, sorted by what scans found. The rest match something."""

    stale: list[Entry]
    """They match nothing."""
    aside: list[Entry]
    """Nobody looked for what they are about: it was in the history, or a rule's that was not used."""
    live: list[Entry]
    """They match what is critical, and surely a secret."""


def compare(baseline: Baseline, reports: Sequence[Report], top: str | None, rules: Collection[str]) -> Compared:
    """Return how the entries stand after complete scans, for what is ever so unsure.

    Parameters: `rules`, the ids of all that were used; otherwise as of `matching.known`.
    """
    looked_back = any(report.kind == "history" for report in reports)
    every = [it for report in reports for it in known(report, baseline, top)]
    matched = {entry.key for it in every for entry in it.entries}
    live = {entry.key for it in every if is_live(it.finding) for entry in it.entries}
    left = [entry for entry in baseline.entries if entry.key not in matched]
    aside = [entry for entry in left if entry.rule not in rules or (entry.is_history and not looked_back)]
    return Compared(
        stale=[entry for entry in left if entry not in aside],
        aside=aside,
        live=[entry for entry in baseline.entries if entry.key in live],
    )
