"""Checksums that providers build into their tokens."""

from __future__ import annotations

from zlib import crc32

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_TERMS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def crc32_base62(token: str) -> bool:
    """Whether the last six characters are the base62 CRC32 of what stands between the last underscore and them.

    GitHub describes this form, and npm took it over:
    https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
    """
    body = token.rpartition("_")[2]
    return len(body) > 6 and body[-6:] in _checksums(body[:-6])


def bech32(text: str) -> bool:
    """Whether the last six characters are the Bech32 checksum of what stands before, as in the keys of age.

    Such a text is all in capitals or all in small letters: https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki
    """
    prefix, _, data = text.lower().rpartition("1")
    if not prefix or len(data) < 6 or not set(data) <= set(_BECH32):
        return False
    letters = prefix.encode()
    check = 1
    for value in (*(it >> 5 for it in letters), 0, *(it & 31 for it in letters), *map(_BECH32.index, data)):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_BECH32_TERMS):
            check ^= term if top >> bit & 1 else 0
    return check == 1


def _checksums(body: str) -> tuple[str, str]:
    """The checksum with either order of letters, since the description names none."""
    number = crc32(body.encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits, digits.swapcase()
