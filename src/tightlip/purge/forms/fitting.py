"""A replacement of a given size: cut off, or filled up."""

from __future__ import annotations


def fitted(replacement: bytes, size: int, filler: bytes) -> bytes:
    """Return a replacement cut off or filled up to so many bytes; a character is not cut in two."""
    if len(replacement) > size:
        replacement = _whole(replacement, size)
    return replacement + filler * (size - len(replacement))


def _whole(replacement: bytes, size: int) -> bytes:
    try:
        replacement.decode("utf-8")
    except UnicodeDecodeError:
        return replacement[:size]
    return replacement[:size].decode("utf-8", "ignore").encode()


def fitted_wide(replacement: bytes, size: int, filler: bytes, encoding: str) -> bytes:
    """Return a replacement in UTF-16 or UTF-32 of so many bytes: one that is not ASCII is filler only."""
    text = replacement.decode("ascii") if replacement.isascii() else ""
    unit = len("*".encode(encoding))
    return (text + filler.decode("ascii") * size)[: size // unit].encode(encoding)
