"""Where any of many thousand literals ends in a text: one pass for all, however many there are.

With Hyperscan they are one database; without, every four bytes are looked up in a table with NumPy, and what is left is
compared. Neither is ever written to a file: both hold the values.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tightlip.engine.compiled import every_mark
from tightlip.engine.prefilter import HyperscanPrefilter, LiteralPrefilter, compile_database

if TYPE_CHECKING:
    from tightlip.engine.prefilter import Candidates

Literals = Sequence[Sequence[bytes]]
"""By index of a rule: what to look for, each of at least eight bytes."""

_BITS = 20
"""Bits of what four bytes are looked up by."""
_FACTOR = np.uint32(2654435761)  # Knuth's, for hashing by multiplication
_AT_ONCE = 1 << 20
_BETWEEN = (b"\n", b" ", b"=", b'"', b", ", b"x")


def databases(literals: Literals) -> tuple[bytes, list[bytes], dict[int, tuple[bytes, ...]]]:
    """Return a database with the marks of what may decode behind the literals, empty without Hyperscan.

    And databases of those that this build of Hyperscan loses in company (tightlip.engine.selfcheck says why it may),
    and by rule those that it loses alone.
    """
    if not literals:
        return b"", [], {}
    marks = [(mark.expressions, False) for mark in every_mark()]
    patterns = [(tuple(map(_expression, each)), False) for each in literals]
    database = compile_database([*patterns, *marks])
    if not database:
        return b"", [], {}
    lost = _lost(database, literals, range(len(literals)))
    if not lost:
        return database, [], {}
    apart = compile_database([(each if index in lost else (), False) for index, (each, _) in enumerate(patterns)])
    unsure = _lost(apart, literals, lost)
    return database, [apart], {index: tuple(literal.lower() for literal in literals[index]) for index in unsure}


def _expression(literal: bytes) -> bytes:
    return b"\\x" + literal.hex(" ").encode("ascii").replace(b" ", b"\\x")


def _lost(database: bytes, literals: Literals, of: Iterable[int]) -> list[int]:
    """Return the rules of which a literal is not found in a text that holds all of them."""
    dice = random.Random(1)  # noqa: S311 - the same text every time
    every = [(index, literal) for index in of for literal in literals[index]]
    dice.shuffle(every)
    text, ends = bytearray(), []
    for index, literal in every:
        text += dice.choice(_BETWEEN) + literal
        ends.append((index, len(text)))
    found = HyperscanPrefilter(database, {}).candidates(bytes(text))
    sets = {index: set(there or ()) for index, there in found.items()}
    return sorted({index for index, end in ends if end not in sets.get(index, ())})


class GramPrefilter(LiteralPrefilter):
    """Finds literals without Hyperscan: the same, more slowly, and as slowly for one as for a thousand."""

    def __init__(self, literals: Literals, marks: Mapping[int, Sequence[bytes]], runs: int) -> None:
        """Parameters: `marks` and `runs`, as for `LiteralPrefilter`."""
        super().__init__(marks, runs)
        self._by_start: dict[bytes, list[tuple[int, bytes]]] = {}
        for index, each in enumerate(literals):
            for literal in each:
                self._by_start.setdefault(literal[:8], []).append((index, literal))
        starts = np.frombuffer(b"".join(start[:4] for start in self._by_start), "<u4")
        self._table = np.zeros(1 << _BITS, np.bool_)
        self._table[_slots(starts)] = True
        ends = np.frombuffer(b"".join(start[4:] for start in self._by_start), "<u4")
        self._second = np.zeros(1 << _BITS, np.bool_)
        self._second[_slots(ends)] = True

    def candidates(self, data: bytes) -> Candidates:
        """Return the rules one of whose literals occurs, with the ends of these, and marks."""
        found = super().candidates(data)
        for start in range(0, len(data), _AT_ONCE):
            for at in self._likely(data, start):
                for index, literal in self._by_start.get(data[at : at + 8], ()):
                    if data.startswith(literal, at):
                        ends = found.setdefault(index, [])
                        if ends is not None:
                            ends.append(at + len(literal))
        return found

    def _likely(self, data: bytes, start: int) -> list[int]:
        """Return where in a part of a text a literal may begin."""
        part = np.frombuffer(data, np.uint8, min(_AT_ONCE + 7, len(data) - start), start).astype(np.uint32)
        if len(part) < 8:
            return []
        grams = np.zeros(len(part) - 3, np.uint32)
        for byte in range(4):
            grams |= np.left_shift(part[byte : len(part) - 3 + byte], np.uint32(8 * byte))
        slots = _slots(grams)
        first = np.flatnonzero(self._table[slots[:-4]])
        both = first[self._second[slots[first + 4]]]
        return [start + at for at in both.tolist()]


def _slots(grams: NDArray[np.uint32]) -> NDArray[np.uint32]:
    slots: NDArray[np.uint32] = (grams * _FACTOR) >> np.uint32(32 - _BITS)
    return slots
