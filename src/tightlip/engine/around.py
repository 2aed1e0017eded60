"""How far around a hit of the prefilter the text decides over what the hit comes to."""

from __future__ import annotations

from bisect import bisect_right

from tightlip.engine.runs import find
from tightlip.model import LOOKAROUND

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tightlip.engine.reach import Reach

BEFORE, AFTER = 256, 100
"""The most bytes before and after a value that a filter looks at."""
NEAR = 768
"""How far from a mark a decoder goes."""
APART = 1024
"""Marks of one kind that stand closer to the one before are not followed by themselves."""
_A_RUN = 128
"""Bytes around a run that say what it decodes to."""


def hit(reach: Reach, text: bytes, end: int) -> tuple[int, int]:
    """Return from where to where the text decides over a rule's hit that ends at `end`: may be beyond its ends."""
    return reach.start(text, end) - LOOKAROUND - BEFORE, reach.stop(text, end) + LOOKAROUND + AFTER


def at_most(reach: Reach) -> tuple[int, int]:
    """Return how many bytes before and after the end of any hit of a rule decide over it at most."""
    return reach.before + LOOKAROUND + BEFORE, reach.width + LOOKAROUND + AFTER


def cluster(ends: Sequence[int]) -> tuple[int, int]:
    """The same of marks that are close together."""
    return ends[0] - 2 * NEAR, ends[-1] + 2 * NEAR + APART


def run(start: int, end: int) -> tuple[int, int]:
    """The same of a run."""
    return start - _A_RUN, end + _A_RUN


def clusters(ends: Sequence[int]) -> Iterator[list[int]]:
    """Yield marks that are so close together that what decodes may reach from one to the other."""
    found: list[int] = []
    for end in ends:
        if found and end - found[-1] > 4 * NEAR:
            yield found
            found = []
        found.append(end)
    if found:
        yield found


def runs(text: bytes, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the runs that hold some ends, as they are in the whole text."""
    for pieces in find(text):
        if bisect_right(ends, pieces[-1]) > bisect_right(ends, pieces[0]):
            yield pieces[0], pieces[-1]
