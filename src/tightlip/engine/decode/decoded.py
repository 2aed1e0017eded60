"""What a decoder makes of a part of a text, and where each byte of that came from."""

from __future__ import annotations

from bisect import bisect_right

from tightlip.model import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    At: TypeAlias = Callable[[int, int], tuple[int, int]]
    """Where the bytes from one place to another, of what was decoded, stand in the text that it was decoded from."""


class Decoded(Value):
    """A part of a text, decoded, perhaps with what stands around it.

    `steps` are what it was decoded from, as a person calls it, the outermost first; `path` is the name of a file in an
    archive, which rules that go by the path look at; `seams` are where it differs from the text, in order, and None
    where all of it does; `is_tight` tells whether a place in it has a place of its own in the text, and not only as a
    part of something larger.
    """

    __slots__ = ("at", "is_tight", "path", "seams", "steps", "text")

    def __init__(  # noqa: PLR0913 - all that is known of it
        self,
        steps: tuple[str, ...],
        text: bytes,
        at: At,
        path: bytes | None = None,
        seams: list[int] | None = None,
        *,
        is_tight: bool = True,
    ) -> None:
        self.steps = steps
        self.text = text
        self.at = at
        self.path = path
        self.seams = seams
        self.is_tight = is_tight


class Source(Value):
    """A stretch of a decoded text: where it begins there, and where it came from.

    `is_copy` tells whether it is the very bytes; otherwise it came from the stretch as a whole.
    """

    __slots__ = ("end", "is_copy", "made", "start")

    def __init__(self, made: int, start: int, end: int, *, is_copy: bool) -> None:
        self.made = made
        self.start = start
        self.end = end
        self.is_copy = is_copy


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
