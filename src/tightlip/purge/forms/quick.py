"""Where values may be, in one pass over the bytes: with Hyperscan where it is installed, otherwise way by way.

What Hyperscan compiles is kept in memory only, and never in a file: it holds the values.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Protocol, TypeAlias

from tightlip import extension
from tightlip.engine.selfcheck import amid
from tightlip.purge.forms.sequence import Row
from tightlip.sample import samples

_TEXTS = 8
"""Texts of each row in which Hyperscan is tried."""
Stretches: TypeAlias = dict[int, list[list[int]]]
"""Index of a row to the stretches in which it may begin: starts and ends, in order, none overlapping."""

hs, _ = extension.load("hyperscan", "_hs_ext")


class Quick(Protocol):
    """Tells where rows may be: too often, but never too seldom."""

    def is_any(self, data: bytes) -> bool:
        """Whether a row may be there."""

    def stretches(self, data: bytes) -> Stretches:
        """Return where each may be."""


def quick(rows: Sequence[Row]) -> Quick:
    """Return what is quickest here, and can be trusted: Vectorscan 5.4.12 loses matches of some expressions.

    https://github.com/VectorCamp/vectorscan/issues/358
    """
    if hs is not None:
        try:
            found = ByHyperscan(rows)
        except hs.error:  # too large for it
            return ByExpressions(rows)
        if not found.loses_any():
            return found
    return ByExpressions(rows)


class ByExpressions:
    """An expression for each row, one after the other."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._patterns = [re.compile(row.exact) for row in rows]

    def is_any(self, data: bytes) -> bool:
        """Whether a row may be there."""
        return any(pattern.search(data) for pattern in self._patterns)

    def stretches(self, data: bytes) -> Stretches:
        """Return where each may be."""
        found: Stretches = {}
        for index, pattern in enumerate(self._patterns):
            for match in pattern.finditer(data):
                # Not `begin`: this is one end of several that the window may have, and not always the row's own.
                _add(found, index, max(match.end() - self._rows[index].before, 0), match.end())
        return found


class ByHyperscan:
    """All rows in one database."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Raises an exception of hyperscan's where it does not take an expression."""
        assert hs is not None  # noqa: S101 - `quick` sees to it
        self._rows = rows
        self._database = hs.Database(mode=hs.HS_MODE_BLOCK)
        numbers = list(range(len(rows)))
        self._database.compile(expressions=[row.loose for row in rows], ids=numbers, flags=[0] * len(rows))
        self._database.scratch = hs.Scratch(self._database)
        self._ended = hs.ScanTerminated

    def is_any(self, data: bytes) -> bool:
        """Whether a row may be there."""
        try:
            self._database.scan(data, match_event_handler=_end)
        except self._ended:
            return True
        return False

    def loses_any(self) -> bool:
        """Whether a row is not found in one of many texts made for it, with all ways to write its symbols."""
        dice = random.Random(1)  # noqa: S311 - the same texts every time
        for index, row in enumerate(self._rows):
            for text in samples(row.exact.decode("latin-1"), dice, _TEXTS):
                whole = amid(text, dice)
                if index not in self._hits(whole) and re.search(row.exact, whole):
                    return True
        return False

    def _hits(self, data: bytes) -> set[int]:
        found: set[int] = set()
        self._database.scan(data, match_event_handler=lambda index, *_: found.add(index))
        return found

    def stretches(self, data: bytes) -> Stretches:
        """Return where each may be."""
        found: Stretches = {}

        def hit(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
            if where := self._rows[index].begin(data, end):
                _add(found, index, *where)

        self._database.scan(data, match_event_handler=hit)
        return found


def _end(*_: object) -> bool:
    return True


def _add(found: Stretches, index: int, start: int, end: int) -> None:
    known = found.setdefault(index, [])
    if known and start <= known[-1][1]:
        known[-1][1] = max(end, known[-1][1])
    else:
        known.append([start, end])
