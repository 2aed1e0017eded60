"""The notation of examples in rule files: broken in the file, whole when loaded, with the secret marked.

    «ghp_[0-9A-Za-z]{36}»    the marks show the exact secret; [class]{n} becomes n characters of the class
    «AK¦IA...»               a broken bar is deleted

So no rule file holds a literal that another scanner, or a host's push protection, would take for a live secret.
"""

from __future__ import annotations

import re
from hashlib import sha256

_OPEN, _CLOSE, _BREAK = "«", "»", "¦"
_EXPANSION = re.compile(r"\[([^\[\]]+)\]\{(\d+)\}")
_RANGE = re.compile(r"(.)-(.)|(.)", re.DOTALL)


def expand(text: str, seed: str) -> tuple[str, tuple[str, ...]]:
    """Return the whole text and the secrets marked in it.

    `seed` decides the characters: the same seed gives the same text, on every machine.
    Raises `ValueError` where marks do not pair.
    """
    count = 0

    def fill(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return _characters(match[1], int(match[2]), f"{seed}:{count}")

    plain = _EXPANSION.sub(fill, text).replace(_BREAK, "")
    whole: list[str] = []
    secrets: list[str] = []
    for number, part in enumerate(plain.split(_OPEN)):
        secret, close, rest = part.partition(_CLOSE)
        if bool(close) != (number > 0) or _CLOSE in rest:
            raise ValueError("has a « without its », or the other way round")
        secrets += [secret] if close else []
        whole += [secret, rest]
    return "".join(whole), tuple(secrets)


def _characters(spec: str, count: int, seed: str) -> str:
    alphabet = "".join(
        single or "".join(map(chr, range(ord(low), ord(high) + 1))) for low, high, single in _RANGE.findall(spec)
    )
    stream = b"".join(sha256(f"{seed}:{block}".encode()).digest() for block in range(count // 16 + 1))
    return "".join(alphabet[int.from_bytes(stream[2 * n : 2 * n + 2], "big") % len(alphabet)] for n in range(count))
