"""A file, or - for standard input, with one value on each line: `lines:-`."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from tightlip.errors import UsageError
from tightlip.known.asking import some
from tightlip.known.reading import content
from tightlip.known.secret import Known


def secrets(where: str) -> Iterator[Known]:
    """Yield the lines that are not empty. Raises `UsageError`, also where there is none."""
    source = f"lines:{where}"
    yield from some(_lines(source, content(source, where)), UsageError(f"{source}: there is no value in it"))


def _lines(source: str, data: bytes) -> Iterator[Known]:
    for number, line in enumerate(_utf8(source, data).split(b"\n"), 1):
        if value := line.strip(b"\r"):
            yield Known(f"line {number}", value)


def _utf8(source: str, data: bytes) -> bytes:
    """Return a text without the mark in front that Windows puts there, and in UTF-8; what has none as it is."""
    if not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        raise UsageError(f"{source}: it begins as UTF-16 and is none; save it as UTF-8") from None
