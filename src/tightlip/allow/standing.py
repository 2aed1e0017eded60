"""The pragmas that stand in a text, so that those of no use can be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tightlip.allow import pragma
from tightlip.patterns import IGNORECASE, pattern

if TYPE_CHECKING:
    from tightlip.rule import Match

_SIGNS = (b"tightlip:", b":allow", b":ignore", b"ggignore", b"pragma:")
"""One of these is in every pragma."""
_BEGUN = pattern(rb"(?:^|\s)(?:[#/*;%<({|@-][\s#/*;:%!<>{}()@|=\[-]*|(?:REM|dnl)\s+)$", IGNORECASE)
"""A comment that has begun and holds nothing yet."""
_QUOTES = (b'"', b"'", b"`")
_LONGEST_BEFORE = 200
"""Bytes of a line that are looked at."""


class Pragma(NamedTuple):
    """A pragma in a text."""

    start: int
    """Where, in bytes."""
    line: int
    """From 1."""
    text: str
    is_own: bool
    """Whether it is tightlip's, and not another scanner's."""


def every(text: bytes) -> Iterator[Pragma]:
    """Yield the pragmas of a text that stand at the beginning of a comment, in their order.

    What speaks of one in prose, or holds one in quotes, as a test of a scanner does, is none, though it would allow.
    Neither is one in an archive, an image or a program: nobody can take it out there.
    """
    if b"\0" in text or not any(sign in text for sign in _SIGNS):
        return
    found = [(it, it.re is pragma.OWN) for kind in pragma.KINDS for it in kind.finditer(text)]
    line, counted = 1, 0
    for it, is_own in sorted(found, key=lambda pair: pair[0].start()):
        start = it.start()
        before = text[max(text.rfind(b"\n", 0, start) + 1, start - _LONGEST_BEFORE) : start]
        if _BEGUN.search(before) and not any(before.count(quote) % 2 for quote in _QUOTES):
            line, counted = line + text.count(b"\n", counted, start), start
            yield Pragma(start, line, it[0].decode("ascii", "replace"), is_own)


def used(text: bytes, match: Match) -> Iterator[int]:
    """Yield where the pragmas that allow a match stand, in bytes."""
    for begin, found in pragma.each(text, match):
        yield begin + found.start()
