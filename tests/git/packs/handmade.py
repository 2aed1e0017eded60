"""Packs written byte by byte, as no git would write them."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

COMMIT, TREE, BLOB, TAG, OFS, REF = 1, 2, 3, 4, 6, 7
_NAMES = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}


def oid_of(content: bytes, kind: int = BLOB) -> bytes:
    return hashlib.sha1(b"%s %d\0" % (_NAMES[kind], len(content)) + content, usedforsecurity=False).digest()


def number(value: int) -> bytes:
    """A size, as deltas write it."""
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + number(rest) if rest else bytes([low])


def copy(at: int, size: int) -> bytes:
    """The instruction to copy a span of the base, with as few bytes as it can have."""
    op, fields = 128, b""
    for bit, byte in enumerate(
        at.to_bytes(4, "little") + (size & 0xFFFF if size == 1 << 16 else size).to_bytes(3, "little")
    ):
        if byte:
            op |= 1 << bit
            fields += bytes([byte])
    return bytes([op]) + fields


def insert(data: bytes) -> bytes:
    return b"".join(bytes([len(part)]) + part for part in (data[at : at + 127] for at in range(0, len(data), 127)))


def delta(base: int, target: int, *instructions: bytes) -> bytes:
    """A delta for a base and a result of so many bytes."""
    return number(base) + number(target) + b"".join(instructions)


def header(kind: int, size: int) -> bytes:
    low, rest = kind << 4 | size & 15, size >> 4
    return bytes([low | 128]) + number(rest) if rest else bytes([low])


def distance(value: int) -> bytes:
    """How far back the base of a delta is, as its entry writes it."""
    out = bytes([value & 127])
    while value := value >> 7:
        value -= 1
        out = bytes([value & 127 | 128]) + out
    return out


class Pack:
    """A pack in the making."""

    def __init__(self, version: int = 2) -> None:
        self._head = b"PACK" + struct.pack(">I", version)
        self._entries: list[tuple[bytes, bytes]] = []
        self._size = 12
        self.offsets: dict[bytes, int] = {}

    def raw(self, oid: bytes, entry: bytes) -> bytes:
        """Add an entry as it is."""
        self._entries.append((oid, entry))
        self.offsets.setdefault(oid, self._size)
        self._size += len(entry)
        return oid

    def whole(
        self, content: bytes, kind: int = BLOB, *, says: int | None = None, deflated: bytes | None = None
    ) -> bytes:
        """Add a whole object. Parameters: `says`, the size its header has; `deflated`, what it has for its data."""
        entry = header(kind, len(content) if says is None else says)
        return self.raw(oid_of(content, kind), entry + (zlib.compress(content) if deflated is None else deflated))

    def ref(self, base: bytes, changes: bytes, content: bytes) -> bytes:
        """Add a delta of the object with an id. Parameters: `content`, what it is meant to be."""
        return self.raw(oid_of(content), header(REF, len(changes)) + base + zlib.compress(changes))

    def ofs(self, base: bytes, changes: bytes, content: bytes) -> bytes:
        """Add a delta of an object before it."""
        back = distance(self._size - self.offsets[base])
        return self.raw(oid_of(content), header(OFS, len(changes)) + back + zlib.compress(changes))

    def write(self, folder: Path, *, ends: int | None = None) -> Path:
        """Write pack and index into a store, and return the pack's path. Parameters: `ends`, cut it there."""
        data = self._head + struct.pack(">I", len(self._entries)) + b"".join(entry for _, entry in self._entries)
        data += hashlib.sha1(data, usedforsecurity=False).digest()
        folder.joinpath("pack").mkdir(parents=True, exist_ok=True)
        path = folder / "pack" / f"pack-{data[-20:].hex()}.pack"
        path.write_bytes(data if ends is None else data[:ends])
        path.with_suffix(".idx").write_bytes(self._index(data[-20:]))
        return path

    def _index(self, checksum: bytes) -> bytes:
        at, rows = 12, []
        for oid, entry in self._entries:
            rows.append((oid, struct.pack(">I", zlib.crc32(entry)), struct.pack(">I", at)))
            at += len(entry)
        rows.sort()
        counts = (sum(oid[0] <= first for oid, *_ in rows) for first in range(256))
        index = b"\xfftOc\0\0\0\2" + b"".join(struct.pack(">I", count) for count in counts)
        index += b"".join(b"".join(column) for column in zip(*rows, strict=True)) + checksum
        return index + hashlib.sha1(index, usedforsecurity=False).digest()
