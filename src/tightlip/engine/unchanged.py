"""Whether a text holds nothing that an earlier version of it did not hold, told without looking at what its hits are.

A commit changes a few lines of a file, and most hits stand elsewhere in it. What a hit comes to depends on the bytes
around it alone, and on whether something longer is found over it. So where these bytes are in the earlier version, as
they are, nothing there is new, and nothing is loaded.
"""

from __future__ import annotations

from tightlip.engine import around
from tightlip.engine.text import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.engine.compiled import Compiled


_MOST = 1 << 26
"""Bytes of earlier versions that are searched for what stands around hits: with more hits, they are looked at."""


def brings_nothing(compiled: Compiled, data: bytes, old: bytes, path: bytes) -> bool:
    """Whether all that `data` could hold under a path was in `old`, its earlier version; False where not sure."""
    if not is_plain(data) or not is_plain(old):
        return False
    hits, marks = compiled.split(compiled.prefilter.candidates(data))
    applying = {index: ends for index, ends in hits.items() if compiled.applies(index, path)}
    # Of two rules that need each other either may be what is new; and an archive is decoded from its beginning on.
    if not compiled.paired.isdisjoint(applying) or compiled.marks in marks:
        return False
    same, changed = _alike(data, old), len(data) - _alike(data[::-1], old[::-1])
    left = _MOST
    for index, ends in (*applying.items(), *marks.items()):
        if ends is None:
            return False
        for start, stop in _zones(compiled, index, ends, data):
            if stop <= same or start >= changed:
                continue
            left -= len(old)
            if left < 0 or not _is_in(data, start, stop, old):
                return False
    return True


def _alike(data: bytes, old: bytes) -> int:
    """Return how many bytes two texts begin with in common."""
    least, most = 0, min(len(data), len(old))
    while least < most:
        middle = (least + most + 1) // 2
        if data[least:middle] == old[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def _zones(compiled: Compiled, index: int, ends: list[int], data: bytes) -> Iterator[tuple[int, int]]:
    """Yield from where to where the text decides over the hits of a rule, or over marks."""
    if index == compiled.runs:
        return (around.run(start, end) for start, end in around.runs(data, sorted(ends)))
    if index >= compiled.marks:
        return map(around.cluster, around.clusters(sorted(ends)))
    reach = compiled.reach_of(index)
    return (around.hit(reach, data, end) for end in ends)


def _is_in(data: bytes, start: int, stop: int, old: bytes) -> bool:
    """Whether a part of a text is in another one too, and, where it is cut off by an end of the text, at that end."""
    part = data[max(start, 0) : stop]
    if start < 0:
        return old.startswith(part) and (stop < len(data) or old == part)
    return old.endswith(part) if stop >= len(data) else part in old
