"""Sets of object ids as one string of bytes: sorted, each id once, one after the other."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import islice
from operator import lt

_FEW = 16
"""Below this share of the larger set, ids are put in one by one: taking a large set apart costs more."""


class _Apart:
    """Ids to be searched where they are."""

    def __init__(self, ids: bytes, width: int) -> None:
        self._ids, self._width = ids, width

    def __len__(self) -> int:
        return len(self._ids) // self._width

    def __getitem__(self, index: int) -> bytes:
        return self._ids[index * self._width : (index + 1) * self._width]


def distinct(ids: bytes, width: int) -> bytes:
    """Return ids of `width` bytes sorted, each once. It is quickest when they are that already."""
    every = _apart(ids, width)
    if all(map(lt, every, islice(every, 1, None))):
        return ids
    every.sort()  # quick too for a few sorted runs
    return b"".join(dict.fromkeys(every))


def union(sets: Sequence[bytes], width: int) -> bytes:
    """Return several sets as one."""
    if len(sets) <= 1:
        return b"".join(sets)
    largest, *others = sorted(sets, key=len, reverse=True)
    rest = distinct(b"".join(others), width)
    return distinct(largest + rest, width) if len(rest) * _FEW > len(largest) else _with(largest, rest, width)


def _with(many: bytes, few: bytes, width: int) -> bytes:
    known, pieces, done = _Apart(many, width), [], 0
    for oid in _apart(few, width):
        place = bisect_left(known, oid, done)
        if place == len(known) or known[place] != oid:
            pieces += [many[done * width : place * width], oid]
            done = place
    return b"".join([*pieces, many[done * width :]])


def _apart(ids: bytes, width: int) -> list[bytes]:
    return [ids[start : start + width] for start in range(0, len(ids), width)]
