"""What deltas change, worked out for many at a time.

A delta is two sizes and instructions: copy a span of the base, or insert these bytes. What it copies has been looked at
in the base; what is new are the inserted spans and the seams between two copies. Source: gitformat-pack.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.git.packs.index import Bytes, Numbers

_MOST = 1 << 24
"""The most bytes of instructions that are taken apart at a time: what they say takes several times the memory."""
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


def parse(deltas: list[bytes], *, worth: int | None) -> Deltas:
    """Take deltas apart.

    Parameters: `worth`, how many times its own size a delta's result must have for that to be worth the time; None
    where only the sizes are asked for.
    Nothing here trusts the deltas: what does not add up is not `known`, and applying it will tell.
    """
    sources, targets, starts = _sizes(deltas)
    chosen = np.zeros(0, np.int64) if worth is None else _chosen(deltas, targets, worth)
    codes = [deltas[i][start:] for i, start in zip(chosen.tolist(), starts[chosen].tolist(), strict=True)]
    sound, operations = _operations(codes, targets[chosen])
    known = np.zeros(len(deltas), np.bool_)
    known[chosen] = sound
    return Deltas(sources, targets, known, operations._replace(delta=chosen[operations.delta]))


def _chosen(deltas: list[bytes], targets: Numbers, worth: int) -> Numbers:
    lengths = _lengths(deltas)
    wanted = lengths * worth < targets
    wanted &= np.cumsum(np.where(wanted, lengths, 0)) <= _MOST
    return np.flatnonzero(wanted)


def _sizes(deltas: list[bytes]) -> tuple[Numbers, Numbers, Numbers]:
    """Return the sizes of bases and results, and where the instructions begin."""
    heads = [delta[: 2 * _SIZE_BYTES] for delta in deltas]
    data = np.frombuffer(b"".join(heads) + b"\0", np.uint8)
    ends = np.cumsum(_lengths(heads))
    begins = ends - _lengths(heads)
    at = begins.copy()
    return _number(data, at, ends), _number(data, at, ends), at - begins


def _lengths(parts: list[bytes]) -> Numbers:
    return np.fromiter(map(len, parts), np.int64, len(parts))


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


def _operations(codes: list[bytes], targets: Numbers) -> tuple[NDArray[np.bool_], Operations]:
    """Go through the instructions of all deltas, as if they were those of one."""
    joined = b"".join(codes)
    edges = np.cumsum([0, *map(len, codes)])
    places = np.fromiter(_places(joined, edges.tolist()), np.int64)
    first = np.searchsorted(places, edges)
    delta = np.repeat(np.arange(len(codes)), np.diff(first))
    size, source, past = _instructions(joined, places)
    done = np.concatenate([[0], np.cumsum(size)])
    sound = np.diff(done[first]) == targets
    sound[delta[past > edges[delta + 1]]] = False  # it is cut off
    sound[delta[size == 0]] = False  # it is reserved
    at = done[:-1] - done[first[delta]]
    return sound, Operations(*(column[sound[delta]] for column in (delta, at, size, source)))


def _places(joined: bytes, edges: list[int]) -> Iterator[int]:
    """Yield where instructions begin: each has to be read to know where the next is."""
    steps = joined.translate(_STEPS)
    for start, end in pairwise(edges):
        at = start
        while at < end:
            yield at
            at += steps[at]


def _instructions(code: bytes, places: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Read the instruction at each place: bytes of the result, where they come from, and the place after it."""
    words = np.ndarray(len(code), "<u8", code + bytes(7), strides=(1,))[places]  # the eight bytes from each on
    op = (words & 255).astype(np.int64)
    rest = (words >> np.uint64(8)).astype(np.int64)
    source = rest & _OFFSETS[op]
    size = (rest >> _SHIFTS[op]) & _SIZES[op]
    sparse = np.flatnonzero(_SPARSE[op])
    source[sparse], size[sparse] = _spread(op[sparse], rest[sparse])
    size[size == 0] = 1 << 16
    inserts = op < 128
    source[inserts] = -1
    return np.where(inserts, op, size), source, places + _LENGTHS[op]


def _spread(op: Numbers, rest: Numbers) -> tuple[Numbers, Numbers]:
    """Return offset and size of copies some of whose bytes are left out because they are zero."""
    whole = np.zeros(len(op), np.int64)
    for bit in range(7):
        there = op >> bit & 1
        whole |= (rest & 255 * there) << 8 * bit
        rest = rest >> 8 * there
    return whole & 0xFFFFFFFF, whole >> 32


def _step(op: int) -> int:
    """Return the bytes of an instruction, by its first. The lower bits of a copy tell which other bytes are there."""
    return 1 + ((op & 127).bit_count() if op >= 128 else op)


def _tables() -> list[Numbers]:
    """Return, by the first byte of a copy: masks and shift for the fields, and whether bytes are left out in them.

    Four bits of that byte are for the bytes of the offset, and three for those of the size, the lowest first.
    """
    rows = []
    for op in range(256):
        offset, size = (op & 15).bit_length(), (op >> 4 & 7).bit_length()
        is_sparse = op >= 128 and _step(op) != 1 + offset + size
        rows.append(((1 << 8 * offset) - 1, 8 * offset, (1 << 8 * size) - 1, is_sparse))
    return [np.array(column, np.int64) for column in zip(*rows, strict=True)]


_STEPS = bytes(map(_step, range(256)))
_LENGTHS = np.array([*_STEPS], np.int64)
_OFFSETS, _SHIFTS, _SIZES, _SPARSE = _tables()
