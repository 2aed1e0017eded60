"""From a prefilter's hits to a rule's exact matches.

What a rule matches is defined by `finditer` of its pattern over the whole text. Only the neighbourhood of each hit is
searched, and the outcome is the same: every match contains a hit and is no wider than the pattern's width, so it lies
within one width of the hit, and a match that overlaps it lies within the same stretch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tightlip.engine.judge import settle
from tightlip.model import LOOKAROUND, Secret
from tightlip.rule import Match

if TYPE_CHECKING:
    import regex

    from tightlip.engine.compiled import Compiled

TIMEOUT = 5.0
"""Seconds that one rule may take over one stretch of text."""


def matches(
    pattern: regex.Pattern[bytes], width: int, data: bytes, ends: Sequence[int] | None, *, overlapped: bool = False
) -> Iterator[regex.Match[bytes]]:
    """Yield the matches of `pattern` around the hits that end at `ends` (everywhere when None).

    Parameters: `overlapped`, also those that begin within another.

    Raises `TimeoutError` where the pattern takes too long.
    """
    if ends is None:
        yield from list(pattern.finditer(data, overlapped=overlapped, timeout=TIMEOUT))
        return
    for start, stop in _stretches(ends, width, len(data)):
        # All at once: the time that is taken between two matches counts too.
        last = min(len(data), stop + width + LOOKAROUND)
        for match in list(pattern.finditer(data, start, last, overlapped=overlapped, timeout=TIMEOUT)):
            if match.start() >= stop:
                break
            yield match


def _stretches(ends: Sequence[int], width: int, size: int) -> Iterator[tuple[int, int]]:
    """Merge the neighbourhoods of the hits."""
    ends = sorted(ends)
    start = max(0, ends[0] - width)
    stop = min(size, ends[0] + width)
    for end in ends:
        if end - width > stop:
            yield start, stop
            start = end - width
        stop = min(size, end + width)
    yield start, stop


def confirmed(compiled: Compiled, index: int, text: bytes, ends: Sequence[int] | None) -> Iterator[Match]:
    """Yield the matches of one rule that are judged to be secrets, however unsure.

    Raises `TimeoutError` where the rule takes too long.
    """
    rule = compiled.rules[index]
    # A name's own value may be what another value stands behind: `password = getenv("PASSWORD") or "..."`.
    overlapped = "assignment" in rule.filters
    seen = set()
    for match in matches(compiled.pattern(rule.pattern), compiled.width(index), text, ends, overlapped=overlapped):
        start, end = match.span("secret")
        if start < 0 or (start, end) in seen:  # the group stands in a branch that took no part
            continue
        seen.add((start, end))
        whose, confidence, reasons = settle(compiled, rule, text, start, end)
        if confidence > 0:
            yield Match(whose, Secret(match["secret"]), start, end, confidence, reasons)
