"""Texts of which parts stand for other characters: around each mark the parts are replaced, and the rest stays."""

from __future__ import annotations

from tightlip.engine.around import NEAR
from tightlip.engine.decode.decoded import Decoded, Source, Sources
from tightlip.model import Value
from tightlip.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import regex

_LEFT, _RIGHT = 125, 40
"""Bytes by which a mark is judged; around a change marks are looked for as far as that, and not farther."""
_SNAP = 256
"""Bytes by which a window around a mark may be wider."""
_WITHIN = NEAR - _SNAP
"""Bytes before and after a mark within which parts are replaced."""
_BREAK = pattern(rb"\n|[^\w+/=.\\%&#;-]")


class Notation(Value):
    """How other characters are written.

    `step` is what a person calls it; `part` is what stands for something else, and `meaning` says for what; `is_likely`
    tells whether a mark is one, and not mere punctuation of source text, by some bytes before its end and after it.
    """

    __slots__ = ("is_likely", "meaning", "part", "step")

    def __init__(
        self,
        step: str,
        part: regex.Pattern[bytes],
        meaning: Callable[[regex.Match[bytes]], bytes],
        is_likely: Callable[[bytes, bytes], bool],
    ) -> None:
        self.step = step
        self.part = part
        self.meaning = meaning
        self.is_likely = is_likely


def likely(notation: Notation, text: bytes, ends: Sequence[int]) -> list[int]:
    """Return the ends of those marks that are not mere punctuation of source text."""
    return [end for end in ends if notation.is_likely(text[max(end - _LEFT, 0) : end], text[end : end + _RIGHT])]


def decoded(notation: Notation, text: bytes, ends: Sequence[int] | None) -> Iterator[Decoded]:
    """Yield the surroundings of the marks in a text with all parts replaced; the whole text where none are known."""
    if ends is not None:
        ends = likely(notation, text, ends)
        if not ends:
            return
    for start, end in _windows(text, ends):
        yield from _replaced(notation, text, start, end)


def _windows(text: bytes, ends: Sequence[int] | None) -> Iterator[tuple[int, int]]:
    if ends is None:
        yield 0, len(text)
        return
    ends = sorted(ends)
    first = last = ends[0]
    for end in ends[1:]:
        if end - last > 2 * _WITHIN:
            yield _snapped(text, first - _WITHIN, last + _WITHIN)
            first = end
        last = end
    yield _snapped(text, first - _WITHIN, last + _WITHIN)


def _snapped(text: bytes, start: int, end: int) -> tuple[int, int]:
    """Widen a window to where a line or at least a word ends."""
    if start > 0:
        breaks = list(_BREAK.finditer(text, max(start - _SNAP, 0), start))
        lines = [found for found in breaks if found[0] == b"\n"]
        start = (lines or breaks)[-1].end() if breaks else start
    if end < len(text):
        line = text.find(b"\n", end, end + _SNAP)
        word = None if line >= 0 else _BREAK.search(text, end, end + _SNAP)
        end = line if line >= 0 else word.start() if word else end
    return max(start, 0), min(end, len(text))


def _replaced(notation: Notation, text: bytes, start: int, end: int) -> Iterator[Decoded]:
    parts: list[bytes] = []
    rows: list[Source] = []
    seams: list[int] = []
    made, at = 0, start

    def add(part: bytes, first: int, last: int, *, is_copy: bool) -> None:
        nonlocal made
        rows.append(Source(made, first, last, is_copy=is_copy))
        parts.append(part)
        made += len(part)

    for found in notation.part.finditer(text, start, end):
        if at < found.start():
            add(text[at : found.start()], at, found.start(), is_copy=True)
        at = found.end()
        seams.append(made)
        if meaning := notation.meaning(found):
            add(meaning, found.start(), at, is_copy=False)
    if at < end:
        add(text[at:end], at, end, is_copy=True)
    if seams:
        yield Decoded((notation.step,), b"".join(parts), Sources(rows), seams=seams)
