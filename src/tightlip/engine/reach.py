"""How far the matches of a rule's pattern go around a hit of the prefilter."""

from __future__ import annotations

from tightlip.model import Value

_FEW_LINES = 8
"""Newlines in a match that are worth to be counted."""


class Reach(Value):
    """How far a match of a rule goes.

    At most `before` bytes of it stand before the end of a hit in it, and it has at most `width` in all, of which at
    most `newlines` are newlines.
    """

    __slots__ = ("before", "newlines", "width")

    def __init__(self, before: int, width: int, newlines: int) -> None:
        self.before = before
        self.width = width
        self.newlines = newlines

    def start(self, text: bytes, end: int) -> int:
        """Return where a match begins at the earliest in which a hit ends at `end`."""
        at, least = end, max(end - self.before, 0)
        if self.newlines > _FEW_LINES:
            return least
        for _ in range(self.newlines + 1):
            at = text.rfind(b"\n", least, at)
            if at < 0:
                return least
        return at + 1

    def stop(self, text: bytes, end: int) -> int:
        """Return where a match ends at the latest in which a hit ends at `end`."""
        at, most = end, end + self.width
        if self.newlines > _FEW_LINES:
            return most
        for _ in range(self.newlines + 1):
            at = text.find(b"\n", at, most) + 1
            if not at:
                return most
        return at - 1
