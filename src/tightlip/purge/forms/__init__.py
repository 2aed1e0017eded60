r"""In which forms values stand in bytes: finding them, and putting replacements there.

Looked for are a value's bytes; UTF-16 and UTF-32; base64 in both alphabets, at every offset, wrapped, and of UTF-16;
hexadecimal in either case, with separators, and of UTF-16; characters escaped in any mixture (spelling.py); and values
in pieces, with literals or lines between them (joints.py). What is compressed or archived is searched and left as it
is. Not looked for: what is reversed, in rot13 or encrypted, and one encoding within another (base64 of base64).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from tightlip.engine.decode.magic import ZIP, is_container, is_tar
from tightlip.engine.text import is_plain
from tightlip.purge.forms import zipped
from tightlip.purge.forms.finder import Finder, Hit, cleaned
from tightlip.purge.forms.form import Form
from tightlip.purge.forms.inside import inside, is_packed
from tightlip.purge.forms.ways import Filling
from tightlip.purge.forms.widetext import is_at_characters, wide_text
from tightlip.purge.values import Purged

__all__ = ["Form", "Forms", "Searched", "forms_of"]

_BINARY = 8000
"""Bytes at the beginning of a file in which a NUL makes it binary. Source: git, xdiff-interface.c."""
_ROUNDS, _PLAIN_ROUNDS = 6, 2
"""How often values are replaced that only come to be by replacing others, and how often the replacements are written:
after that it is filler alone."""
_FILLERS = b"*#_-xX0.~"
_REASONS = 10
"""How many reasons are given why something of an archive could not be searched."""


class Searched(NamedTuple):
    """What a search of bytes has come to."""

    forms: list[Form]
    """All forms, in order. None overlap, other than those inside of what is compressed."""
    missed: list[str]
    """What of an archive could not be searched, and why, without a value; nothing for all other bytes."""


class Forms:
    """Finds values in bytes, in whichever form, and replaces them. It is for one thread."""

    def __init__(self, values: Sequence[Purged]) -> None:
        """Raises `ValueError` where a value is empty, or a replacement would bring one back."""
        _check(values)
        self._values = tuple(values)
        self._finder = Finder(values)
        self.margin = self._finder.widest
        """How many bytes around a change say whether it has brought a value."""
        taken = b"".join(purged.value.reveal() for purged in values)
        free = [bytes([byte]) for byte in _FILLERS + bytes(range(33, 127)) if byte not in taken]
        self._filler = free[0] if free else b" "

    def may_be_in(self, data: bytes) -> bool:
        """Whether a value may be there in some form. Quick; true too often, and never false where `found` finds one."""
        if self._finder.may_be_in(data) or is_container(data):
            return True
        wide = wide_text(data)
        return wide is not None and self._finder.may_be_in(wide.text)

    def may_come(self, data: bytes, spans: Iterable[slice]) -> bool:
        """Whether a value may be in bytes of which an earlier version holds none: too often, and never false wrongly.

        Parameters: `spans`, what is not as it was, with `margin` bytes around it.
        """
        if not is_plain(data) or is_container(data):
            return self.may_be_in(data)
        return any(self._finder.may_be_in(data[span]) for span in spans)

    def found(self, data: bytes) -> list[Form]:
        """Return all forms that `search` finds."""
        return self.search(data).forms

    def search(self, data: bytes) -> Searched:
        """Return all forms, and what could not be searched. Of values that overlap, the longest is found."""
        packed, missed = self._inside(data)
        wide = wide_text(data)
        as_it_is = [hit.form for hit in self._finder.hits(data)]
        if wide is None:
            return Searched(packed + as_it_is, missed)
        forms = (hit.form for hit in self._finder.hits(wide.text))
        placed = wide.placed([form for form in forms if is_at_characters(wide.text, form)])
        beside = [form for form in as_it_is if not _is_in(form, [(other.start, other.end) for other in placed])]
        return Searched(packed + sorted(placed + beside, key=lambda form: form.start), missed)

    def replaced(self, data: bytes) -> tuple[bytes, list[Form]]:
        """Return the content of a blob with all values replaced, and what could not be.

        The very object is returned where nothing was replaced. In a binary file nothing changes its size.
        """
        wide = wide_text(data)
        if wide is not None:
            text, _ = self._cleaned(wide.text, is_at_characters, keeps_size=False)
            new, _ = self._cleaned(data if text is wide.text else wide.back(text), keeps_size=True)
            return new, self.found(new)
        if is_packed(data):  # what stands in one by chance has a checksum
            return self._without_in_zip(data) if data.startswith(ZIP) else (data, self.found(data))
        new, left = self._cleaned(data, keeps_size=is_tar(data) or b"\0" in data[:_BINARY])
        return new, self._inside(new).forms + left

    def replaced_text(self, data: bytes) -> bytes:
        """Return a message, a name or an identity with all values replaced."""
        return self._cleaned(data, keeps_size=False)[0] if self._finder.may_be_in(data) else data

    def _inside(self, data: bytes) -> Searched:
        """Search what an archive holds, if there is anything to search for. A value in a name in it is not shown."""
        if not self._values:
            return Searched([], [])
        forms, missed = inside(self._finder, data)
        told = [self._shown(why) for why in missed[:_REASONS]]
        if len(missed) > _REASONS:
            told.append(f"and {len(missed) - _REASONS:,} more")
        shown = (form._replace(name=self._shown(form.name), end=len(data)) for form in forms)
        return Searched(list(dict.fromkeys(shown)), told)

    def _shown(self, name: str) -> str:
        return self.replaced_text(name.encode("utf-8", "surrogateescape")).decode("utf-8", "backslashreplace")

    def _cleaned(
        self, data: bytes, may_be: Callable[[bytes, Form], bool] | None = None, *, keeps_size: bool
    ) -> tuple[bytes, list[Form]]:
        """Return bytes without values, and what is left.

        What comes to be by replacing is replaced as well, with filler at last. Parameters: `may_be`, which forms may be
        replaced.
        """
        for done in range(_ROUNDS):
            hits = [hit for hit in self._finder.hits(data) if may_be is None or may_be(data, hit.form)]
            if not hits:
                return data, []
            data = self._once(data, hits, done, keeps_size=keeps_size)
        return data, [hit.form for hit in self._finder.hits(data)]

    def _once(self, data: bytes, hits: Sequence[Hit], done: int, *, keeps_size: bool) -> bytes:
        def filling(which: int) -> Filling:
            value, replacement = self._values[which]
            if done >= _PLAIN_ROUNDS:
                replacement = self._filler * len(value.reveal())
            return Filling(replacement, self._filler, keeps_size)

        return cleaned(data, hits, filling)

    def _without_in_zip(self, data: bytes) -> tuple[bytes, list[Form]]:
        """Return a zip archive without the values in its names and in what it stores as it is."""
        files = zipped.members(data)
        if files is None:
            return data, self.found(data)
        packed = [(file.start, file.end) for file in files if not file.is_stored]
        new, _ = self._cleaned(data, lambda _, form: not _is_in(form, packed), keeps_size=True)
        mended = data if new is data else zipped.mended(data, new, files)
        return (data, self.found(data)) if mended is None else (mended, self.found(mended))


def forms_of(values: Iterable[Purged]) -> Forms:
    """Return what finds and replaces values; for the same values the same, since it takes long to make.

    It is made before processes are forked, which then have it. Raises what `Forms` raises.
    """
    return _made(tuple(values))


@lru_cache(maxsize=2)
def _made(values: tuple[Purged, ...]) -> Forms:
    return Forms(values)


def _is_in(form: Form, stretches: Sequence[tuple[int, int]]) -> bool:
    return any(form.start < end and start < form.end for start, end in stretches)


def _check(values: Sequence[Purged]) -> None:
    for number, (_, replacement) in enumerate(values, 1):
        for other, (value, _) in enumerate(values, 1):
            if not value.reveal():
                raise ValueError(f"value {other} is empty; leave it out")
            if value.reveal() in replacement:
                raise ValueError(f"the replacement of value {number} holds value {other}; choose another replacement")
