"""Zip archives: which files in one are stored as they are, and their checksums."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

_LOCAL, _CENTRAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_LOCAL_SIZE, _CENTRAL_SIZE = 30, 46
_LOCAL_CRC, _CENTRAL_CRC = 14, 16
"""Where the checksums stand in the headers. Source: APPNOTE.TXT, 4.3.7, 4.3.9 and 4.3.12."""
_NAMES = (26, 28)
"""Where the sizes of the name and of what follows it stand in the headers, the local and the central one."""
_ENCRYPTED, _HAS_DESCRIPTOR = 1, 8
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, OverflowError, OSError, EOFError, RuntimeError)
"""What reading a damaged archive raises; one that is packed in an unknown way is a `RuntimeError`, too."""


class Member(NamedTuple):
    """A file in an archive: where its content is, whether it is stored as it is, and where its checksum stands."""

    name: str
    start: int
    end: int
    is_stored: bool
    checksums: tuple[int, ...]


def members(data: bytes) -> list[Member] | None:
    """Return the files of an archive, and None where it cannot be read in every detail."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            files = archive.infolist()
            at = archive.start_dir
    except _DAMAGED:
        return None
    found = []
    for file in files:
        if data[at : at + 4] != _CENTRAL or data[file.header_offset : file.header_offset + 4] != _LOCAL:
            return None
        member = _member(data, file, at)
        if member is None:
            return None
        found.append(member)
        at += _CENTRAL_SIZE + sum(struct.unpack_from("<3H", data, at + _NAMES[1]))
    return found


def _member(data: bytes, file: zipfile.ZipInfo, central: int) -> Member | None:
    local = file.header_offset
    start = local + _LOCAL_SIZE + sum(struct.unpack_from("<2H", data, local + _NAMES[0]))
    end = start + file.compress_size
    checksums = [local + _LOCAL_CRC, central + _CENTRAL_CRC]
    if file.flag_bits & _HAS_DESCRIPTOR:
        after = end + 4 * (data[end : end + 4] == _DESCRIPTOR)
        if data[after : after + 4] != struct.pack("<I", file.CRC):
            return None
        checksums.append(after)
        if data[local + _LOCAL_CRC :][:4] == b"\0\0\0\0":
            checksums.remove(local + _LOCAL_CRC)
    is_stored = file.compress_type == zipfile.ZIP_STORED and not file.flag_bits & _ENCRYPTED
    return Member(file.filename, start, end, is_stored, tuple(checksums))


def mended(old: bytes, new: bytes, files: Sequence[Member]) -> bytes | None:
    """Return an archive with the checksums of the stored files that were changed; None where it is not sound then."""
    mending = bytearray(new)
    changed = [file for file in files if old[file.start : file.end] != new[file.start : file.end]]
    for file in changed:
        checksum = struct.pack("<I", zlib.crc32(new[file.start : file.end]))
        for place in file.checksums:
            mending[place : place + 4] = checksum
    result = bytes(mending)
    return result if _is_sound(result, len(files), {file.start for file in changed}) else None


def _is_sound(data: bytes, count: int, starts: set[int]) -> bool:
    found = members(data)
    if found is None or len(found) != count:
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for file, member in zip(archive.infolist(), found, strict=True):
                if member.start in starts:
                    archive.read(file)
    except _DAMAGED:
        return False
    return True
