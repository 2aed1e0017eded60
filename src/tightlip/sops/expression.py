"""Regular expressions of Go, which `.sops.yaml` is written in (https://github.com/google/re2/wiki/Syntax)."""

from __future__ import annotations

from functools import lru_cache

import regex

_LONGEST = 2000
_SECONDS = 0.5
_FOREIGN = regex.compile(r"(?:[^\\]|^)(?:\\\\)*(?:\\[1-9kgZK]|\(\?(?:[=!>#&(|]|<[=!]|P[=>])|[*+?}][+])")
"""What Python knows and Go does not: references, looking around, atomic and possessive parts."""
_TOKEN = regex.compile(r"\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|\$|.", regex.DOTALL)


class BadExpression(ValueError):
    """Go would not take it."""


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches anywhere in a text. Raises `BadExpression`, also where it takes too long."""
    try:
        return compiled(pattern).search(text, timeout=_SECONDS) is not None
    except TimeoutError:
        raise BadExpression("it takes too long to match") from None


@lru_cache(maxsize=256)
def compiled(pattern: str) -> regex.Pattern[str]:
    """Return a pattern as Python has it. Raises `BadExpression`."""
    if len(pattern) > _LONGEST:
        raise BadExpression("it is too long")
    if _FOREIGN.search(pattern):
        raise BadExpression("it has something that Go's regular expressions do not have")
    ends = r"\Z" if "(?m" not in pattern else "$"
    parts = [{"$": ends, r"\z": r"\Z"}.get(token, token) for token in _TOKEN.findall(pattern)]
    try:
        return regex.compile("".join(parts))
    except (regex.error, RecursionError, OverflowError):
        raise BadExpression("it is no regular expression") from None
