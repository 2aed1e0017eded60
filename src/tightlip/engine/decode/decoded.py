"""What a decoder makes of a part of a text, and where each byte of that came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import NamedTuple

At = Callable[[int, int], tuple[int, int]]
"""Where the bytes from one place to another, of what was decoded, stand in the text that it was decoded from."""


class Decoded(NamedTuple):
    """A part of a text, decoded, perhaps with what stands around it."""

    steps: tuple[str, ...]
    """What it was decoded from, as a person calls it, the outermost first."""
    text: bytes
    at: At
    path: bytes | None = None
    """Of a file in an archive, its name: what rules that go by the path look at."""
    seams: list[int] | None = None
    """Where it differs from the text, in order; None where all of it does."""
    is_tight: bool = True
    """Whether a place in it has a place of its own in the text, and not only as a part of something larger."""


class Source(NamedTuple):
    """A stretch of a decoded text, and where it came from."""

    made: int
    """Where it begins in what was decoded."""
    start: int
    end: int
    is_copy: bool
    """Whether it is the very bytes; otherwise it came from the stretch as a whole."""


class Sources:
    """Where each byte of a text came from that was put together of stretches."""

    def __init__(self, rows: Iterable[Source]) -> None:
        """Parameters: `rows`, in order, the first of them at 0."""
        self._rows = list(rows)
        self._begins = [row.made for row in self._rows]

    def __call__(self, start: int, end: int) -> tuple[int, int]:
        """Return the place that a stretch came from."""
        first = self._rows[bisect_right(self._begins, start) - 1]
        last = self._rows[bisect_right(self._begins, max(end - 1, start)) - 1]
        return (
            first.start + (start - first.made if first.is_copy else 0),
            last.start + end - last.made if last.is_copy else last.end,
        )


def whole(size: int) -> At:
    """Return the places of what only came from a text as a whole."""
    return lambda *_: (0, size)
