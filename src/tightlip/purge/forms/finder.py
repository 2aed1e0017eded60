"""Every place in bytes where a value stands in one of its forms, and bytes without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tightlip.purge.forms.based import Based
from tightlip.purge.forms.characters import Latin, Plain, Written
from tightlip.purge.forms.fitting import fitted, fitted_wide
from tightlip.purge.forms.form import Form
from tightlip.purge.forms.hexadecimal import Hexadecimal
from tightlip.purge.forms.quick import quick
from tightlip.purge.forms.ways import Edit, Filling, Way
from tightlip.purge.forms.wide import ENCODINGS, Wide
from tightlip.purge.values import Purged

LEAST = 6
"""Bytes of a value that is looked for in other forms than its own characters: those of a shorter one would be found in
any longer run of base64 or hexadecimal, and wherever lines or literals end."""
_POWERSHELL = "utf-16-le"
"""What text is in that is in base64 or hexadecimal, other than UTF-8: by PowerShell's -EncodedCommand and regedit."""


class Hit(NamedTuple):
    """A form, and the way by which it was found."""

    form: Form
    way: Way


class Finder:
    """Finds values in bytes as they are: nothing is unpacked."""

    def __init__(self, values: Sequence[Purged]) -> None:
        revealed = [purged.value.reveal() for purged in values]
        self._ways = [(which, way) for which, value in enumerate(revealed) for way in _ways(value)]
        self._quick = quick([way.row for _, way in self._ways])
        self.widest = max((way.row.widest for _, way in self._ways), default=0)
        """How many bytes a form may take."""
        self._longest_first = sorted(range(len(values)), key=lambda which: -len(revealed[which]))

    def may_be_in(self, data: bytes) -> bool:
        """Whether a value may be there: never false where one is."""
        return self._quick.is_any(data)

    def hits(self, data: bytes) -> list[Hit]:
        """Return what is there, in order; of what overlaps, that of the longest value, and of one value the first."""
        found: dict[int, list[Hit]] = {}
        for index, stretches in self._quick.stretches(data).items():
            which, way = self._ways[index]
            found.setdefault(which, []).extend(_within(data, which, way, stretches))
        taken: list[Hit] = []
        for which in self._longest_first:
            if which in found:
                taken = _beside(taken, _apart(sorted(found[which], key=_by_place)))
        return taken


def cleaned(data: bytes, hits: Sequence[Hit], filling: Callable[[int], Filling]) -> bytes:
    """Return bytes without what was found. Parameters: `filling`, what takes the place of a value, by its index."""
    parts: list[bytes] = []
    at = 0
    for edit in _edits(data, hits, filling):
        parts += (data[at : edit.start], edit.new)
        at = edit.end
    return b"".join((*parts, data[at:]))


def _edits(data: bytes, hits: Sequence[Hit], filling: Callable[[int], Filling]) -> Iterator[Edit]:
    for form, way in hits:
        yield from way.over(data, form.start, form.end, filling(form.which))


def _ways(value: bytes) -> Iterator[Way]:
    yield Plain(value)
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text:
        yield from (Wide(text, encoding) for encoding in ENCODINGS)
    if not text.isascii() and max(text) <= "\xff":
        yield Latin(text)
    if len(value) < LEAST:
        return
    yield Written(value)
    yield from _in_digits(value, "", lambda filling: fitted(filling.replacement, len(value), filling.filler))
    if text:
        wide = text.encode(_POWERSHELL)
        yield from _in_digits(
            wide,
            " of utf-16",
            lambda filling: fitted_wide(filling.replacement, len(wide), filling.filler, _POWERSHELL),
        )


def _in_digits(inner: bytes, of: str, fit: Callable[[Filling], bytes]) -> Iterator[Way]:
    yield Hexadecimal(inner, "hex" + of, fit)
    yield from (Based(inner, offset, "base64" + of, fit) for offset in range(3))


def _within(data: bytes, which: int, way: Way, stretches: Sequence[Sequence[int]]) -> Iterator[Hit]:
    for start, stop in stretches:
        for spans in way.row.within(data, start, stop):
            name, first, last = way.place(data, spans)
            yield Hit(Form(which, name, first, last), way)


def _by_place(hit: Hit) -> tuple[int, int]:
    return hit.form.start, -hit.form.end


def _apart(hits: Sequence[Hit]) -> Iterator[Hit]:
    """Yield those of hits in order that begin after the one before ends."""
    at = 0
    for hit in hits:
        if hit.form.start >= at:
            yield hit
            at = hit.form.end


def _beside(taken: Sequence[Hit], more: Iterator[Hit]) -> list[Hit]:
    """Return hits, and those of more that overlap none of them, in order."""
    if not taken:
        return list(more)
    both: list[Hit] = []
    index = 0
    for hit in more:
        while index < len(taken) and taken[index].form.end <= hit.form.start:
            both.append(taken[index])
            index += 1
        if index == len(taken) or taken[index].form.start >= hit.form.end:
            both.append(hit)
    return both + list(taken[index:])
