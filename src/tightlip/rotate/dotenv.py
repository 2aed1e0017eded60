"""A `.env` file: one line for each key. What else is in it stays as it is."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from tightlip.errors import NotARepository, UsageError
from tightlip.git.plumbing import Git
from tightlip.model import Secret
from tightlip.rotate.place import Held, Place
from tightlip.rotate.replacing import changed, replacement

_PLAIN = re.compile(rb"[A-Za-z0-9_./+=:@,%~^-]+")
_FORMS = (
    re.compile(rb"'(?P<value>[^'\\\n]*)'(?:[ \t]+#.*)?"),
    re.compile(rb'"(?P<value>[^"\\$`\n]*)"(?:[ \t]+#.*)?'),
    re.compile(rb"(?P<value>[^\s'\"\\$#`]*)(?:[ \t]+#.*)?"),
)
"""How a value may stand: quoted or not, and with nothing in it that readers of such files take in different ways."""


class _Line(NamedTuple):
    """How a key and its value stand."""

    at: slice
    before: bytes
    """All up to the value, with the `=`."""
    value: bytes
    comment: bytes
    end: bytes
    """The line's end, which the last line need not have."""


def read(place: Place) -> Held:
    """Return what the file holds. Raises `UsageError`."""
    _check(place)
    return Held(Secret(_stands(_content(place), place).value))


def put(place: Place, held: Held, new: Secret) -> str:
    """Put the new value in the place of the old one, keep that, and say where. Raises `UsageError`."""
    written, kept = _written(new, place), _written(held.value, place)
    with replacement(place.where) as copy:
        content = copy.read_bytes()
        if _lines(content, place.previous):
            raise UsageError(_unconfirmed(place))
        line = _stands(content, place)
        if Secret(line.value) != held.value:
            raise changed(place.where)
        name = line.before.rindex(place.key.encode())
        before = line.before[:name] + place.previous.encode() + line.before[name + len(place.key) :]
        made = line.before + written + line.comment + (line.end or b"\n") + before + kept + line.end
        copy.write_bytes(content[: line.at.start] + made + content[line.at.stop :])
    return f"the old one is {place.previous} in the same file"


def confirm(place: Place) -> str:
    """Take the old value out, and say so. Raises `UsageError` where there is none."""
    _check(place)
    with replacement(place.where) as copy:
        content = copy.read_bytes()
        if not (lines := _lines(content, place.previous)):
            raise UsageError(f"{place}: there is no {place.previous}, so nothing is to be confirmed")
        for at in reversed(lines):
            content = content[: at.start] + content[at.stop :]
        copy.write_bytes(content)
    return f"{place.previous} is taken out of {place.where}"


def _unconfirmed(place: Place) -> str:
    return (
        f"{place}: {place.previous} is there, so an earlier rotation is not confirmed; do that first: "
        f"tightlip rotate --confirm --into {place}"
    )


def _check(place: Place) -> None:
    """Raise `UsageError` where git tracks the file: the new value would be in the next commit."""
    if "." in place.key:
        raise UsageError(f"{place}: a .env file has no nested keys")
    path = Path(place.where).resolve()
    if path.is_file() and _is_tracked(path):
        raise UsageError(
            f"{place.where} is tracked by git, and the new value would be committed with it; take it out first "
            "(git rm --cached), and have git ignore it"
        )


def _is_tracked(path: Path) -> bool:
    try:
        return bool(Git(os.fspath(path.parent)).run("ls-files", "-z", "--", f":(literal){path.name}"))
    except NotARepository:
        return False


def _content(place: Place) -> bytes:
    try:
        return Path(place.where).read_bytes()
    except OSError as error:
        raise UsageError(f"{place.where}: cannot be read: {error.strerror}") from None


def _lines(content: bytes, key: str) -> list[slice]:
    """Return where the lines are that give the key a value."""
    pattern = re.compile(
        rb"^[ \t]*(?:export[ \t]+)?" + re.escape(key.encode()) + rb"[ \t]*=[^\n]*(?:\n|\Z)", re.MULTILINE
    )
    return [slice(*found.span()) for found in pattern.finditer(content)]


def _stands(content: bytes, place: Place) -> _Line:
    lines = _lines(content, place.key)
    if len(lines) != 1:
        raise UsageError(f"{place}: the file gives {place.key} a value {len(lines)} times, and it has to be once")
    line = content[lines[0]]
    name, equals, rest = line.partition(b"=")
    text = rest.strip()
    for form in _FORMS:
        if found := form.fullmatch(text):
            quoted = text[:1] in (b"'", b'"')
            comment = text[found.end("value") + quoted :]
            end = line[len(line.rstrip(b"\r\n")) :]
            return _Line(lines[0], name + equals, bytes(found["value"]), comment, end)
    raise UsageError(
        f"{place}: the value stands there in a way that readers of such files differ about; quote it with '"
    )


def _written(value: Secret, place: Place) -> bytes:
    text = value.reveal()
    if _PLAIN.fullmatch(text):
        return text
    if set(b"'\\\n\r\0") & set(text):
        raise UsageError(
            f"{place}: a value with ', \\ or a line break cannot be written so that every reader takes it alike"
        )
    return b"'" + text + b"'"
