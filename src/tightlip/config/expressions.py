"""Regular expressions that a configuration gives: checked when it is read, and never left to run for long.

They are not kept in the cache folder, as those of rules are: one may be the very value that it allows.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

    from tightlip.config.node import Node

LONGEST = 1000
"""The most characters of an expression."""
TIMEOUT = 0.5
"""Seconds that one may take over one text."""
_MOST_COPIES = 100_000
"""How many parts one may have once its repeats are written out, as `regex` does when it compiles."""
_MOST_SLOW = 10
"""So many may take too long before no other one is tried."""
_slow: set[str] = set()

_TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(?P<least>\d+)(?:,\d*)?\}|(?P<open>\()|(?P<close>\))|.", re.DOTALL
)
_ASIDE = re.compile(r"\(\?(?:#|[a-zA-Z0-9]*[xV])")
"""A comment, white space that does not count (`x`), another version of the syntax: `_copies` does not know these."""


def checked(node: Node) -> str:
    """Return an expression. Raises `ConfigError`, without what it says: it may be a secret."""
    text = node.text()
    if len(text) > LONGEST:
        raise node.error(f"is longer than {LONGEST:,} characters")
    if _ASIDE.search(text):
        raise node.error("has (?x), (?V1) or a comment in it, which are not for here")
    if _copies(text) > _MOST_COPIES:
        raise node.error("repeats what is repeated so often that it cannot be compiled")
    import regex

    try:
        finds_nothing = compiled(text).search(b"", timeout=TIMEOUT) is not None
    except regex.error as error:
        raise node.error(f"is not a regular expression: {_problem(error)}") from None
    except (TimeoutError, RecursionError, OverflowError, MemoryError, ValueError, KeyError):
        raise node.error("is a regular expression that takes too long, or that is not possible") from None
    if finds_nothing:
        raise node.error("matches the empty text, and so everything")
    return text


@cache
def compiled(text: str) -> regex.Pattern[bytes]:
    """Return an expression for bytes."""
    import regex

    return regex.compile(text.encode("utf-8", "surrogatepass"), regex.MULTILINE)


def finds(text: str, data: bytes) -> bool:
    """Whether an expression is found in `data`. One that takes too long is not, and is not tried again."""
    if text in _slow or len(_slow) >= _MOST_SLOW:
        return False
    try:
        return compiled(text).search(data, timeout=TIMEOUT) is not None
    except TimeoutError:
        _slow.add(text)
        return False


def _copies(text: str) -> float:
    """Return how many parts an expression has once each repeat is written out as often as it must match."""
    groups, last = [0.0], 0.0
    for token in _TOKEN.finditer(text):
        if token["open"]:
            groups.append(0.0)
            last = 0.0
        elif token["close"] and len(groups) > 1:
            last = groups.pop() + 1
            groups[-1] += last
        elif token["least"]:
            more = last * (max(int(token["least"][:9]), 1) - 1)
            groups[-1] += more
            last += more
        else:
            last = 1
            groups[-1] += 1
    return sum(groups)


def _problem(error: regex.error) -> str:
    """Say what is wrong and where, and not with what: that part is cut off."""
    problem, _, where = str(error).partition(" at position ")
    number = where.partition(" ")[0]
    return problem.partition(" '")[0] + (f" at character {int(number) + 1}" if number.isdigit() else "")
