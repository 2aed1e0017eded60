"""All packed objects of a repository as a forest: each object once, below the one that it is a delta of.

Two packs may hold the same object; then one of its entries is taken. A base is found by its id, in whatever pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tightlip.git.packs.entries import BAD, OFS_DELTA, REF_DELTA, Entries
from tightlip.git.packs.index import Bytes, Index, Numbers

_Array: TypeAlias = NDArray[Any]

NONE = -1
CIRCULAR = -2


class Forest(NamedTuple):
    """The packed objects, in the order of their ids; the other arrays have a row for each.

    An object that is not to be had this way has a depth below 0: -1 where its entry or one below it is damaged or
    missing, -2 where its deltas go round in a circle, in which git would run for ever.
    """

    oids: Bytes
    packs: list[str]
    """The files."""
    pack: Numbers
    """Which file holds the entry."""
    starts: Numbers
    ends: Numbers
    """Where in it the deflated data lies."""
    sizes: Numbers
    """What the data inflates to, in bytes."""
    bases: Numbers
    """Which object it is a delta of; -1 where it is whole."""
    depths: Numbers
    """How many deltas it is made of: 0 where it is whole."""
    kinds: Bytes
    """COMMIT, TREE, BLOB or TAG, of deltas too."""
    fits: bool
    """Whether all packs are those that their indexes are of. If not, what is read must be checked against its id."""


def forest(packs: Sequence[tuple[Index, Entries]], width: int) -> Forest:
    """Put the entries of packs together. Parameters: `width`, the bytes of an id."""
    starts = np.cumsum([0, *(len(found.rows) for _, found in packs)])
    oids = _joined((index.oids[found.rows] for index, found in packs), np.zeros((0, width), np.uint8))
    kinds = _joined((found.kinds for _, found in packs), np.zeros(0, np.uint8))
    row, keep = _objects(packs, oids, kinds == BAD)
    base_oids = _joined((found.base_oids for _, found in packs), oids[:0])
    within = (
        np.where(found.bases >= 0, found.bases + start, NONE) for (_, found), start in zip(packs, starts, strict=False)
    )
    entry = _joined(within)[keep]
    bases = np.where(entry >= 0, row[entry], NONE)
    refs = np.flatnonzero(kinds[keep] == REF_DELTA)
    bases[refs] = find(oids[keep], base_oids[keep[refs]])
    bases[kinds[keep] == BAD] = NONE
    depths, roots = _depths(bases, ~np.isin(kinds[keep], (OFS_DELTA, REF_DELTA, BAD)))
    return Forest(
        oids=oids[keep],
        packs=[index.path for index, _ in packs],
        pack=np.repeat(np.arange(len(packs)), np.diff(starts))[keep],
        starts=_joined(found.starts for _, found in packs)[keep],
        ends=_joined(found.ends for _, found in packs)[keep],
        sizes=_joined(found.sizes for _, found in packs)[keep],
        bases=bases,
        depths=depths,
        kinds=np.where(depths >= 0, kinds[keep][roots], BAD).astype(np.uint8),
        fits=all(found.fits for _, found in packs),
    )


def made_of(trees: Forest, rows: Numbers) -> NDArray[np.bool_]:
    """Return which objects these are made of, themselves included."""
    found = np.zeros(len(trees.bases), np.bool_)
    while len(rows):
        found[rows] = True
        rows = trees.bases[rows]
        rows = rows[rows >= 0]
        rows = rows[~found[rows]]
    return found


def find(objects: Bytes, oids: Bytes) -> Numbers:
    """Return the row of each id among sorted ones; -1 where it is not there."""
    if not len(objects) or not len(oids):
        return np.full(len(oids), NONE, np.int64)
    among, keys = keys_of(objects), keys_of(oids)
    at = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return np.where(among[at] == keys, at, NONE).astype(np.int64)


def keys_of(oids: Bytes) -> NDArray[np.bytes_]:
    """Return ids as values that sort and compare as their bytes do."""
    return np.ascontiguousarray(oids).view(f"S{oids.shape[1]}").reshape(-1)


def _joined(parts: Iterable[_Array], empty: _Array | None = None) -> _Array:
    arrays = list(parts)
    if len(arrays) == 1:
        return arrays[0]
    if arrays:
        return np.concatenate(arrays)
    return np.zeros(0, np.int64) if empty is None else empty


def _objects(packs: Sequence[tuple[Index, Entries]], oids: Bytes, bad: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return for each entry the row of its object, and for each object the entry to take: a damaged one at last."""
    if len(packs) == 1 and not _has_twins(packs[0][0].oids):  # the index is sorted
        rows = packs[0][1].rows
        entry = np.empty(len(rows), np.int64)
        entry[rows] = np.arange(len(rows))
        return rows, entry
    keys = keys_of(oids)
    order = np.lexsort((bad, keys))
    sorted_ = keys[order]
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = sorted_[1:] != sorted_[:-1]
    row = np.empty(len(order), np.int64)
    row[order] = np.cumsum(fresh) - 1
    return row, order[fresh]


def _has_twins(oids: Bytes) -> bool:
    """Whether a pack holds an object twice."""
    keys = keys_of(oids)
    return bool((keys[1:] == keys[:-1]).any())


def _depths(bases: Numbers, whole: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return how many deltas deep each object is, and the whole object at the end of them.

    Each looks twice as far in every round, so that not even a chain of all objects takes long.
    """
    ends = np.where(bases >= 0, bases, np.arange(len(bases)))
    depths = (bases >= 0).astype(np.int64)
    going = np.flatnonzero(bases >= 0)
    for _ in range(len(bases).bit_length()):
        going = going[bases[ends[going]] >= 0]
        further = ends[going]
        depths[going] += depths[further]
        ends[going] = ends[further]
    circular = going[bases[ends[going]] >= 0]
    depths[~whole[ends]] = NONE
    depths[circular] = CIRCULAR
    return depths, ends
