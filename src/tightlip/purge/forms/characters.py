"""A value in characters: plain, escaped, or split over literals or lines."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import pairwise

from tightlip.purge.forms.fitting import fitted
from tightlip.purge.forms.joints import Joint
from tightlip.purge.forms.sequence import Row, Span, Symbol
from tightlip.purge.forms.spelling import literal, symbols
from tightlip.purge.forms.ways import Edit, Filling

_NEEDS_NO_ESCAPE = re.compile(rb"[A-Za-z0-9*_-]*")
_LINE_ENDS = re.compile(rb"=?\r?\n")  # within one character the sign is quoted-printable's
_SIGNS = {b"%": "percent", b"&": "html", b"=": "quoted-printable"}
"""What a character that is written in a notation begins with, other than a backslash."""


class Plain:
    """The bytes of the value."""

    def __init__(self, value: bytes) -> None:
        self.row = Row([Symbol(bytes([byte]), literal(bytes([byte]))) for byte in value])

    @staticmethod
    def place(_: bytes, spans: Sequence[Span]) -> tuple[str, int, int]:
        """Return the name of the form, and its start and end."""
        return "plain", spans[0][0], spans[-1][1]

    @staticmethod
    def over(_: bytes, start: int, end: int, filling: Filling) -> list[Edit]:
        """Return what removes the value from a place."""
        return [Edit(start, end, _plain(filling, end - start))]


class Latin(Plain):
    """The value in Latin-1, where its characters have one byte there. Beside others such bytes may be UTF-8 instead."""

    def __init__(self, text: str) -> None:
        self.row = Row(
            [
                Symbol(b"", b"", Joint(rb"(?<![\x80-\xff])", b"")),
                *(Symbol(bytes([byte]), literal(bytes([byte]))) for byte in text[:-1].encode("latin-1")),
                Symbol(
                    text[-1].encode("latin-1"), literal(text[-1].encode("latin-1")), Joint(rb"(?![\x80-\xff])", b"")
                ),
                Symbol(b"", b""),
            ]
        )

    @staticmethod
    def place(_: bytes, spans: Sequence[Span]) -> tuple[str, int, int]:
        """Return the name of the form, and its start and end."""
        return "latin-1", spans[0][0], spans[-1][1]


class Written:
    """The characters of the value, each in any notation, and with joints between them."""

    def __init__(self, value: bytes) -> None:
        self._value, self._symbols = value, symbols(value)
        self.row = Row(self._symbols)

    def place(self, data: bytes, spans: Sequence[Span]) -> tuple[str, int, int]:
        """Return the name of the form, and its start and end.

        Where the value stands as it is, a backslash before it or a quote after it does not belong to it.
        """
        start, end, size = spans[0][0], spans[-1][1], len(self._value)
        if data.startswith(self._value, start):
            return "plain", start, start + size
        if data.startswith(self._value, max(end - size, start)):
            return "plain", end - size, end
        return self._name(data, spans), start, end

    def _name(self, data: bytes, spans: Sequence[Span]) -> str:
        between = [data[last:first] for (_, last), (first, _) in pairwise(spans) if last < first]
        if between:
            return "split over lines" if any(b"\n" in joint for joint in between) else "split"
        for symbol, (start, end) in zip(self._symbols, spans, strict=True):
            if data[start:end] != symbol.plain:
                return _SIGNS.get(data[start : start + 1], "escaped")
        return "escaped"

    def over(self, data: bytes, start: int, end: int, filling: Filling) -> list[Edit]:
        """Return what removes the value from a place: the first piece is replaced, of the others new lines stay."""
        if end - start == len(self._value) and data.startswith(self._value, start):
            return [Edit(start, end, _plain(filling, end - start))]
        spans = self.row.at(data, start)
        pieces = _pieces(spans)
        if filling.keeps_size:
            return _fitted(pieces, filling)
        replacement = _escaped(filling.replacement)
        edits = []
        for first, last in pieces:
            within = [span for span in spans if first <= span[0] < last]
            kept = b"".join(end for span in within for end in _LINE_ENDS.findall(data, *span))
            edits.append(Edit(first, last, replacement + kept))
            replacement = b""
        return edits


def _plain(filling: Filling, size: int) -> bytes:
    return fitted(filling.replacement, size, filling.filler) if filling.keeps_size else filling.replacement


def _pieces(spans: Sequence[Span]) -> list[Span]:
    """Return the stretches that have no joint in them."""
    pieces: list[Span] = []
    for start, end in spans:
        if pieces and pieces[-1][1] == start:
            pieces[-1] = (pieces[-1][0], end)
        else:
            pieces.append((start, end))
    return pieces


def _fitted(pieces: Sequence[Span], filling: Filling) -> list[Edit]:
    rest = fitted(filling.replacement, sum(end - start for start, end in pieces), filling.filler)
    edits = []
    for start, end in pieces:
        edits.append(Edit(start, end, rest[: end - start]))
        rest = rest[end - start :]
    return edits


def _escaped(replacement: bytes) -> bytes:
    """Return a replacement as it may stand in a literal."""
    if _NEEDS_NO_ESCAPE.fullmatch(replacement):
        return replacement
    return json.dumps(replacement.decode("utf-8", "replace"))[1:-1].encode("ascii")
