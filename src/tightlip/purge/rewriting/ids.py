"""The new ids of objects that are rewritten, by row; processes that are forked from this one share them."""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray

_NEW = 1


class Ids:
    """What became of objects."""

    def __init__(self, rows: int, width: int) -> None:
        """Parameters: `rows`, how many objects there are; `width`, the bytes of an id."""
        self._width = width
        self._memory = mmap.mmap(-1, max(rows * (width + 1), 1))
        both = np.frombuffer(self._memory, np.uint8)
        self._oids: NDArray[np.uint8] = both[: rows * width].reshape(rows, width)
        self._states: NDArray[np.uint8] = both[rows * width : rows * (width + 1)]

    def rewrite(self, row: int, oid: bytes) -> None:
        """Note an object's new id."""
        self._oids[row] = np.frombuffer(oid, np.uint8)
        self._states[row] = _NEW

    def of(self, row: int) -> bytes | None:
        """Return an object's new id; None for one that stays as it is."""
        return self._oids[row].tobytes() if self._states[row] == _NEW else None

    def rewritten(self) -> list[int]:
        """Return the objects that have a new id."""
        rows: list[int] = np.flatnonzero(self._states == _NEW).tolist()
        return rows
