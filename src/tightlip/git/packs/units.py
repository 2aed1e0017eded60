"""The forest cut into pieces of work, by the bytes that they take in the packs.

An object that inflates to much more counts for more, since all that a piece holds is inflated at once.
A piece is an object with all that lie below it. One that would be too large is cut: its top is a piece by itself, and
so is what lies below each of its children; their base is then resolved once more, by who reads them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tightlip.git.packs.forest import Forest
from tightlip.git.packs.index import Numbers

_DEPTH_BITS = 32
_LARGE = 1 << 32
"""Bytes that no object has that is read: a header may lie."""


def units(forest: Forest, most: int) -> list[Numbers]:
    """Return the objects of each unit of work, of one kind and about `most` packed bytes each, or 16 inflated ones.

    An object comes after its base, where that is in the same unit.
    """
    weights = np.maximum(forest.ends - forest.starts, np.minimum(forest.sizes, _LARGE) >> 4)
    levels = list(_levels(forest))
    below = weights.copy()  # what an object and all below it weigh
    for level in reversed(levels[1:]):
        np.add.at(below, forest.bases[level], below[level])
    tops = np.arange(len(weights))
    for level in levels[1:]:
        bases = forest.bases[level]
        inside = below[bases] <= most
        tops[level[inside]] = tops[bases[inside]]
    return list(_units(forest, tops, weights, most))


def _levels(forest: Forest) -> Iterator[Numbers]:
    """Yield the objects of each depth."""
    order = np.argsort(forest.depths, kind="stable")
    order = order[forest.depths[order] >= 0]
    yield from np.split(order, np.flatnonzero(np.diff(forest.depths[order])) + 1)


def _units(forest: Forest, tops: Numbers, weights: Numbers, most: int) -> Iterator[Numbers]:
    """Put the pieces in the order of their tops' places, and cut that row of them by weight."""
    rows = np.flatnonzero(forest.depths >= 0)
    first_ones = rows[tops[rows] == rows]
    place = np.zeros(len(tops), np.int64)
    in_order = np.lexsort((forest.starts[first_ones], forest.pack[first_ones], forest.kinds[first_ones]))
    place[first_ones[in_order]] = np.arange(len(first_ones))
    order = rows[np.argsort(place[tops[rows]] << _DEPTH_BITS | forest.depths[rows], kind="stable")]
    kinds, top = forest.kinds[order], tops[order]
    first = np.ones(len(order), np.bool_)  # of a piece
    first[1:] = top[1:] != top[:-1]
    before = np.cumsum(weights[order]) - weights[order]
    share = (before[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))] // most) if len(order) else before
    cut = np.flatnonzero((np.diff(share) != 0) | (np.diff(kinds) != 0)) + 1
    for part in np.split(order, cut):
        if len(part):
            yield part
