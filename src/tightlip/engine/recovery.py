"""Recovery phrases of wallets: words of the list of BIP-39, and of that alone (recovery.txt, one on each line)."""

from __future__ import annotations

import os
from functools import cache

_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recovery.txt")
_SIZES = frozenset({12, 15, 18, 21, 24})
"""How many words a phrase may have; https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki"""


def is_phrase(value: str) -> bool:
    """Whether a value is as many words as a recovery phrase has, each of the list."""
    words = value.lower().split()
    return len(words) in _SIZES and _listed().issuperset(words)


@cache
def _listed() -> frozenset[str]:
    with open(_FILE, encoding="ascii") as stream:
        return frozenset(stream.read().split())
