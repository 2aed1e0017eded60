"""Text that is in UTF-16 or UTF-32 as a whole: it is searched and changed as UTF-8, and put back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tightlip.engine.text import encoding_of, is_plain
from tightlip.purge.forms.form import Form

_LONE = "surrogatepass"
"""Halves of characters that stand alone are kept."""


class WideText(NamedTuple):
    """A text as UTF-8, with its byte order mark; `rest` is what is too short for a character at its end."""

    text: bytes
    encoding: str
    rest: bytes

    def back(self, text: bytes) -> bytes:
        """Return another text as this one was."""
        return text.decode("utf-8", _LONE).encode(self.encoding, _LONE) + self.rest

    def placed(self, forms: Sequence[Form]) -> list[Form]:
        """Return forms with their places in the bytes that there were, in order."""
        known = wide = 0
        placed = []
        for form in forms:
            start = wide + self._size(known, form.start)
            known, wide = form.end, start + self._size(form.start, form.end)
            kind = self.encoding[:6]
            name = kind if form.name == "plain" else f"{kind}: {form.name}"
            placed.append(Form(form.which, name, start, wide))
        return placed

    def _size(self, start: int, end: int) -> int:
        return len(self.text[start:end].decode("utf-8", _LONE).encode(self.encoding, _LONE))


def is_at_characters(text: bytes, form: Form) -> bool:
    """Whether a form begins and ends where characters do, in UTF-8."""
    return all(place >= len(text) or text[place] & 0xC0 != 0x80 for place in (form.start, form.end))


def wide_text(data: bytes) -> WideText | None:
    """Return the text if the bytes are one as a whole, and None otherwise."""
    if is_plain(data) or not (encoding := encoding_of(data)):
        return None
    unit = 4 if encoding.startswith("utf-32") else 2
    size = len(data) // unit * unit
    try:
        text = data[:size].decode(encoding, _LONE)
    except UnicodeDecodeError:
        return None
    if "\0" in text:
        return None  # a binary file that begins so
    return WideText(text.encode("utf-8", _LONE), encoding, data[size:])
