"""The objects of a repository, by number."""

from __future__ import annotations

import numpy as np

from tightlip.git.packs.forest import NONE, find, keys_of
from tightlip.git.packs.index import Bytes, Numbers


class Table:
    """The objects of a repository: those in packs, and after them those that are elsewhere. A row is an object."""

    def __init__(self, packed: Bytes, loose: Bytes) -> None:
        """Parameters: ids, a row each, both in order and none in both."""
        self._packed, self._loose = packed, loose

    def __len__(self) -> int:
        return len(self._packed) + len(self._loose)

    @property
    def width(self) -> int:
        """The bytes of an id."""
        return int(self._packed.shape[1])

    def oid(self, row: int) -> str:
        """Return an object's id, in hexadecimal."""
        return self.id(row).hex()

    def id(self, row: int) -> bytes:
        """Return the bytes of an object's id."""
        packed = len(self._packed)
        return bytes(self._packed[row] if row < packed else self._loose[row - packed])

    def oids(self, rows: Numbers) -> bytes:
        """Return the ids of objects, one after the other, sorted."""
        packed = rows < len(self._packed)
        keys = [keys_of(self._packed[rows[packed]]), keys_of(self._loose[rows[~packed] - len(self._packed)])]
        return np.sort(np.concatenate(keys)).tobytes()

    def rows(self, oids: bytes) -> Numbers:
        """Return the row of each of these ids, which follow each other; -1 for an object that is not there."""
        wanted = np.frombuffer(oids, np.uint8).reshape(-1, self.width)
        rows = find(self._packed, wanted)
        if len(self._loose):
            elsewhere = np.flatnonzero(rows == NONE)
            found = find(self._loose, wanted[elsewhere])
            rows[elsewhere] = np.where(found >= 0, found + len(self._packed), NONE)
        return rows
