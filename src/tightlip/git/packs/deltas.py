"""What deltas change, worked out for many at a time.

A delta is two sizes and instructions: copy a span of the base, or insert these bytes. What it copies has been looked at
in the base; what is new are the inserted spans and the seams between two copies. Source: gitformat-pack.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.git.packs.index import Bytes, Numbers

_MOST_STEPS = 100
_FEWEST = 16
"""Deltas so few that going on with them costs more than it saves: they are taken as wholly new."""
_SIZE_BYTES = 9
_TOO_LARGE = (1 << 63) - 1
"""A size of more bytes than that: no object has it."""


class Operations(NamedTuple):
    """Instructions of many deltas, in order, those of each together."""

    delta: Numbers
    """Which delta it belongs to."""
    at: Numbers
    """Where in the result its bytes begin."""
    size: Numbers
    source: Numbers
    """Where in the base they come from; -1 for inserted bytes."""


class Deltas(NamedTuple):
    """Many deltas."""

    sources: Numbers
    """Sizes of the bases, as the deltas say."""
    targets: Numbers
    """Sizes of the results."""
    known: NDArray[np.bool_]
    """Whose instructions are in `operations`."""
    operations: Operations


def parse(deltas: list[bytes], *, worth: int) -> Deltas:
    """Take deltas apart.

    Parameters: `worth`, how many times its own size a delta's result must have for that to be worth the time.
    Nothing here trusts the deltas: what does not add up is not `known`, and applying it will tell.
    """
    data = np.frombuffer(b"".join(deltas) + bytes(8), np.uint8)
    lengths = np.fromiter(map(len, deltas), np.int64, len(deltas))
    ends = np.cumsum(lengths)
    at = ends - lengths
    sources = _number(data, at, ends)
    targets = _number(data, at, ends)
    open_ = np.flatnonzero((lengths * worth < targets) & (at < ends))
    return Deltas(sources, targets, *_operations(data, at, ends, targets, open_))


def _number(data: Bytes, at: Numbers, ends: Numbers) -> Numbers:
    """Read a size from each delta: seven bits a byte, the lowest first. Moves `at` past it."""
    numbers = np.zeros(len(at), np.int64)
    open_ = np.flatnonzero(at < ends)
    for shift in range(0, 7 * _SIZE_BYTES, 7):
        if not len(open_):
            break
        byte = data[at[open_]]
        at[open_] += 1
        numbers[open_] |= (byte & 127).astype(np.int64) << shift
        open_ = open_[(byte >= 128) & (at[open_] < ends[open_])]
    numbers[open_] = _TOO_LARGE
    return numbers


def _operations(
    data: Bytes, at: Numbers, ends: Numbers, targets: Numbers, open_: Numbers
) -> tuple[NDArray[np.bool_], Operations]:
    """Go through the instructions of all deltas at once, one of each in a step."""
    known = np.zeros(len(at), np.bool_)
    done = np.zeros(len(at), np.int64)  # bytes of each result so far
    words = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))  # the eight bytes from each place on
    steps: list[tuple[Numbers, Numbers, Numbers, Numbers]] = []
    for _ in range(_MOST_STEPS):
        if len(open_) < _FEWEST and steps:
            break
        size, source, past = _instructions(words[at[open_]], at[open_])
        steps.append((open_, done[open_], size, source))
        at[open_] = past
        done[open_] += size
        finished = past >= ends[open_]
        last = open_[finished]
        known[last] = (at[last] == ends[last]) & (done[last] == targets[last])
        open_ = open_[~finished & (size > 0)]
    return known, _in_order(steps, known)


def _in_order(steps: list[tuple[Numbers, Numbers, Numbers, Numbers]], known: NDArray[np.bool_]) -> Operations:
    """Put the instructions of each known delta together."""
    counts = np.zeros(len(known), np.int64)
    for which, *_ in steps:
        counts[which] += 1
    counts[~known] = 0
    next_ = np.cumsum(counts) - counts
    found = Operations(*(np.zeros(int(counts.sum()), np.int64) for _ in Operations._fields))
    for which, *columns in steps:
        wanted = known[which]
        deltas = which[wanted]
        row = next_[deltas]
        next_[deltas] += 1
        found.delta[row] = deltas
        for column, values in zip(found[1:], columns, strict=True):
            column[row] = values[wanted]
    return found


def _instructions(words: NDArray[np.uint64], at: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Read the instruction at each place: bytes of the result, where they come from, and the place after it."""
    op = (words & 255).astype(np.int64)
    rest = (words >> np.uint64(8)).astype(np.int64)
    source = rest & _OFFSETS[op]
    size = (rest >> _SHIFTS[op]) & _SIZES[op]
    for row in np.flatnonzero(_SPARSE[op]):
        source[row], size[row] = _spread(int(op[row]), int(rest[row]))
    inserts = op < 128
    size = np.where(inserts, op, np.where(size, size, 1 << 16))  # 0 inserts nothing: it is reserved, and ends a delta
    source[inserts] = -1
    return size, source, at + 1 + np.where(inserts, op, _COUNTS[op])


def _spread(op: int, rest: int) -> tuple[int, int]:
    """Return offset and size of a copy some of whose bytes are left out because they are zero."""
    whole = 0
    for bit in range(7):
        if op >> bit & 1:
            whole |= (rest & 255) << (8 * bit)
            rest >>= 8
    return whole & 0xFFFFFFFF, whole >> 32


def _tables() -> list[Numbers]:
    """Return, by the first byte of a copy: bytes that follow, masks and shift for the fields, and whether it is sparse.

    The bits of that byte tell which of four bytes of the offset and three of the size are there.
    """
    rows = []
    for op in range(256):
        offset, size = (op & 15).bit_length(), (op >> 4 & 7).bit_length()
        count = (op & 127).bit_count()
        rows.append(
            (count, (1 << 8 * offset) - 1, 8 * offset, (1 << 8 * size) - 1, op >= 128 and count != offset + size)
        )
    return [np.array(column, np.int64) for column in zip(*rows, strict=True)]


_COUNTS, _OFFSETS, _SHIFTS, _SIZES, _SPARSE = _tables()
