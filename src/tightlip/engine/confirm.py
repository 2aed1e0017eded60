"""From a prefilter's hits to a rule's exact matches.

What a rule matches is defined by `finditer` of its pattern over the whole text. Only the neighbourhood of each hit is
searched, and the outcome is the same: every match contains a hit, begins no further before its end than the pattern
allows, and is no wider than the pattern; and a match that overlaps it lies within the same stretch.
"""

from __future__ import annotations

from tightlip.engine.around import AFTER, BEFORE
from tightlip.engine.judge import settle
from tightlip.model import LOOKAROUND, Secret
from tightlip.rule import Match

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import regex

    from tightlip.engine.compiled import Compiled
    from tightlip.engine.reach import Reach
    from tightlip.rule import Rule

_MOST_VERDICTS, _LONGEST_REMEMBERED = 1 << 14, 1 << 10
"""Verdicts that are kept in memory, of values of so many bytes; with more verdicts, all are forgotten."""
TIMEOUT = 5.0
"""Seconds that one rule may take over one stretch of text."""


def matches(
    pattern: regex.Pattern[bytes], reach: Reach, data: bytes, ends: Sequence[int] | None, *, overlapped: bool = False
) -> Iterator[regex.Match[bytes]]:
    """Yield the matches of `pattern` around the hits that end at `ends` (everywhere when None).

    Parameters: `overlapped`, also those that begin within another.

    Raises `TimeoutError` where the pattern takes too long.
    """
    if ends is None:
        yield from list(pattern.finditer(data, overlapped=overlapped, timeout=TIMEOUT))
        return
    for first, last in _stretches(ends, reach):
        stop = min(len(data), reach.stop(data, last) + LOOKAROUND)
        # All at once: the time that is taken between two matches counts too.
        for match in list(pattern.finditer(data, first, stop, overlapped=overlapped, timeout=TIMEOUT)):
            if match.start() >= last:  # without a hit in it
                break
            yield match


def _stretches(ends: Sequence[int], reach: Reach) -> Iterator[tuple[int, int]]:
    """Yield where to begin, and where the last hit ends, of hits of which matches may overlap."""
    ends = sorted(ends)
    first, last = ends[0] - reach.before, ends[0]
    for end in ends:
        if end - reach.before > last + reach.width:
            yield max(0, first), last
            first = end - reach.before
        last = end
    yield max(0, first), last


def confirmed(compiled: Compiled, index: int, text: bytes, ends: Sequence[int] | None) -> Iterator[Match]:
    """Yield the matches of one rule that are judged to be secrets, however unsure.

    Raises `TimeoutError` where the rule takes too long.
    """
    rule = compiled.rules[index]
    # A name's own value may be what another value stands behind: `password = getenv("PASSWORD") or "..."`.
    overlapped = "assignment" in rule.filters
    seen = set()
    for match in matches(compiled.pattern(rule.pattern), compiled.reach_of(index), text, ends, overlapped=overlapped):
        start, end = match.span("secret")
        if start < 0 or (start, end) in seen:  # the group stands in a branch that took no part
            continue
        seen.add((start, end))
        whose, confidence, reasons = settled(compiled, index, text, start, end)
        if confidence > 0:
            yield Match(whose, Secret(match["secret"]), start, end, confidence, reasons)


def settled(compiled: Compiled, index: int, text: bytes, start: int, end: int) -> tuple[Rule, float, tuple[str, ...]]:
    """Return what `settle` does, for the same match with the same around it without asking anew."""
    if end - start > _LONGEST_REMEMBERED:
        return settle(compiled, compiled.rules[index], text, start, end)
    first = max(0, start - BEFORE)
    key = (index, start - first, end - start, text[first : end + AFTER])
    found = compiled.verdicts.get(key)
    if found is None:
        if len(compiled.verdicts) >= _MOST_VERDICTS:
            compiled.verdicts.clear()
        found = compiled.verdicts[key] = settle(compiled, compiled.rules[index], text, start, end)
    return found
