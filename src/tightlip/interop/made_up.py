"""A text in which a rule finds a secret, made up from its pattern, in the notation of examples in rule files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from tightlip import patterns, sample
from tightlip.engine.filters import Surroundings
from tightlip.engine.judge import judge

if TYPE_CHECKING:
    import regex

    from tightlip.rule import Rule

_TRIES, _SECONDS = 60, 0.2
_USUAL_PATHS = (b"settings.txt", b".env", b"src/settings.py", b"src/app.js", b"config/settings.yaml", b"config.json")


def example(rule: Rule) -> tuple[str, str] | None:
    """Return a text with its secret marked, and the path that it is under; None where none can be made up.

    The same rule gives the same text.
    """
    dice = random.Random(rule.pattern)  # noqa: S311 - the same example every time
    with suppress(TimeoutError, RecursionError):
        path = _path(rule.path, dice)
        if rule.path and not path:
            return None
        for text in _samples(rule.pattern, dice):
            if (span := _secret(rule, text)) is not None:
                return _broken(text.decode("ascii"), *span), path
    return None


def fits(pattern: str, path: str) -> bool:
    """Whether a rule that looks at paths like `pattern` looks at this one."""
    with suppress(TimeoutError):
        return not pattern or _compiled(pattern).search(path.encode(), timeout=_SECONDS) is not None
    return False


def unmarked(text: str) -> str:
    """Return a text without the marks of its secret, which stays broken."""
    return text.replace("«", "").replace("»", "")


def _samples(pattern: str, dice: random.Random) -> Iterator[bytes]:
    """Yield texts that may match, of plain characters."""
    for _ in range(_TRIES):
        with suppress(IndexError):  # a class without a character
            text = sample.samples(pattern, dice, 1)[0]
            if all(32 <= byte < 127 or byte in b"\t\n" for byte in text):
                yield text


def _secret(rule: Rule, text: bytes) -> tuple[int, int] | None:
    """Return where the rule finds its only secret."""
    every = [match.span("secret") for match in _compiled(rule.pattern).finditer(text, timeout=_SECONDS)]
    if len(every) != 1 or not 0 <= every[0][0] < every[0][1]:
        return None
    start, end = every[0]
    confidence, _ = judge(rule, text[start:end], Surroundings(text, start, end), _compiled)
    return (start, end) if confidence else None


def _compiled(pattern: str) -> regex.Pattern[bytes]:
    return patterns.pattern(pattern.encode())


def _path(pattern: str, dice: random.Random) -> str:
    """Return a path that a rule looks at; nothing where it looks at every one, or none can be made up."""
    if not pattern:
        return ""
    made_up = (b"/".join(filter(None, text.split(b"/"))) for text in _samples(pattern, dice))
    for path in (*_USUAL_PATHS, *made_up):
        if path and b"\n" not in path and _compiled(pattern).search(path, timeout=_SECONDS):
            return path.decode("ascii")
    return ""


def _broken(text: str, start: int, end: int) -> str:
    """Mark the secret, and break it so that no file holds it whole."""
    middle = start + max(1, (end - start) // 2)
    cuts = sorted({min(start + 2, middle), middle} - {end}, reverse=True)
    marked = f"{text[:end]}»{text[end:]}"
    for at in cuts:
        marked = f"{marked[:at]}¦{marked[at:]}"
    return f"{marked[:start]}«{marked[start:]}".replace("]{", "]¦{")
