"""Versions of one thing after another, each written as a delta of an earlier one where that is shorter."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from tightlip.git.native import between
from tightlip.git.packs.forest import NONE


class Writer(Protocol):
    """Writes objects: a chunk or a pack."""

    def add(self, kind: int, content: bytes) -> bytes:
        """Write an object whole, and return its id."""

    def add_delta(self, kind: int, content: bytes, base: bytes, delta: bytes) -> bytes:
        """Write an object as a delta of one that was written, and return its id."""


class _Version(NamedTuple):
    row: int
    oid: bytes
    content: bytes


_MOST, _BYTES = 50, 1 << 26
"""How many versions are held, and of how many bytes together: a file may have thousands, of any size."""


class Line:
    """The version that was written last, and some of those that it is made of."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._versions: list[_Version] = []

    def add(self, kind: int, content: bytes, row: int = NONE, base: int = NONE) -> bytes:
        """Write an object, and return its id.

        It is made of what its base has become, if that was written here, or else of the version written before.

        Parameters: `row`, what it was made of; `base`, the row of what that was a delta of.
        """
        line = self._versions
        while len(line) > 1 and line[-1].row != base:
            line.pop()
        delta = between(line[-1].content, content, len(content) // 2) if line else None
        if delta is None:
            line.clear()
            oid = self._writer.add(kind, content)
        else:
            oid = self._writer.add_delta(kind, content, line[-1].oid, delta)
        line.append(_Version(row, oid, content))
        while len(line) > 1 and (len(line) > _MOST or sum(len(version.content) for version in line) > _BYTES):
            del line[0]
        return oid
