"""The identity of a secret in one baseline: the same wherever it moves, and of no use to a thief.

As fingerprint.py makes a fingerprint (scrypt, RFC 7914, cut to 80 bits), but with a salt of the file's own: what was
guessed for one repository is worth nothing for the next.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache

DIGITS = 20
"""Hexadecimal digits of an identity."""
_COST = {"n": 1 << 12, "r": 8, "p": 1, "dklen": DIGITS // 2}
_SALT_BYTES = 16


def new_salt() -> str:
    """Return a salt for a new file, in hexadecimal."""
    return os.urandom(_SALT_BYTES).hex()


@cache
def identity(salt: str, rule: str, value: bytes) -> str:
    """Return the identity of a value that a rule found: 20 hexadecimal digits. Takes some 10 ms on purpose."""
    from hashlib import scrypt

    return scrypt(value, salt=f"tightlip baseline 1:{salt}:{rule}".encode(), **_COST).hex()


def prepare(secrets: Iterable[tuple[str, str, bytes]]) -> None:
    """Make the identities of (salt, rule, value) on all processors; each is at hand then."""
    wanted = list(dict.fromkeys(secrets))
    if len(wanted) < 2:
        return
    from concurrent.futures import ThreadPoolExecutor  # scrypt runs without the interpreter's lock

    with ThreadPoolExecutor() as threads:
        for _ in threads.map(lambda secret: identity(*secret), wanted):
            pass
