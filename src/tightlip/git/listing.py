"""Entries of tree objects: what is called what in a folder. An entry is mode, name and id, in the bytes of the tree.

`_listing.c` does the same in native code, where it could be compiled; it tells each tree as a change of its base, while
this tells so only those in which nothing has moved.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TypeAlias

import numpy as np

from tightlip.git.packs.forest import NONE

NORMAL, SUBMODULE, GONE = range(3)
"""Kinds of entries. One that is gone says that the base has something of that name, and the tree has not."""
_FEW = 8  # of so many bytes, one may differ
_APART = 32  # bytes between differences that are told apart
_MOST_TWINS = 256
"""Trees that another of their length may be told as a change of: of each length the last one."""

Noted: TypeAlias = tuple[list[bytes], bytes, bytes, bytes, bytes, bytes, bytes, bytes]
"""Names; then the bytes of labels (int64, places in the names), ids and kinds (uint8) by entry; of rows, bases and
sizes (int64) by tree; and of the entries (uint32) of all trees. Of a tree with a base those are listed that take the
place of what the base has of that name, or say that there is nothing of it; of another tree, base -1, all."""


class Listing:
    """Notes entries of trees. Each is numbered once, however many trees have it."""

    def __init__(self, width: int, seed: int) -> None:  # noqa: ARG002 - what numbers entries here has one of its own
        """Parameters: `width`, the bytes of an id; `seed`, a random number."""
        self._entry = re.compile(rb"(?:0?40000|1[0-7]{5}) [^\0]+\0.{%d}" % width, re.DOTALL)
        self._width = width
        self._begin()

    def _begin(self) -> None:
        self._entries = _Counted()
        self._rows, self._bases, self._sizes, self._held = array("q"), array("q"), array("q"), array("I")
        self._bounds: dict[int, array[int]] = {}
        self._twins: dict[int, tuple[int, bytes]] = {}

    def whole(self, row: int, content: bytes) -> bool:
        """Note the entries of a tree; return whether they are all of its bytes."""
        return self.changed(row, content, NONE, b"")

    def changed(self, row: int, content: bytes, base_row: int, base: bytes) -> bool:
        """Note how a tree differs from its base, or from another of its length; return what `whole` returns."""
        if len(base) != len(content):
            base_row, base = self._twins.get(len(content), (NONE, b""))
        bounds = self._bounds.get(base_row)
        spans = _differences(base, content) if bounds else None
        entries = self._replaced(base, content, bounds, spans) if bounds and spans is not None else None
        if bounds and entries is not None:
            self._add(row, base_row, entries)
        else:
            bounds = self._alone(row, content)
        if bounds:
            self._bounds[row] = bounds
            self._twins[len(content)] = row, content
        if len(self._twins) > _MOST_TWINS:
            self._twins.clear()
        return bounds is not None

    def _alone(self, row: int, content: bytes) -> array[int] | None:
        """Note all entries of a tree; return where they begin and end, None where they are not all of its bytes."""
        end = content.rfind(b"\0", 0, -self._width) + 1 + self._width  # no entry ends after that
        entries = self._entry.findall(content, 0, end)
        self._add(row, NONE, entries)
        bounds = array("q", accumulate(map(len, entries), initial=0))
        return bounds if bounds[-1] == len(content) else None

    def _replaced(
        self, base: bytes, own: bytes, bounds: array[int], spans: Iterable[tuple[int, int]]
    ) -> list[bytes] | None:
        """Return the entries that are not the base's; None where a name is another one, or there twice.

        Parameters: `bounds`, where the base's entries begin and end; `spans`, where the two differ.
        """
        found, width, at = [], self._width, 0
        for start, end in spans:
            at = max(bisect_right(bounds, start) - 1, at)
            while bounds[at] < end:
                first, after = bounds[at], bounds[at + 1]
                if start < after - width and own[first : after - width] != base[first : after - width]:
                    return None
                if self._is_doubled(own, bounds, at):
                    return None
                found.append(own[first:after])
                at += 1
        return found

    def _is_doubled(self, tree: bytes, bounds: array[int], at: int) -> bool:
        """Whether an entry beside this one has its name: git makes no such tree, and a change would be one of both."""
        names = [
            tree[tree.index(b" ", first) + 1 : after - self._width]
            for first, after in pairwise(bounds[max(at - 1, 0) : at + 3])
        ]
        return len(set(names)) < len(names)

    def _add(self, row: int, base: int, entries: Sequence[bytes]) -> None:
        self._rows.append(row)
        self._bases.append(base)
        self._sizes.append(len(entries))
        self._held.extend(map(self._entries.__getitem__, entries))

    def done(self) -> Noted:
        """Return everything noted, and forget it."""
        names = _Counted()
        labels, kinds = array("q"), bytearray()
        for entry in self._entries:
            mode, _, name = entry[: -self._width - 1].partition(b" ")
            labels.append(names[name])
            kinds.append(SUBMODULE if mode == b"160000" else NORMAL)
        oids = b"".join([entry[-self._width :] for entry in self._entries])
        columns = (self._rows, self._bases, self._sizes, self._held)
        rows, bases, sizes, held = (column.tobytes() for column in columns)
        self._begin()
        return list(names), labels.tobytes(), oids, bytes(kinds), rows, bases, sizes, held


class _Counted(dict[bytes, int]):
    """Gives each thing that it is asked for the next number."""

    def __missing__(self, key: bytes) -> int:
        number = self[key] = len(self)
        return number


def _differences(base: bytes, own: bytes) -> list[tuple[int, int]] | None:
    """Return the spans in which two texts of one length differ; None where that is more than a few."""
    at = np.flatnonzero(np.frombuffer(base, np.uint8) != np.frombuffer(own, np.uint8))
    if len(at) * _FEW > len(own):
        return None
    if not len(at):
        return []
    gaps = np.flatnonzero(at[1:] - at[:-1] > _APART)
    starts, lasts = at[gaps + 1].tolist(), at[gaps].tolist()
    return [(start, last + 1) for start, last in zip([int(at[0]), *starts], [*lasts, int(at[-1])], strict=True)]
