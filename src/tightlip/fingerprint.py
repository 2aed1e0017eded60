"""The identity of a secret: the same wherever it moves, and of no use to a thief.

A fingerprint is stored in reports and baselines, so a short password must not be found by trying words: it is made
with scrypt (RFC 7914), a slow function, and cut to 80 bits. It depends on the rule and the value alone: not on path,
line or commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

_SALT = b"tightlip fingerprint 1:"
_COST = {"n": 1 << 12, "r": 8, "p": 1, "dklen": 10}


@cache
def fingerprint(rule: str, value: bytes) -> str:
    """Return the fingerprint of a value that a rule found: 20 hexadecimal digits. Takes some 10 ms on purpose."""
    from hashlib import scrypt

    return scrypt(value, salt=_SALT + rule.encode(), **_COST).hex()


def prepare(secrets: Iterable[tuple[str, bytes]]) -> None:
    """Make the fingerprints of pairs of a rule and a value on all processors; each is at hand then."""
    pairs = list(secrets)
    if len(pairs) < 2:
        return
    from concurrent.futures import ThreadPoolExecutor  # scrypt runs without the interpreter's lock

    with ThreadPoolExecutor() as threads:
        for _ in threads.map(lambda pair: fingerprint(*pair), pairs):
            pass
