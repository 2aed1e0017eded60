"""Which matches of one text stand: those whose company is there, and of several at one place the best."""

from __future__ import annotations

from bisect import bisect_left

from tightlip.model import MEDIUM
from tightlip.rule import Match

_SEVERITIES = ("critical", "high", "medium", "low")


def resolve(matches: list[Match]) -> list[Match]:
    """Return the matches that stand, in the order of their places."""
    kept: list[Match] = []  # in the order of their places, and none overlaps another
    for match in sorted(_accompanied(matches), key=_rank):
        at = bisect_left(kept, match.end, key=_start)
        if not at or kept[at - 1].end <= match.start:
            kept.insert(at, match)
    return kept


def _start(match: Match) -> int:
    return match.start


def _accompanied(matches: list[Match]) -> list[Match]:
    """Those that require no other rule, or whose rule matched within so many lines."""
    lines: dict[str, list[int]] = {}
    for match in sorted(matches, key=lambda match: match.line):
        lines.setdefault(match.rule.id, []).append(match.line)
    return [match for match in matches if _has_company(match, lines)]


def _has_company(match: Match, lines: dict[str, list[int]]) -> bool:
    requires = match.rule.requires
    if requires is None:
        return True
    near = lines.get(requires.rule, [])
    at = bisect_left(near, match.line - requires.within)
    return at < len(near) and near[at] <= match.end_line + requires.within


def _rank(match: Match) -> tuple[bool, bool, float, int, int, str]:
    """A provider's own goes before a generic rule's guess, unless judged down; then the surest, gravest, widest."""
    rule = match.rule
    return (
        match.confidence < MEDIUM <= rule.confidence,
        not rule.provider,
        -match.confidence,
        _SEVERITIES.index(rule.severity),
        match.start - match.end,
        rule.id,
    )
