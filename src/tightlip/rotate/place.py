"""Where a value is kept, as a person names it, and what is found there."""

from __future__ import annotations

import re
from typing import NamedTuple

from tightlip.errors import UsageError
from tightlip.model import Secret

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,200}(?:\.[A-Za-z_][A-Za-z0-9_-]{0,200}){0,20}")


class Place(NamedTuple):
    """One key of a file or a vault: `KIND:WHERE#KEY`."""

    kind: str
    where: str
    """The file, or the path in a vault."""
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.where}#{self.key}"

    @property
    def previous(self) -> str:
        """The key that keeps the old value until the rotation is confirmed."""
        last = self.key.rpartition(".")[2]
        return self.key + ("_previous" if last == last.lower() else "_PREVIOUS")


class Held(NamedTuple):
    """What a place holds."""

    value: Secret
    version: int = 0
    """Where the place counts its versions."""


def placed(text: str, kinds: tuple[str, ...]) -> Place:
    """Read `KIND:WHERE#KEY`. Raises `UsageError`."""
    kind, colon, rest = text.partition(":")
    where, hash_sign, key = rest.rpartition("#")
    if kind not in kinds or not colon or not hash_sign or not where:
        known = ", ".join(f"{it}:{'PATH' if it == 'vault' else 'FILE'}#KEY" for it in kinds)
        raise UsageError(f"{text!r} is no place: {known}")
    if not _KEY.fullmatch(key):
        raise UsageError(f"{key!r} is no key: letters, digits, - and _, with dots between the names of nested keys")
    return Place(kind, where, key)
