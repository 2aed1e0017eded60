"""Regular expressions of Go, which `.sops.yaml` is written in (https://github.com/google/re2/wiki/Syntax)."""

from __future__ import annotations

import time
from collections import defaultdict
from functools import lru_cache
from itertools import pairwise

import regex

_LONGEST = 2000
_SECONDS = 0.5
"""For one text."""
_SECONDS_IN_ALL = 2.0
"""For all texts that a pattern is slow on."""
_SLOW = 0.01
_MOST_REPEATS = 1000
"""Of one part in another, all together, as Go has it; more of them take all the memory that there is."""
_TOKEN = regex.compile(
    r"\\Q.*?(?:\\E|\Z)|\\x\{[0-9a-fA-F]{1,6}\}|\\[0-7]{1,3}|\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\{\d*(?:,\d*)?\}"
    r"|\(\?[imsU-]+[:)]|\(\?P?<(?=[A-Za-z_])|\(\?:|\(\?|.",
    regex.DOTALL,
)
_ESCAPE = regex.compile(r"\\(?:[afnrtvxAbBzdDsSwWpP0]|[1-7][0-7]|[\x00-\x2f:-@\[-`{-\x7f])", regex.DOTALL)
_ANY_ESCAPE = regex.compile(r"\\(?:[0-7]{1,3}|.)", regex.DOTALL)
_REPEATED = regex.compile(r"(?:[*+?]|\{[\d,]+\})\+")
_spent: defaultdict[str, float] = defaultdict(float)
"""Seconds, by slow pattern: thousands of texts could each take a little less than is too long."""


class BadExpression(ValueError):
    """Go would not take it, or it is too much for us, as `too_much` says."""

    def __init__(self, why: str, *, too_much: bool = False) -> None:
        self.too_much = too_much
        super().__init__(why)


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches anywhere in a text. Raises `BadExpression`, also where it takes too long."""
    if _spent.get(pattern, 0) > _SECONDS_IN_ALL:
        raise BadExpression("it takes too long to match", too_much=True)
    start = time.perf_counter()
    try:
        return compiled(pattern).search(text, timeout=_SECONDS) is not None
    except TimeoutError:
        _spent[pattern] += _SECONDS_IN_ALL
        raise BadExpression("it takes too long to match", too_much=True) from None
    finally:
        if (seconds := time.perf_counter() - start) > _SLOW:
            _spent[pattern] += seconds


@lru_cache(maxsize=256)
def compiled(pattern: str) -> regex.Pattern[str]:
    """Return a pattern as Python has it. Raises `BadExpression`."""
    if len(pattern) > _LONGEST:
        raise BadExpression("it is too long", too_much=True)
    tokens = _TOKEN.findall(pattern)
    plain = [token for token in tokens if not token.startswith("\\Q")]
    if not _is_known(plain):
        raise BadExpression("it has something that Go's regular expressions do not have")
    if _repeats(plain) > _MOST_REPEATS:
        raise BadExpression("it repeats too much")
    ends = r"\Z" if "(?m" not in pattern else "$"
    try:
        return regex.compile("".join(_translated(token, ends) for token in tokens))
    except (regex.error, RecursionError, OverflowError):
        raise BadExpression("it is no regular expression") from None


def _translated(token: str, ends: str) -> str:
    if token.startswith("\\Q"):
        return regex.escape(token[2:].removesuffix("\\E"))
    if token.startswith("(?") and "U" in token:  # which repeat is greedy changes nothing about whether it matches
        flags = token[2:-1].replace("U", "").removesuffix("-")
        return f"(?{flags}{token[-1]}" if flags or token[-1] == ":" else ""
    if token.startswith("\\x{"):
        return regex.escape(chr(min(int(token[3:-1], 16), 0x10FFFF)))
    if token.startswith(("{,", "{}")):  # to Go these are characters like others
        return regex.escape(token)
    return {"$": ends, r"\z": r"\Z"}.get(token, token)


def _is_known(parts: list[str]) -> bool:
    """Whether Go knows what a pattern has: no references, no looking around, no atomic and possessive parts."""
    if "(?" in parts or any(map(_REPEATED.fullmatch, map("".join, pairwise(parts)))):
        return False
    return all(_ESCAPE.match(it) for part in parts if part[0] in "\\[" for it in _ANY_ESCAPE.findall(part))


def _repeats(parts: list[str]) -> int:
    """Return how often a part of a pattern is repeated at most, with what it is a part of."""
    most, last = [1], 1
    for part in parts:
        if part.startswith("("):
            most.append(1)
        if part == ")" and len(most) > 1:
            last = most.pop()
        elif part[0] == "{" and part[1:2].isdigit():
            last *= max(map(int, filter(None, part[1:-1].split(","))))
        else:
            last = 1
        most[-1] = max(most[-1], last)
    return max(most)
