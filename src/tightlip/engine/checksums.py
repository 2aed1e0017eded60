"""Checksums that providers build into their tokens."""

from __future__ import annotations

from zlib import crc32

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def crc32_base62(token: str) -> bool:
    """Whether the last six characters are the base62 CRC32 of what stands between the last underscore and them.

    GitHub describes this form, and npm took it over:
    https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
    """
    body = token.rpartition("_")[2]
    return len(body) > 6 and body[-6:] in _checksums(body[:-6])


def _checksums(body: str) -> tuple[str, str]:
    """The checksum with either order of letters, since the description names none."""
    number = crc32(body.encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits, digits.swapcase()
