"""In which order the objects of a unit are read: each followed by all below it, the child that most lies below last.

Whoever reads them in that order holds few at a time: the base of a last child is not needed any more.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.git.packs.forest import NONE, Forest
from tightlip.git.packs.index import Numbers


class Order(NamedTuple):
    """Objects in that order; the other arrays have a row for each."""

    rows: Numbers
    """Which objects they are."""
    bases: Numbers
    """Where in this order the base is; -1 for an object that has none, or has it in another unit."""
    has_more: NDArray[np.bool_]
    """Whether something in the unit is made of it."""
    is_last: NDArray[np.bool_]
    """Whether nothing after it is made of its base."""


def depth_first(unit: Numbers, forest: Forest) -> Order:
    """Order the objects of a unit."""
    bases = _within(unit, forest.bases[unit])
    levels = _levels(forest.depths[unit])
    places = _places(bases, levels, _below(bases, levels))
    order = np.argsort(places)
    moved = np.where(bases >= 0, places[bases], NONE)[order]
    return Order(unit[order], moved, *_ends(moved))


def _within(unit: Numbers, wanted: Numbers) -> Numbers:
    """Return where in a unit objects are; -1 for one that is not in it."""
    order = np.argsort(unit)
    at = order[np.minimum(np.searchsorted(unit, wanted, sorter=order), len(unit) - 1)]
    return np.where(unit[at] == wanted, at, NONE)


def _levels(depths: Numbers) -> list[Numbers]:
    """Return the objects of each depth: those of one are made of those of the one before."""
    order = np.argsort(depths, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(depths[order])) + 1)


def _below(bases: Numbers, levels: list[Numbers]) -> Numbers:
    """Return how many objects each is the top of, with itself."""
    below = np.ones(len(bases), np.int64)
    for level in reversed(levels):
        inside = level[bases[level] >= 0]
        np.add.at(below, bases[inside], below[inside])
    return below


def _places(bases: Numbers, levels: list[Numbers], below: Numbers) -> Numbers:
    """Return the place of each object: that of its base, and past that all that is below smaller children."""
    order = np.lexsort((np.where(bases >= 0, below, 0), bases))  # tops stay as they are
    before = np.cumsum(below[order]) - below[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = bases[order[1:]] != bases[order[:-1]]
    places = np.empty(len(order), np.int64)
    places[order] = before - before[first][np.cumsum(first) - 1]
    for level in levels:
        inside = level[bases[level] >= 0]
        places[inside] += places[bases[inside]] + 1
    return places


def _ends(bases: Numbers) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which objects have more made of them, and which are the last of those."""
    has_more, is_last = np.zeros(len(bases), np.bool_), np.zeros(len(bases), np.bool_)
    inside = np.flatnonzero(bases >= 0)
    has_more[bases[inside]] = True
    last = np.empty(len(bases), np.int64)
    last[bases[inside]] = inside  # the last one stays
    is_last[last[has_more]] = True
    return has_more, is_last
