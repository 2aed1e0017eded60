"""In which forms a value may stand in a text: as it is, and as programs write it where not all characters may be.

What is decoded anyway (base64, hexadecimal, escapes, UTF-16, archives: tightlip.engine.decode) is found in other ways,
too. These forms need no decoder: they are literals, found in any company, also inside a longer base64 text.
"""

from __future__ import annotations

import json
import re
import shlex
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from typing import NamedTuple
from urllib.parse import quote, quote_plus

LEAST = 8
"""Bytes of a form: a shorter one would be found where the value is not."""

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_CLOSED = str.maketrans({'"': r"\"", "$": r"\$", "`": r"\`", "\\": r"\\"})
_SINGLE = str.maketrans({"'": r"\'", "\\": r"\\"})
_OUTSIDE_QUOTES = re.compile(r"[^A-Za-z0-9#%+./:=@_\n-]")
_IN_PROPERTIES = re.compile(r"[\\:=#!]")
_BETWEEN_LINES = rb"(?:\\[nrt]|[\s\"'+,>|#*\\/-]){0,80}"
"""Indentation, marks of comments, quotations and differences, and what joins literals."""
_BETWEEN_WORDS = rb"[\s\\]{1,80}"
_WIDEST, _MOST_GAPS = 160, 200
"""Bytes of what is between, and how often something is in a value."""

Through = tuple[str, ...]
"""Encodings, outermost first."""


def forms(value: bytes) -> dict[bytes, Through]:
    """Return each form in which a value may stand, and the encodings that make it: none for the value as it is."""
    found: dict[bytes, Through] = {value: ()}
    for form, through in _every(value):
        if len(form) >= LEAST:
            found.setdefault(form, through)
    return found


class Lines(NamedTuple):
    """A value of several words or lines, however these are indented, folded, quoted or joined."""

    literal: bytes
    """Its longest word."""
    pattern: bytes
    """An expression."""
    width: int
    """Bytes that it may take."""


def in_lines(value: bytes) -> Lines | None:
    """Return how a value of several lines may stand in a text: a key in YAML, a comment, a list of literals."""
    words, gaps = value.split(), re.findall(rb"\s+", value.strip())
    longest = max(words, key=len, default=b"")
    if not 0 < len(gaps) <= _MOST_GAPS or len(longest) < LEAST:
        return None
    between = [_BETWEEN_LINES if b"\n" in gap else _BETWEEN_WORDS for gap in gaps]
    pieces = [gap + exactly(word) for gap, word in zip([b"", *between], words, strict=True)]
    return Lines(longest, b"".join(pieces), len(value) + _WIDEST * len(gaps))


def exactly(form: bytes) -> bytes:
    """Return an expression for these bytes, and no others."""
    return b"\\x" + form.hex(" ").encode("ascii").replace(b" ", b"\\x")


def _every(value: bytes) -> Iterator[tuple[bytes, Through]]:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text:
        yield from _escaped(text)
    yield from _digits(value)
    if text:
        for encoding in ("utf-16-le", "utf-16-be"):
            yield text.encode(encoding), (encoding,)
        yield from _digits(text.encode("utf-16-le"), "utf-16-le")


def _digits(value: bytes, *inner: str) -> Iterator[tuple[bytes, Through]]:
    """In base64, wherever in a longer text it begins, in both alphabets; in hexadecimal, in either case."""
    for form in _base64(value):
        yield form, ("base64", *inner)
        yield form.translate(_URL_SAFE), ("base64", *inner)
    yield value.hex().encode("ascii"), ("hex", *inner)
    yield value.hex().upper().encode("ascii"), ("hex", *inner)


def _base64(value: bytes) -> Iterator[bytes]:
    """Yield, for each of three places to begin, the characters that depend on nothing but the value."""
    for before in range(3):
        size = 8 * (before + len(value))
        yield b64encode(bytes(before) + value)[-(-8 * before // 6) : size // 6]


def _escaped(text: str) -> Iterator[tuple[bytes, Through]]:
    yield from _in_programs(text)
    yield from _in_addresses(text)
    yield from _in_markup(text)
    yield from _in_shells(text)


def _in_programs(text: str) -> Iterator[tuple[bytes, Through]]:
    """As JSON and programs write it, and files with values, in which a character before or beside another hides it."""
    if "\n" in text:
        yield _utf8(text.replace("\r\n", "\n").replace("\n", "\r\n")), ()
        yield _utf8(text.replace("\r\n", "\n")), ()
    for line_ends in {text, text.replace("\r\n", "\n")}:
        plain = json.dumps(line_ends, ensure_ascii=False)[1:-1]
        for form in (plain, json.dumps(line_ends)[1:-1]):
            yield _utf8(form), ("escapes",)
            yield _utf8(form.replace("/", r"\/")), ("escapes",)
        for form in (json.dumps(plain, ensure_ascii=False), json.dumps(json.dumps(line_ends)[1:-1])):
            yield _utf8(form[1:-1]), ("escapes", "escapes")
    yield _utf8(text.translate(_SINGLE)), ("escapes",)
    yield _utf8(_IN_PROPERTIES.sub(r"\\\g<0>", text)), ("escapes",)
    for each in "'\"$%":
        yield _utf8(text.replace(each, each * 2)), ("doubled characters",)


def _in_addresses(text: str) -> Iterator[tuple[bytes, Through]]:
    for form in (quote(text, safe=""), quote_plus(text, safe=""), quote(text), quote(text, safe="!$&'()*+,;=:@/")):
        yield _utf8(form), ("percent-encoding",)
        yield _utf8(_lower_case(form)), ("percent-encoding",)


def _in_markup(text: str) -> Iterator[tuple[bytes, Through]]:
    for form in (escape(text), escape(text, quote=False), escape(text).replace("&#x27;", "&#39;")):
        yield _utf8(form), ("HTML entities",)
    yield _utf8(escape(text).replace("&#x27;", "&apos;")), ("HTML entities",)


def _in_shells(text: str) -> Iterator[tuple[bytes, Through]]:
    yield _utf8(shlex.quote(text + " ")[1:-2]), ("shell quotes",)
    yield _utf8(text.replace("'", r"'\''")), ("shell quotes",)
    yield _utf8(text.translate(_CLOSED)), ("shell quotes",)
    yield _utf8(_OUTSIDE_QUOTES.sub(r"\\\g<0>", text)), ("shell quotes",)


def _lower_case(form: str) -> str:
    """Return `%2F` as `%2f`."""
    first, *rest = form.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in rest)])


def _utf8(form: str) -> bytes:
    return form.encode("utf-8", "surrogatepass")
