"""Which objects a pack holds and where: `.idx` files of version 1 and 2, and the multi-pack-index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Numbers = NDArray[np.int64]

_IDX = b"\xfftOc"
_FAN_OUT = 1024  # 256 counts of four bytes
_LARGE = 1 << 31  # an offset with this bit is a row of the table of 64-bit offsets


class Refused(Exception):
    """A file is not what it should be: the objects in it are left to git, which may know better."""


class Index(NamedTuple):
    """The objects of one pack, in the order of their ids."""

    path: str
    """The pack's file."""
    oids: Bytes
    """Their ids, a row each."""
    offsets: Numbers
    """Where their entries begin in the pack."""
    checksum: bytes
    """What the pack ends in; empty where that is not known."""


def indexes(folder: str, width: int) -> Iterator[Index | Refused]:
    """Yield the index of each pack in an object folder, or why it cannot be used.

    Parameters: `folder`, a store's `objects`; `width`, the bytes of an id. A pack without an `.idx` is found in the
    multi-pack-index, which has a row for each object that it does not have in another pack too.
    Source: https://git-scm.com/docs/gitformat-pack.
    """
    packs = os.path.join(folder, "pack")
    try:
        names = sorted(os.listdir(packs))
    except OSError:
        return
    known = {name[:-4] for name in names if name.endswith(".idx")}
    for name in names:
        if name.endswith(".pack") and name[:-5] in known:
            path = os.path.join(packs, name)
            yield _guarded(path, lambda path=path: _idx(path, _content(f"{path[:-5]}.idx"), width))
    if "multi-pack-index" in names:
        orphans = {name for name in names if name.endswith(".pack") and name[:-5] not in known}
        yield from _multi(packs, orphans, width) if orphans else ()


def _guarded(path: str, read: object) -> Index | Refused:
    try:
        return read()  # type: ignore[operator,no-any-return]
    except (OSError, ValueError, IndexError) as error:
        return Refused(f"{os.path.basename(path)}: {error}")


def _content(path: str) -> Bytes:
    with open(path, "rb") as file:
        return np.frombuffer(file.read(), np.uint8)


def _idx(path: str, data: Bytes, width: int) -> Index:
    version = 2 if data[:4].tobytes() == _IDX else 1
    start = 8 if version == 2 else 0
    if version == 2 and data[4:8].tobytes() != b"\0\0\0\2":
        raise ValueError("its index is of a version that is not known")
    count = _count(data[start : start + _FAN_OUT])
    at = start + _FAN_OUT
    checksum = data[-2 * width : -width].tobytes()
    if version == 1:
        rows = _table(data, at, count, 4 + width)
        return Index(path, np.ascontiguousarray(rows[:, 4:]), _numbers(rows[:, :4]), checksum)
    oids = _table(data, at, count, width)
    at += count * (width + 4)  # past the ids, and a checksum of each entry
    offsets = _numbers(_table(data, at, count, 4))
    return Index(path, oids, _with_large(offsets, data[at + 4 * count : len(data) - 2 * width]), checksum)


def _count(fan_out: Bytes) -> int:
    counts = _numbers(_table(fan_out, 0, 256, 4))
    if (np.diff(counts) < 0).any():
        raise ValueError("its index is damaged")
    return int(counts[-1])


def _table(data: Bytes, at: int, rows: int, columns: int) -> Bytes:
    if at + rows * columns > len(data):
        raise ValueError("its index is cut short")
    return data[at : at + rows * columns].reshape(rows, columns)


def _numbers(rows: Bytes) -> Numbers:
    """Return big-endian numbers of 4 or 8 bytes, a row each."""
    return np.ascontiguousarray(rows).view(f">u{rows.shape[1]}").reshape(-1).astype(np.int64)


def _with_large(offsets: Numbers, large: Bytes) -> Numbers:
    rows = np.flatnonzero(offsets & _LARGE)
    if len(rows):
        table = _numbers(large[: len(large) // 8 * 8].reshape(-1, 8))
        offsets[rows] = table[offsets[rows] ^ _LARGE]  # an IndexError where the table is too short
    return offsets


def _multi(folder: str, wanted: set[str], width: int) -> Iterator[Index | Refused]:
    """Yield what the multi-pack-index knows of the packs that have no index of their own."""
    path = os.path.join(folder, "multi-pack-index")
    try:
        names, oids, packs, offsets = _multi_tables(_content(path), width)
    except (OSError, ValueError, IndexError, KeyError) as error:
        yield Refused(f"multi-pack-index: {error}")
        return
    for number, name in enumerate(names):
        pack = f"{os.fsdecode(name).rpartition('.')[0]}.pack"
        if pack in wanted:
            rows = packs == number
            yield Index(os.path.join(folder, pack), oids[rows], offsets[rows], b"")


def _multi_tables(data: Bytes, width: int) -> tuple[list[bytes], Bytes, Numbers, Numbers]:
    head = data[:12].tobytes()
    if head[:5] != b"MIDX\1":
        raise ValueError("it is of a version that is not known")
    rows = _table(data, 12, head[6] + 1, 12)
    starts = _numbers(rows[:, 4:])
    chunks = {rows[i, :4].tobytes(): data[int(starts[i]) : int(starts[i + 1])] for i in range(head[6])}
    count = _count(chunks[b"OIDF"])
    places = _table(chunks[b"OOFF"], 0, count, 8)
    offsets = _numbers(places[:, 4:])
    if b"LOFF" in chunks:
        offsets = _with_large(offsets, chunks[b"LOFF"])
    names = chunks[b"PNAM"].tobytes().split(b"\0")
    return names, _table(chunks[b"OIDL"], 0, count, width), _numbers(places[:, :4]), offsets
