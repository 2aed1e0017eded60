"""Entries of a pack in memory, and the index (version 2) that is made of them. Source: gitformat-pack."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from hashlib import sha1, sha256
from typing import Final

import numpy as np

try:
    from isal import isal_zlib as zlib
except ImportError:  # no wheel for this platform
    import zlib  # type: ignore[no-redef]

from tightlip.git.packs.entries import BLOB, COMMIT, OFS_DELTA, TAG, TREE
from tightlip.git.packs.forest import keys_of

DEEPEST: Final = 50
"""The most deltas that an object is made of: git's own default."""
_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}
HASHES = {20: partial(sha1, usedforsecurity=False), 32: partial(sha256, usedforsecurity=False)}
"""What makes ids, by how many bytes they have."""
_LEVEL = 1
"""isal's levels 1 to 3 make commits and trees the same size within 1 %, and 1 takes the least time."""
_STORED = 100
"""Data no longer than this is not deflated: short deltas are ids mostly, which get no smaller, and it takes 5 us."""
_LARGE = 1 << 31  # an offset from here on has its place in the index's table of 64-bit offsets
_DEPTHS = 255  # are counted no further


class Chunk:
    """Entries of a pack, one after the other, in memory; can be pickled and sent to the process that writes."""

    def __init__(self, width: int = 20, start: int = 0) -> None:
        """Parameters: `width`, the bytes of an id; `start`, the offset of the first entry."""
        self.data = bytearray()
        self._width, self._start = width, start
        self._numbers: dict[bytes, int] = {}  # of each id, in the order of the entries; the rest is by number
        self._offsets, self._crcs, self._depths = array("Q"), array("I"), bytearray()

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def rows(self) -> Iterator[tuple[bytes, int, int]]:
        """For each entry the id, the CRC-32 of its bytes, and its offset."""
        return zip(self._numbers, self._crcs, self._offsets, strict=True)

    @property
    def end(self) -> int:
        """The offset of the next entry."""
        return self._start + len(self.data)

    def add(self, kind: int, content: bytes) -> bytes:
        """Add an object whole, if it is not here already, and return its id. Raises `KeyError` for an unknown kind."""
        oid = self._id(kind, content)
        if oid not in self._numbers:
            self._put(oid, _size(kind, len(content)) + _deflated(content), 0)
        return oid

    def add_delta(self, kind: int, content: bytes, base: bytes, delta: bytes) -> bytes:
        """Add an object as a delta, if it is not here already, and return its id.

        It is added whole where the chain of deltas would be too deep, or the delta is no shorter than the object.

        Parameters: `content`, what the delta makes of its base, which is taken on trust; `base`, the id of an object
        in here. Raises `KeyError` where that is not here.
        """
        number = self._numbers[base]
        depth = self._depths[number] + 1
        if depth > DEEPEST or len(delta) >= len(content):
            return self.add(kind, content)
        oid = self._id(kind, content)
        if oid not in self._numbers:
            head = _size(OFS_DELTA, len(delta)) + _distance(self.end - self._offsets[number])
            self._put(oid, head + _deflated(delta), depth)
        return oid

    def append(self, other: Chunk) -> None:
        """Add the entries of another chunk. An object that is here already stays, and is not added again."""
        if not self._numbers.keys().isdisjoint(other._numbers):
            self._append_each(other)
            return
        offsets = np.array(other._offsets, np.uint64) + np.uint64(self.end) - np.uint64(other._start)
        self._numbers.update(zip(other._numbers, range(len(self), len(self) + len(other)), strict=True))
        self._offsets.frombytes(offsets.tobytes())
        self._crcs += other._crcs
        self._depths += other._depths
        self.data += other.data

    def forget(self) -> None:
        """Let go of the bytes so far, as they are written. What comes next may still be made of these objects."""
        self._start = self.end
        self.data.clear()

    def index(self, checksum: bytes) -> bytes:
        """Return the index of a pack with these entries. Parameters: `checksum`, what the pack ends in."""
        return index(self._numbers, self._crcs, self._offsets, checksum)

    def _append_each(self, other: Chunk) -> None:
        """Add the entries one by one, with new distances: those that are here already leave gaps."""
        oids = {offset: oid for oid, _, offset in other.rows}
        ends = [*list(oids)[1:], other.end]
        for (start, oid), end in zip(oids.items(), ends, strict=True):
            if oid in self._numbers:
                continue
            entry = bytes(other.data[start - other._start : end - other._start])
            if entry[0] >> 4 & 7 != OFS_DELTA:
                self._put(oid, entry, 0)
                continue
            head, back, rest = apart(entry)
            number = self._numbers[oids[start - back]]
            self._put(oid, head + _distance(self.end - self._offsets[number]) + rest, self._depths[number] + 1)

    def _put(self, oid: bytes, entry: bytes, depth: int) -> None:
        self._offsets.append(self.end)
        self._crcs.append(zlib.crc32(entry))
        self._depths.append(min(depth, _DEPTHS))
        self._numbers[oid] = len(self._numbers)
        self.data += entry

    def _id(self, kind: int, content: bytes) -> bytes:
        hasher = HASHES[self._width](b"%s %d\0" % (_NAMES[kind], len(content)))
        hasher.update(content)
        return hasher.digest()


def index(oids: Iterable[bytes], crcs: Sequence[int], offsets: Sequence[int], checksum: bytes) -> bytes:
    """Return the index of a pack, of version 2.

    Parameters: for each object its id, the CRC-32 of its entry, and the offset of that; `checksum`, what the pack ends
    in, as long as an id.
    """
    rows = np.frombuffer(b"".join(oids), np.uint8).reshape(-1, len(checksum))
    order = np.argsort(keys_of(rows))
    places = np.array(offsets, np.uint64)[order]
    is_large = places >= _LARGE
    large = places[is_large]
    places[is_large] = np.arange(len(large), dtype=np.uint64) + np.uint64(_LARGE)
    parts = (
        np.cumsum(np.bincount(rows[:, 0], minlength=256)).astype(">u4"),
        rows[order],
        np.array(crcs, np.uint32)[order].astype(">u4"),
        places.astype(">u4"),
        large.astype(">u8"),
    )
    body = b"\xfftOc\0\0\0\2" + b"".join(part.tobytes() for part in parts) + checksum
    return body + HASHES[len(checksum)](body).digest()


def _size(kind: int, size: int) -> bytes:
    """Return what an entry begins with: its kind and size, seven bits a byte, the lowest first."""
    first, size = kind << 4 | size & 15, size >> 4
    found = bytearray()
    while size:
        found.append(first | 128)
        first, size = size & 127, size >> 7
    found.append(first)
    return bytes(found)


def _distance(back: int) -> bytes:
    """Return how far back a base is: seven bits a byte, the highest first, and each further byte adds one."""
    found = [back & 127]
    while back := back >> 7:
        back -= 1
        found.append(back & 127 | 128)
    return bytes(reversed(found))


def apart(entry: bytes) -> tuple[bytes, int, bytes]:
    """Return the parts of a delta's entry: what it begins with, how far back the base is, and the deflated data."""
    start = 1
    while entry[start - 1] > 127:
        start += 1
    at, back = start, entry[start] & 127
    while entry[at] > 127:
        at += 1
        back = back + 1 << 7 | entry[at] & 127
    return entry[:start], back, entry[at + 1 :]


def _deflated(data: bytes) -> bytes:
    if len(data) > _STORED:
        return zlib.compress(data, _LEVEL)
    sizes = len(data).to_bytes(2, "little") + (len(data) ^ 0xFFFF).to_bytes(2, "little")
    return b"\x78\x01\x01" + sizes + data + zlib.adler32(data).to_bytes(4, "big")
