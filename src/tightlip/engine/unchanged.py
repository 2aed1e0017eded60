"""Whether a text holds nothing that an earlier version of it did not hold, told without looking at what its hits are.

A commit changes a few lines of a file, and most hits stand elsewhere in it. What a hit comes to depends on the bytes
around it alone. So where these are in the earlier version, as they are, nothing there is new, and nothing is loaded.
"""

from __future__ import annotations

from tightlip.engine.text import is_plain
from tightlip.model import LOOKAROUND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tightlip.engine.compiled import Compiled

BEFORE, AFTER = 256, 100
"""The most bytes before and after a value that a filter looks at."""


def may_hold(compiled: Compiled, data: bytes, path: bytes) -> bool:
    """Whether a text could hold something under a path."""
    hits, marks = compiled.split(compiled.prefilter.candidates(data))
    return bool(marks) or not is_plain(data) or any(compiled.applies(index, path) for index in hits)


def brings_nothing(compiled: Compiled, data: bytes, old: bytes, path: bytes) -> bool:
    """Whether all that `data` could hold under a path was in `old`, its earlier version; False where not sure."""
    if not is_plain(data) or not is_plain(old):
        return False
    hits, marks = compiled.split(compiled.prefilter.candidates(data))
    if not all(
        _stands(compiled, index, ends, data, old) for index, ends in hits.items() if compiled.applies(index, path)
    ):
        return False
    if not marks:
        return True
    from tightlip.engine import decode

    found = decode.search(compiled, data, marks)
    return not found.missed and not found.slow and not any(inner.matches for inner in found.inner)


def _stands(compiled: Compiled, index: int, ends: list[int] | None, data: bytes, old: bytes) -> bool:
    """Whether each hit of a rule is in `old` with all that decides over it. Of a pair, either may be what is new."""
    if ends is None or index in compiled.paired:
        return False
    reach = compiled.reach_of(index)
    before, after = reach.before + LOOKAROUND + BEFORE, LOOKAROUND + AFTER
    return all(_is_in(data, end - before, reach.stop(data, end) + after, old) for end in ends)


def _is_in(data: bytes, start: int, stop: int, old: bytes) -> bool:
    """Whether a part of a text is in another one too, and, where it is cut off by an end of the text, at that end."""
    part = data[max(start, 0) : stop]
    if start < 0:
        return old.startswith(part) and (stop < len(data) or old == part)
    return old.endswith(part) if stop >= len(data) else part in old
