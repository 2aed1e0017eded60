"""The objects of a unit of work, each inflated and resolved once, a base before what is made of it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import new

import numpy as np

try:
    from isal import isal_zlib as zlib
except ImportError:  # no wheel for this platform
    import zlib  # type: ignore[no-redef]

from tightlip.git.native import applied
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE, Mapped
from tightlip.git.packs.forest import NONE, Forest
from tightlip.git.packs.index import Numbers
from tightlip.git.packs.order import Order, depth_first

_BUDGET = 1 << 27
"""The most bytes of bases that are held at a time. What lies below a base that goes over it is left to git."""
_ZLIB = 15  # the form with a header and a checksum
_SMALL = 1 << 16
"""Deflated data no longer than this cannot become more than 64 MiB, whatever its header says."""
_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}
_HASHES = {20: "sha1", 32: "sha256"}


Read = tuple[int, int, bytes, bytes, bytes]
"""An object: its row in the forest; the row of its base, what that holds, and the delta; its content. It has no base
(-1) where it is whole or its base is in another unit."""


class Reader:
    """Reads units of a forest. `refused` are the rows that were not to be had: git may have them in another form."""

    def __init__(self, forest: Forest, *, limit: int) -> None:
        """Parameters: `limit`, the most bytes of an object."""
        self._forest, self._limit = forest, limit
        self._packs = [Mapped(path) for path in forest.packs]
        self.refused: list[int] = []
        self._elsewhere: tuple[int, bytes | None] = (NONE, None)

    def objects(self, unit: Numbers) -> Iterator[Read]:
        """Yield what can be read of a unit."""
        order = depth_first(unit, self._forest)
        yield from self._resolved(order, self._all_inflated(order.rows))
        self._elsewhere = (NONE, None)
        for pack in self._packs:
            pack.forget()

    def _all_inflated(self, rows: Numbers) -> list[bytes | None]:
        """Return the data of entries; None for one that is damaged or too large."""
        forest = self._forest
        small = (forest.ends[rows] - forest.starts[rows] <= _SMALL) & (forest.sizes[rows] <= self._limit)
        easy = small & (forest.pack[rows] == forest.pack[rows[0]])
        data = self._easily_inflated(rows[easy])
        if data is None:
            return [self._inflated(*place) for place in self._places(rows)]
        for at, place in zip(np.flatnonzero(~easy).tolist(), self._places(rows[~easy]), strict=True):
            data.insert(at, self._inflated(*place))
        return data

    def _easily_inflated(self, rows: Numbers) -> list[bytes | None] | None:
        """Return the data of small entries of one pack; None where there is anything wrong with one of them."""
        forest = self._forest
        starts, ends, sizes = (column[rows].tolist() for column in (forest.starts, forest.ends, forest.sizes))
        view, inflate = self._packs[forest.pack[rows[0]]].view if len(rows) else memoryview(b""), zlib.decompress
        data: list[bytes | None] = []
        try:
            for start, end, size in zip(starts, ends, sizes, strict=True):
                inflated = inflate(view[start:end], _ZLIB, size)
                if len(inflated) != size:  # it may be a thousand times that: do not hold many
                    return None
                data.append(inflated)
        except (zlib.error, EOFError):  # type: ignore[misc] # its stubs do not say that it is an exception
            return None
        return data

    def _places(self, unit: Numbers) -> Iterator[tuple[int, int, int, int]]:
        forest = self._forest
        columns = (forest.pack, forest.starts, forest.ends, forest.sizes)
        return zip(*(column[unit].tolist() for column in columns), strict=True)

    def _inflated(self, pack: int, start: int, end: int, size: int) -> bytes | None:
        """Return an entry's data; None where it is damaged or too large."""
        if size > self._limit:
            return None
        deflated = self._packs[pack].view[start:end]
        try:
            if end - start <= _SMALL:
                data, is_whole = zlib.decompress(deflated, _ZLIB, size), True
            else:
                inflater = zlib.decompressobj(_ZLIB)
                data, is_whole = inflater.decompress(deflated, size + 1), inflater.eof
        except (zlib.error, EOFError):  # type: ignore[misc]
            return None
        return data if is_whole and len(data) == size else None

    def _resolved(self, order: Order, data: list[bytes | None]) -> Iterator[Read]:
        """Apply the deltas, and hold each result only while something is still to be made of it."""
        forest, limit, room = self._forest, self._limit, _BUDGET
        held: list[bytes | None] = [None] * len(data)
        columns = (order.rows, forest.bases[order.rows], order.bases, order.has_more, order.is_last)
        every = zip(*(column.tolist() for column in columns), strict=True)
        for i, (row, base, place, has_more, is_last) in enumerate(every):
            delta = content = data[i]
            data[i] = before = None
            if base >= 0:
                before = held[place] if place >= 0 else self._from_elsewhere(base)
                content = None if before is None or delta is None else applied(before, delta, limit)
            if is_last and before is not None:
                held[place] = None
                room += len(before)
            if content is None or not (forest.fits or self._is(row, content)):
                self.refused.append(row)
                continue
            if before is not None and delta is not None and place >= 0:
                yield row, base, before, delta, content
            else:
                yield row, NONE, b"", b"", content
            if has_more and len(content) <= room:
                held[i] = content
                room -= len(content)

    def _from_elsewhere(self, row: int) -> bytes | None:
        """Return an object of another unit. Several are made of it, mostly one after the other."""
        if self._elsewhere[0] != row:
            self._elsewhere = (row, self._alone(row))
        return self._elsewhere[1]

    def _is(self, row: int, content: bytes) -> bool:
        """Whether this is the object of that row, by its id."""
        oid = bytes(self._forest.oids[row])
        head = b"%s %d\0" % (_NAMES[int(self._forest.kinds[row])], len(content))
        return new(_HASHES[len(oid)], head + content, usedforsecurity=False).digest() == oid

    def _alone(self, row: int) -> bytes | None:
        """Return one object, resolved from the whole one at the end of its deltas up."""
        chain = []
        while row != NONE:
            chain.append(row)
            row = int(self._forest.bases[row])
        content: bytes | None = None
        for place in self._places(np.array(chain[::-1])):
            own = self._inflated(*place)
            if own is None:
                return None
            content = own if content is None else applied(content, own, self._limit)
            if content is None:
                return None
        return content
