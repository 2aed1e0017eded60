"""How random a value looks."""

from __future__ import annotations

from math import log2


def shannon(value: bytes) -> float:
    """Return the Shannon entropy in bits per byte: 0 for one repeated byte, 4 for hexadecimal digits in equal parts."""
    size = len(value)
    shares = [value.count(byte) / size for byte in set(value)]
    return -sum(share * log2(share) for share in shares)
