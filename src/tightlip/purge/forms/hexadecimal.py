r"""Bytes in hexadecimal, in either case: `4142`, `41 42`, `41:42`, `0x41, 0x42`, `\x41\x42`, and over several lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tightlip.purge.forms.joints import DIGITS
from tightlip.purge.forms.sequence import Row, Span, Symbol
from tightlip.purge.forms.spelling import caseless
from tightlip.purge.forms.ways import Edit, Filling

_CAPITALS = frozenset(b"ABCDEF")


class Hexadecimal:
    """Bytes, each as two digits. What stands between them stays, and so does their number."""

    def __init__(self, inner: bytes, name: str, fit: Callable[[Filling], bytes]) -> None:
        """Parameters: `fit`, what makes as many bytes of a replacement as `inner` has."""
        self._name, self._fit = name, fit
        self.row = Row([Symbol(b"%02x" % byte, caseless(f"{byte:02x}"), DIGITS) for byte in inner])

    def place(self, _: bytes, spans: Sequence[Span]) -> tuple[str, int, int]:
        """Return the name of the form, and its start and end."""
        return self._name, spans[0][0], spans[-1][1]

    def over(self, data: bytes, start: int, _: int, filling: Filling) -> list[Edit]:
        """Return what removes the value from a place."""
        spans = self.row.at(data, start)
        capitals = any(not _CAPITALS.isdisjoint(data[first:last]) for first, last in spans)
        form = b"%02X" if capitals else b"%02x"
        return [Edit(*span, form % byte) for span, byte in zip(spans, self._fit(filling), strict=True)]
