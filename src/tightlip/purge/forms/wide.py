"""A value in UTF-16 or UTF-32, wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence

from tightlip.purge.forms.fitting import fitted_wide
from tightlip.purge.forms.sequence import Row, Span, Symbol
from tightlip.purge.forms.spelling import literal
from tightlip.purge.forms.ways import Edit, Filling

ENCODINGS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


class Wide:
    """The value in one of the encodings."""

    def __init__(self, text: str, encoding: str) -> None:
        self._encoding = encoding
        encoded = text.encode(encoding)
        self.row = Row(
            [Symbol(encoded[at : at + 2], literal(encoded[at : at + 2])) for at in range(0, len(encoded), 2)]
        )

    def place(self, _: bytes, spans: Sequence[Span]) -> tuple[str, int, int]:
        """Return the name of the form, and its start and end."""
        return self._encoding[:6], spans[0][0], spans[-1][1]

    def over(self, _: bytes, start: int, end: int, filling: Filling) -> list[Edit]:
        """Return what removes the value from a place: it always keeps its size, as only binary files have it there."""
        return [Edit(start, end, fitted_wide(filling.replacement, end - start, filling.filler, self._encoding))]
