"""A line on the terminal that says how far a long scan is, and leaves no trace."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, TextIO

from tightlip.report.options import is_terminal, shows_unicode
from tightlip.report.style import count, duration, size

if TYPE_CHECKING:
    from types import TracebackType

    from tightlip.advance import Advance

_EVERY, _BAR, _MINUTE = 0.1, 20, 59.5


class Progress:
    """Call it with how far a scan is, as often as you like."""

    def __init__(self, out: TextIO, *, shown: bool = True) -> None:
        self._out = out
        self._shown = shown and is_terminal(out)
        self._full, self._empty = ("█", "░") if shows_unicode(out) else ("#", ".")
        self._started = self._next = time.monotonic()
        self._width = 0

    def __enter__(self) -> Progress:  # noqa: PYI034 - Self is newer than Python 3.10
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width:
            self._draw("")

    def __call__(self, at: Advance) -> None:
        """Draw the line, ten times a second at most."""
        if not self._shown or (now := time.monotonic()) < self._next:
            return
        self._next = now + _EVERY
        self._draw(self._line(at, now - self._started))

    def _line(self, at: Advance, seconds: float) -> str:
        """Say how far it is: by bytes, which tell the time that is left better, or by objects where there are none."""
        found = count(at.found, "secret")
        if not at.all_objects:
            return f"scanning  {count(at.objects, 'object')}  {found}"
        share = min(at.bytes / at.all_bytes if at.all_bytes else at.objects / at.all_objects, 1.0)
        bar = self._full * int(share * _BAR) + self._empty * (_BAR - int(share * _BAR))
        packed = f"  {size(at.bytes)}/{size(at.all_bytes)}" if at.all_bytes else ""
        left = f"  {_rounded(seconds / share - seconds)} left" if share > 0 and seconds > 1 else ""
        return f"{bar} {share:4.0%}  {at.objects:,}/{at.all_objects:,} objects{packed}  {found}{left}"

    def _draw(self, line: str) -> None:
        """Replace the line; spaces, because not every console knows how to clear."""
        line = line[: shutil.get_terminal_size().columns - 1]
        self._out.write("\r" + line.ljust(self._width) + ("" if line else "\r"))
        self._out.flush()
        self._width = len(line)


def _rounded(seconds: float) -> str:
    """Return a time without fractions, which would flicker."""
    return duration(seconds) if seconds >= _MINUTE else f"{seconds:.0f} s"
