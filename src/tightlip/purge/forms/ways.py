"""A way in which a value may stand somewhere: what to find, how that is called, and what is written over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tightlip.purge.forms.sequence import Row, Span


class Edit(NamedTuple):
    """Bytes to put in the place of others."""

    start: int
    end: int
    new: bytes


class Filling(NamedTuple):
    """What takes the place of a value: `filler` is a byte that fills up; `keeps_size`, whether the bytes must fit."""

    replacement: bytes
    filler: bytes
    keeps_size: bool


class Way(Protocol):
    """A way in which a value stands somewhere."""

    @property
    def row(self) -> Row:
        """What is looked for."""

    def place(self, data: bytes, spans: Sequence[Span]) -> tuple[str, int, int]:
        """Return the name of the form, and its start and end."""

    def over(self, data: bytes, start: int, end: int, filling: Filling) -> list[Edit]:
        """Return what removes the value from a place."""
