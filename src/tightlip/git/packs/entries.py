"""What a pack's entries are: the header of each, read for all of them at once.

An entry is a type and a size, for a delta the base that it refers to, and deflated data. The type and size are a
number of seven bits a byte; so is the distance to a base in the same pack.
"""

from __future__ import annotations

import mmap
import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.git.packs.index import Bytes, Index, Numbers, Refused

COMMIT, TREE, BLOB, TAG, OFS_DELTA, REF_DELTA = 1, 2, 3, 4, 6, 7
BAD = 0
"""The kind of an entry whose header makes no sense."""

_AT_ONCE = 1 << 25  # bytes of a pack whose pages are held at a time
_MOST_BYTES = 8  # of a number: more would not fit into 63 bits


class Entries(NamedTuple):
    """The entries of a pack, in the order of their places."""

    rows: Numbers
    """For each, its row in the index."""
    kinds: Bytes
    sizes: Numbers
    """Bytes of what the data inflates to, as the header says."""
    starts: Numbers
    """Where the deflated data begins."""
    ends: Numbers
    """Where the next entry begins, at the latest."""
    bases: Numbers
    """For an OFS delta, which entry it refers to; else -1."""
    base_oids: Bytes
    """For a REF delta, the id that it refers to; else zeros."""
    fits: bool
    """Whether the pack is the one that the index is of, and has its end."""


class Mapped:
    """A pack's bytes, mapped into memory. `forget` gives pages back."""

    def __init__(self, path: str) -> None:
        """Raises `OSError` or `ValueError` where the file cannot be mapped."""
        with open(path, "rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.view = memoryview(self._map)

    def forget(self) -> None:
        """Let the system have the pages back: what was read is not read again."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self._map.madvise(mmap.MADV_DONTNEED)


def entries(index: Index, width: int) -> Entries:
    """Read the headers of a pack. Raises `Refused` where it is no pack.

    Parameters: `width`, the bytes of an id.
    """
    try:
        pack = Mapped(index.path)
    except (OSError, ValueError) as error:
        raise Refused(f"{os.path.basename(index.path)}: {error}") from None
    head, size = bytes(pack.view[:12]), len(pack.view) - width
    if head[:4] != b"PACK" or head[4:8] not in (b"\0\0\0\2", b"\0\0\0\3"):
        raise Refused(f"{os.path.basename(index.path)}: it is no pack of a version that is known")
    rows = np.argsort(index.offsets, kind="stable")
    offsets = index.offsets[rows]
    count = len(rows)
    ends = np.minimum(np.append(offsets, size)[1:], size)
    found = Entries(
        rows=rows,
        kinds=np.zeros(count, np.uint8),
        sizes=np.zeros(count, np.int64),
        starts=np.zeros(count, np.int64),
        ends=ends,
        bases=np.full(count, -1, np.int64),
        base_oids=np.zeros((count, width), np.uint8),
        fits=not index.checksum
        or (index.checksum, count) == (bytes(pack.view[-width:]), int.from_bytes(head[8:], "big")),
    )
    data = np.frombuffer(pack.view, np.uint8)
    inside = np.flatnonzero((offsets >= 12) & (offsets < size))
    for some in np.split(inside, np.flatnonzero(np.diff(offsets[inside] // _AT_ONCE)) + 1):
        _read(data, some, offsets, found)
        pack.forget()
    return found


def _read(data: Bytes, some: Numbers, offsets: Numbers, found: Entries) -> None:
    """Read the headers of some entries, and write down what they say."""
    cursor = _Cursor(data, offsets[some])
    everything = np.arange(len(some))
    first = cursor.next(everything)
    kinds = (first >> 4) & 7
    sizes, fine = _size(cursor, first)
    deltas = np.flatnonzero(fine & (kinds == OFS_DELTA))
    distances, near = _distances(cursor, deltas)
    entry = np.searchsorted(offsets, offsets[some[deltas]] - distances)
    near &= (distances > 0) & (offsets[entry] == offsets[some[deltas]] - distances)
    found.bases[some[deltas]] = np.where(near, entry, -1)
    fine[deltas] = near
    refs = np.flatnonzero(fine & (kinds == REF_DELTA))
    for column in range(found.base_oids.shape[1]):
        found.base_oids[some[refs], column] = cursor.next(refs)
    fine &= np.isin(kinds, (COMMIT, TREE, BLOB, TAG, OFS_DELTA, REF_DELTA)) & (cursor.at < found.ends[some])
    found.kinds[some] = np.where(fine, kinds, BAD)
    found.sizes[some] = sizes
    found.starts[some] = cursor.at


class _Cursor:
    """A place in the data for each of many entries."""

    def __init__(self, data: Bytes, at: Numbers) -> None:
        self._data, self.at = data, at

    def next(self, which: Numbers) -> Bytes:
        """Read a byte for some of the entries."""
        at = self.at[which]
        self.at[which] = at + 1
        return self._data[np.minimum(at, len(self._data) - 1)]


def _size(cursor: _Cursor, first: Bytes) -> tuple[Numbers, NDArray[np.bool_]]:
    """Read the rest of each size: the lowest bits come first. Returns whether it ended, too."""
    sizes = (first & 15).astype(np.int64)
    open_ = np.flatnonzero(first & 128)
    for shift in range(4, 7 * _MOST_BYTES, 7):
        if not len(open_):
            break
        byte = cursor.next(open_)
        sizes[open_] |= (byte & 127).astype(np.int64) << shift
        open_ = open_[byte >= 128]
    return sizes, _all_but(open_, len(first))


def _distances(cursor: _Cursor, deltas: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """Read how far back the base of each delta is: the highest bits come first, and each further byte adds one."""
    distances = np.full(len(deltas), -1, np.int64)
    open_ = np.arange(len(deltas))
    for _ in range(_MOST_BYTES):
        if not len(open_):
            break
        byte = cursor.next(deltas[open_])
        distances[open_] = ((distances[open_] + 1) << 7) | (byte & 127)
        open_ = open_[byte >= 128]
    return distances, _all_but(open_, len(deltas))


def _all_but(which: Numbers, count: int) -> NDArray[np.bool_]:
    fine = np.ones(count, np.bool_)
    fine[which] = False
    return fine
