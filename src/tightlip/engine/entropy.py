"""How random a value looks."""

from __future__ import annotations

from collections import Counter
from math import log2


def shannon(value: bytes) -> float:
    """Return the Shannon entropy in bits per byte: 0 for one repeated byte, 4 for hexadecimal digits in equal parts."""
    size = len(value)
    return -sum(count / size * log2(count / size) for count in Counter(value).values()) if size else 0.0
