"""A `.env` file: one line for each key. What else is in it stays as it is."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tightlip.errors import NotARepository, UsageError
from tightlip.git.plumbing import Git
from tightlip.model import Secret
from tightlip.rotate.place import Held, Place
from tightlip.rotate.replacing import replacement

_PLAIN = re.compile(rb"[A-Za-z0-9_./+=:@,%~^-]+")
_FORMS = (
    re.compile(rb"'(?P<value>[^'\n]*)'[ \t]*(?:#.*)?"),
    re.compile(rb'"(?P<value>[^"\\$\n]*)"[ \t]*(?:#.*)?'),
    re.compile(rb"(?P<value>[^\s'\"\\$#`]*)(?:[ \t]+#.*)?"),
)
"""How a value may stand: quoted or not, and with nothing in it that readers of such files take in different ways."""


def read(place: Place) -> Held:
    """Return what the file holds. Raises `UsageError`."""
    _check(place)
    return Held(Secret(_value(_content(place), place)[0]))


def put(place: Place, held: Held, new: Secret) -> str:
    """Put the new value in the place of the old one, keep that, and say where. Raises `UsageError`."""
    written = _written(new, place)
    content = _content(place)
    if _lines(content, place.previous):
        raise UsageError(_unconfirmed(place))
    (line,) = _lines(content, place.key)
    start, stripped = line[: line.index(b"=") + 1], line.rstrip(b"\r\n")
    name, end = start.rindex(place.key.encode()), line[len(stripped) :]
    old = start[:name] + place.previous.encode() + start[name + len(place.key) :] + _written(held.value, place)
    _, comment = _value(content, place)
    with replacement(place.where) as copy:
        new_lines = start + written + comment + (end or b"\n") + old + end
        copy.write_bytes(content.replace(line, new_lines, 1))
    return f"the old one is {place.previous} in the same file"


def confirm(place: Place) -> str:
    """Take the old value out, and say so. Raises `UsageError` where there is none."""
    _check(place)
    content = _content(place)
    if not (lines := _lines(content, place.previous)):
        raise UsageError(f"{place}: there is no {place.previous}, so nothing is to be confirmed")
    with replacement(place.where) as copy:
        for line in lines:
            content = content.replace(line, b"", 1)
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


def _lines(content: bytes, key: str) -> list[bytes]:
    """Return the lines that give the key a value."""
    pattern = re.compile(
        rb"^[ \t]*(?:export[ \t]+)?" + re.escape(key.encode()) + rb"[ \t]*=[^\n]*(?:\n|\Z)", re.MULTILINE
    )
    return pattern.findall(content)


def _value(content: bytes, place: Place) -> tuple[bytes, bytes]:
    """Return the value, and the comment after it."""
    lines = _lines(content, place.key)
    if len(lines) != 1:
        raise UsageError(f"{place}: the file gives {place.key} a value {len(lines)} times, and it has to be once")
    text = lines[0].partition(b"=")[2].strip()
    for form in _FORMS:
        if found := form.fullmatch(text):
            quoted = text[:1] in (b"'", b'"')
            return bytes(found["value"]), text[found.end("value") + quoted :]
    raise UsageError(
        f"{place}: the value stands there in a way that readers of such files differ about; quote it with '"
    )


def _written(value: Secret, place: Place) -> bytes:
    text = value.reveal()
    if _PLAIN.fullmatch(text):
        return text
    if b"'" in text or b"\n" in text or b"\r" in text or b"\0" in text:
        raise UsageError(
            f"{place}: a value with a quote or a line break cannot be written so that every reader takes it"
        )
    return b"'" + text + b"'"
