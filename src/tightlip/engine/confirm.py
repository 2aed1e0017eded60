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
    from collections.abc import Iterable, Iterator, Sequence

    import regex

    from tightlip.engine.compiled import Compiled
    from tightlip.engine.reach import Reach
    from tightlip.rule import Rule

    Stretch = tuple[int, int, int]
    """From where on matches begin, where the last hit ends that may be in one, and where they end at the latest."""

_MOST_VERDICTS, _LONGEST_REMEMBERED = 1 << 14, 1 << 10
"""Verdicts that are kept in memory, of values of so many bytes; with more verdicts, all are forgotten."""
_MOST_STRETCHES, _LONGEST_STRETCH = 1 << 14, 1 << 11
"""The same of stretches of text, and what a pattern matches in them."""
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
    for stretch in _stretches(data, reach, ends):
        yield from _around(pattern, data, stretch, overlapped=overlapped)


def _around(
    pattern: regex.Pattern[bytes], data: bytes, stretch: Stretch, *, overlapped: bool
) -> Iterator[regex.Match[bytes]]:
    first, last, stop = stretch
    # All at once: the time that is taken between two matches counts too.
    for match in list(pattern.finditer(data, first, stop, overlapped=overlapped, timeout=TIMEOUT)):
        if match.start() >= last:  # without a hit in it
            break
        yield match


def _stretches(data: bytes, reach: Reach, ends: Sequence[int]) -> Iterator[Stretch]:
    """Yield stretches around hits, with all hits in one of which matches may overlap."""
    ends = sorted(ends)
    first, last = reach.start(data, ends[0]), ends[0]
    for end in ends:
        start = reach.start(data, end)
        if start > reach.stop(data, last):
            yield first, last, _stop(data, reach, last)
            first = start
        last = end
    yield first, last, _stop(data, reach, last)


def stretch(data: bytes, reach: Reach, end: int | None) -> Stretch:
    """Return the stretch around a hit that ends at `end`; None for all of the text."""
    return (0, len(data), len(data)) if end is None else (reach.start(data, end), end, _stop(data, reach, end))


def _stop(data: bytes, reach: Reach, last: int) -> int:
    return min(len(data), reach.stop(data, last) + LOOKAROUND)


def confirmed(compiled: Compiled, index: int, text: bytes, ends: Sequence[int] | None) -> Iterator[Match]:
    """Yield the matches of one rule that are judged to be secrets, however unsure.

    Raises `TimeoutError` where the rule takes too long.
    """
    rule = compiled.rules[index]
    # A name's own value may be what another value stands behind: `password = getenv("PASSWORD") or "..."`.
    overlapped = "assignment" in rule.filters
    for start, end in _values(compiled, index, text, ends, overlapped=overlapped):
        whose, confidence, reasons = settled(compiled, index, text, start, end)
        if confidence > 0:
            yield Match(whose, Secret(text[start:end]), start, end, confidence, reasons)


def _values(
    compiled: Compiled, index: int, text: bytes, ends: Sequence[int] | None, *, overlapped: bool
) -> Iterable[tuple[int, int]]:
    """Return from where to where the values stand that a rule matches, each once."""
    reach = compiled.reach_of(index)
    stretches = [stretch(text, reach, None)] if ends is None else _stretches(text, reach, ends)
    return dict.fromkeys(
        value for stretch in stretches for value in values(compiled, index, text, stretch, overlapped=overlapped)
    )


def values(
    compiled: Compiled, index: int, text: bytes, stretch: Stretch, *, overlapped: bool
) -> Iterable[tuple[int, int]]:
    """Return from where to where the values stand in what a rule matches in a stretch of text.

    The same stretch, which comes back in version after version of a file, is not searched again.

    Raises `TimeoutError` where the pattern takes too long.
    """
    first, last, stop = stretch
    seen = max(0, first - LOOKAROUND)
    pattern = compiled.pattern(compiled.rules[index].pattern)
    if stop - seen > _LONGEST_STRETCH:
        return _secrets(_around(pattern, text, stretch, overlapped=overlapped))
    key = (index, overlapped, first - seen, last - first, text[seen:stop])
    found = compiled.stretches.get(key)
    if found is None:
        if len(compiled.stretches) >= _MOST_STRETCHES:
            compiled.stretches.clear()
        spans = _secrets(_around(pattern, text, stretch, overlapped=overlapped))
        found = compiled.stretches[key] = tuple((start - first, end - first) for start, end in spans)
    return [(first + start, first + end) for start, end in found]


def _secrets(found: Iterable[regex.Match[bytes]]) -> Iterator[tuple[int, int]]:
    spans = (match.span("secret") for match in found)
    return (span for span in spans if span[0] >= 0)  # the group may stand in a branch that took no part


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
