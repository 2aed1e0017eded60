"""Compressed files and archives, by what they begin with."""

from __future__ import annotations

import bz2
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO
from typing import NamedTuple, Protocol

from tightlip.engine.decode import magic
from tightlip.engine.decode.budget import MOST_AT_ONCE, Budget
from tightlip.engine.decode.decoded import Decoded, whole

_CHECKSUM = 8
"""Bytes at the end of gzip that are no content."""
_DAMAGED = (zlib.error, OSError, EOFError, lzma.LZMAError, ValueError)
"""What the decompressors raise."""
_DAMAGED_TAR = (tarfile.TarError, ValueError, EOFError, OSError, OverflowError)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Stream(NamedTuple):
    """A kind of compressed file, which holds one value."""

    step: str
    magic: bytes
    start: Callable[[], _Decompressor]


_STREAMS = (
    _Stream("gzip", magic.GZIP, lambda: zlib.decompressobj(wbits=31)),
    _Stream("bzip2", magic.BZIP2, bz2.BZ2Decompressor),
    _Stream("xz", magic.XZ, lzma.LZMADecompressor),
)


def decoded(text: bytes, budget: Budget) -> Iterator[Decoded]:
    """Yield what a compressed file or an archive holds, if the text is one."""
    for stream in _STREAMS:
        if text.startswith(stream.magic):
            yield from _decompressed(stream, text, budget)
    if text.startswith(magic.ZIP):
        yield from _unzipped(text, budget)
    if magic.is_tar(text):
        yield from _untarred(text, budget)


def _decompressed(stream: _Stream, text: bytes, budget: Budget) -> Iterator[Decoded]:
    parts, why = _inflated(stream.start, text, budget.room(len(text)))
    if parts and why:
        budget.tell(f"{stream.step}: {why}")
    if parts:
        yield Decoded((stream.step,), b"".join(parts), whole(len(text)), is_tight=False)


def _inflated(start: Callable[[], _Decompressor], text: bytes, room: int) -> tuple[list[bytes], str]:
    """Return as much as there is room for, and what of the rest is there and was not read.

    Several streams may follow each other. One that ends early was read as far as it goes.
    """
    parts: list[bytes] = []
    left = room
    try:
        while text:
            stream = start()
            data = text
            while not stream.eof:
                part = stream.decompress(data, left + 1)
                parts.append(part[:left])
                left -= len(parts[-1])
                if len(part) > len(parts[-1]):
                    return parts, f"only its first {room:,} bytes were scanned"
                data = getattr(stream, "unconsumed_tail", b"")
                if not part and not data and not stream.eof:
                    return _filled(parts), ""
            text = stream.unused_data.lstrip(b"\0")
            if not text.startswith((b"\x1f\x8b", b"BZh", b"\xfd7z")):
                break  # what follows is no part of it
    except _DAMAGED:
        return _filled(parts) + _before_damage(start, text, left), "it is damaged"
    return parts, ""


def _filled(parts: list[bytes]) -> list[bytes]:
    return [part for part in parts if part]


def _before_damage(start: Callable[[], _Decompressor], text: bytes, room: int) -> list[bytes]:
    """Return the beginning of a damaged stream: what comes before the damage is lost with the call that meets it."""
    for size in (len(text) - _CHECKSUM, *(len(text) >> halvings for halvings in range(1, 5))):
        with suppress(*_DAMAGED):
            return _filled([start().decompress(text[: max(size, 0)], room)])
    return []


def _unzipped(text: bytes, budget: Budget) -> Iterator[Decoded]:
    try:
        archive = zipfile.ZipFile(BytesIO(text))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error):
        yield from _zip_without_directory(text, budget)
        return
    with archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            budget.take_file()
            step = f"zip:{member.filename}"
            if member.flag_bits & 1:
                budget.tell(f"{step}: it is encrypted")
                continue
            room = budget.room(member.compress_size)
            try:
                with archive.open(member) as file:
                    data = file.read(room + 1)
            except (zipfile.BadZipFile, zlib.error, OSError, EOFError, lzma.LZMAError, ValueError, NotImplementedError,
                    RuntimeError, struct.error):  # fmt: skip
                budget.tell(f"{step}: it is damaged, or packed in a way that is not known here")
                continue
            if len(data) > room:
                budget.tell(f"{step}: only its first {room:,} bytes were scanned")
            path = member.filename.encode("utf-8", "surrogateescape")
            yield Decoded((step,), data[:room], whole(len(text)), path=path, is_tight=False)


_LOCAL = struct.Struct("<4s5H3L2H")
"""The header before each file of a zip archive. Source: APPNOTE.TXT, 4.3.7."""


def _zip_without_directory(text: bytes, budget: Budget) -> Iterator[Decoded]:
    """Yield what can be read of a zip archive that is cut off or damaged at its end; nothing if it is none."""
    found = passed_over = 0
    at = 0
    while at >= 0 and at + _LOCAL.size <= len(text):
        _, _, flags, method, _, _, _, packed, _, name_size, extra = _LOCAL.unpack_from(text, at)
        name = text[at + _LOCAL.size :][:name_size]
        start = at + _LOCAL.size + name_size + extra
        following = text.find(b"PK\x03\x04", start)
        data = text[start : start + packed if packed else following if following >= 0 else len(text)]
        step = f"zip:{name.decode('utf-8', 'replace')}"
        if not name or flags & 1 or method not in (0, 8):
            passed_over += 1
        else:
            budget.take_file()
            parts, why = _deflated(data, budget) if method else (_filled([data[:MOST_AT_ONCE]]), "")
            if parts:
                found += 1
                if why:
                    budget.tell(f"{step}: {why}")
                yield Decoded((step,), b"".join(parts), whole(len(text)), path=name, is_tight=False)
        at = following
    if found and passed_over:
        budget.tell("zip: it is damaged; only a part of it could be read")


def _deflated(data: bytes, budget: Budget) -> tuple[list[bytes], str]:
    return _inflated(lambda: zlib.decompressobj(wbits=-15), data, budget.room(len(data)))


def _untarred(text: bytes, budget: Budget) -> Iterator[Decoded]:
    """Yield the files of a tar archive. All of it was searched as it is, so of a damaged one nothing is unseen."""
    with suppress(*_DAMAGED_TAR), tarfile.open(fileobj=BytesIO(text), mode="r:") as archive:
        for member in archive:
            if not member.isfile():
                continue
            budget.take_file()
            start = member.offset_data
            step = f"tar:{member.name}"
            data = text[start : start + member.size]
            if len(data) > MOST_AT_ONCE:
                budget.tell(f"{step}: only its first {MOST_AT_ONCE:,} bytes were scanned")
            path = member.name.encode("utf-8", "surrogateescape")
            yield Decoded((step,), data[:MOST_AT_ONCE], _moved(start), path)


def _moved(by: int) -> Callable[[int, int], tuple[int, int]]:
    return lambda start, end: (start + by, end + by)
