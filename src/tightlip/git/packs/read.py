"""The objects of a unit of work, each inflated and resolved once, a base before what is made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import new

import numpy as np
from dulwich.errors import ApplyDeltaError

try:
    from dulwich._pack import apply_delta  # its native code by itself: the module around it takes long to import
except ImportError:
    from dulwich.pack import apply_delta
try:
    from isal import isal_zlib as zlib
except ImportError:  # no wheel for this platform
    import zlib  # type: ignore[no-redef]

from tightlip.git.packs.deltas import Deltas, parse
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE, Mapped
from tightlip.git.packs.forest import NONE, Forest
from tightlip.git.packs.index import Numbers

_BUDGET = 1 << 27
"""The most bytes of bases that are held at a time. What lies below a base that goes over it is left to git."""
_ZLIB = 15  # the form with a header and a checksum
_SMALL = 1 << 16
"""Deflated data no longer than this cannot become more than 64 MiB, whatever its header says."""
_WORTH = {TREE: 3}
_WORTH_OTHERS = 20
_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}
_HASHES = {20: "sha1", 32: "sha256"}


Read = tuple[int, int, int, bytes, bytes]
"""An object: its row in the forest; its place in the unit's `deltas`, the row of its base and what that holds; its
content. It has no such place (-1), base (-1) or content of it where it is whole or its base is in another unit."""


class Reader:
    """Reads units of a forest. `refused` are the rows that were not to be had: git may have them in another form."""

    def __init__(self, forest: Forest, *, limit: int) -> None:
        """Parameters: `limit`, the most bytes of an object."""
        self._forest, self._limit = forest, limit
        self._packs = [Mapped(path) for path in forest.packs]
        self.refused: list[int] = []
        self.deltas: Deltas

    def objects(self, unit: Numbers) -> Iterator[Read]:
        """Yield what can be read of a unit; `deltas` are then its deltas, taken apart."""
        unit = _depth_first(unit, self._forest.bases)
        rows, bases = unit.tolist(), self._forest.bases[unit].tolist()
        inside = set(rows)
        data = self._all_inflated(unit)
        numbers = [NONE] * len(rows)
        deltas: list[bytes] = []
        for i, (base, inflated) in enumerate(zip(bases, data, strict=True)):
            if base in inside and inflated is not None:
                numbers[i] = len(deltas)
                deltas.append(inflated)
        self.deltas = parse(deltas, worth=_WORTH.get(int(self._forest.kinds[unit[0]]), _WORTH_OTHERS))
        yield from self._resolved(rows, bases, data, numbers)
        for pack in self._packs:
            pack.forget()

    def _all_inflated(self, unit: Numbers) -> list[bytes | None]:
        """Return the data of entries; None for one that is damaged or too large."""
        forest = self._forest
        starts, ends, sizes = forest.starts[unit], forest.ends[unit], forest.sizes[unit]
        if ((ends - starts <= _SMALL) & (sizes <= self._limit)).all() and (
            forest.pack[unit] == forest.pack[unit[0]]
        ).all():
            view = self._packs[int(forest.pack[unit[0]])].view
            data: list[bytes | None] = []
            try:
                for start, end, size in zip(starts.tolist(), ends.tolist(), sizes.tolist(), strict=True):
                    inflated = zlib.decompress(view[start:end], _ZLIB, size)
                    if len(inflated) != size:
                        break
                    data.append(inflated)
                else:
                    return data
            except (zlib.error, EOFError):  # type: ignore[misc] # its stubs do not say that it is an exception
                pass
        return [self._inflated(*place) for place in self._places(unit)]

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

    def _resolved(
        self, rows: list[int], bases: list[int], data: list[bytes | None], numbers: list[int]
    ) -> Iterator[Read]:
        """Apply the deltas, and hold each result only while something is still to be made of it."""
        waiting = Counter(bases)
        held: dict[int, bytes] = {}
        fits = (self.deltas.targets <= self._limit).tolist()
        room = _BUDGET
        for i, (row, base, number) in enumerate(zip(rows, bases, numbers, strict=True)):
            content, data[i] = data[i], None
            before = b""
            if number >= 0 and content is not None:
                before = held.get(base, b"")
                content = applied(before, content) if base in held and fits[number] else None
            elif base >= 0:
                content = self._alone(row)
            left = waiting[base] = waiting[base] - 1
            if not left and base in held:
                room += len(held.pop(base))
            if content is None or not (self._forest.fits or self._is(row, content)):
                self.refused.append(row)
                continue
            yield row, number, base if number >= 0 else NONE, before, content
            if row in waiting and len(content) <= room:
                held[row] = content
                room -= len(content)

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
            if content is None:
                content = own
            elif int(parse([own], worth=0).targets[0]) > self._limit or (content := applied(content, own)) is None:
                return None
        return content


def applied(base: bytes, delta: bytes) -> bytes | None:
    """Return what a delta makes of its base; None where the delta is damaged or of another base."""
    try:
        parts = apply_delta(base, delta)
    except ApplyDeltaError:
        return None
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _depth_first(part: Numbers, bases: Numbers) -> Numbers:
    """Order objects so that each is followed by all below it, the child that most lies below last.

    Whoever reads them in that order holds few at a time: the base of a last child is not needed any more.
    """
    children: dict[int, list[int]] = {}
    rows = part.tolist()
    inside = set(rows)
    tops = []
    for row, base in zip(rows, bases[part].tolist(), strict=True):
        if base in inside:
            children.setdefault(base, []).append(row)
        else:
            tops.append(row)
    below = dict.fromkeys(rows, 1)
    for row, base in zip(reversed(rows), reversed(bases[part].tolist()), strict=True):  # the deepest first
        if base in inside:
            below[base] += below[row]
    ordered = []
    stack = tops[::-1]
    while stack:
        row = stack.pop()
        ordered.append(row)
        stack += sorted(children.get(row, ()), key=below.__getitem__, reverse=True)
    return np.array(ordered, np.int64)
