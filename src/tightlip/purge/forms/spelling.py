r"""How the characters of a value may be written: as they are, or each in any notation for characters.

`%41`, `\x41`, `\u0041`, `\101`, `&#65;`, `&#x41;`, `=41`; `\"`, `""`, `'\''`, `\/`, `\n`, `&amp;`, `+` for a space. The
notations may stand for each other up to four times over, as in `%2541` or `\\\"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.entities import html5

from tightlip.purge.forms import joints
from tightlip.purge.forms.joints import Joint
from tightlip.purge.forms.sequence import Symbol

_TOKENS = re.compile(r"\\+[^\\\r\n]?|\"+|'+|\r?\n|.", re.DOTALL)
"""Backslashes are taken together with what follows them, and quotes with each other, so that one text can be read in
one way only."""
_LETTERS = {"\t": b"t", "\b": b"b", "\f": b"f", "\r": b"r", "\v": b"v", "\a": b"a", "\0": b"0", "\x1b": b"e"}
_SPACES = " \t\r\n"


def symbols(value: bytes) -> list[Symbol]:
    """Return the symbols of a value: its characters where it is UTF-8, otherwise its bytes."""
    try:
        text, encoding = value.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text, encoding = value.decode("latin-1"), "latin-1"
    tokens = _TOKENS.findall(text)
    return [
        Symbol(token.encode(encoding), _written(token, encoding), _joint(token, following))
        for token, following in zip(tokens, [*tokens[1:], ""], strict=True)
    ]


def literal(data: bytes) -> bytes:
    """Return an expression for bytes as they are."""
    return b"".join(b"\\x%02x" % byte for byte in data)


def either(ways: list[bytes]) -> bytes:
    """Return an expression for any of several."""
    return b"(?:" + b"|".join(ways) + b")"


def caseless(digits: str) -> bytes:
    """Return an expression for hexadecimal digits in either case."""
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits).encode("ascii")


def _joint(token: str, following: str) -> Joint:
    if token.endswith("\n"):
        return joints.INDENTED
    if token[0] in "\\\"'" or following.startswith(("\\", '"', "'")):
        return joints.SOFT
    if token in _SPACES or following[:1] in _SPACES:
        return joints.LITERALS
    return joints.ANY


@cache
def _written(token: str, encoding: str) -> bytes:
    if token.endswith("\n"):
        return _newline()
    if token[0] == "\\":
        return _backslashes(len(token) - len(token.lstrip("\\")), token.lstrip("\\"), encoding)
    if token[0] in "\"'":
        return _quotes(token[0], len(token))
    return either(_character(token, encoding))


def _character(character: str, encoding: str) -> list[bytes]:
    raw = character.encode(encoding)
    ways = [literal(raw), *_escaped(character), *_unescaped(character, encoding)]
    if character == " ":
        ways += [rb"\+", rb"[ \t]{0,80}\r?\n[ \t]{0,80}"]
    if character.isascii() and not character.isalnum() and character not in _SPACES:
        ways.append(rb"\\{1,4}" + literal(raw))
    if character in " \t":
        ways.append(rb"\\{1,4}" + literal(raw))
    if character in _LETTERS:
        ways.append(rb"\\{1,4}" + _LETTERS[character])
    return ways


def _newline() -> bytes:
    returns = (either(_character("\r", "utf-8")), either(_character("\n", "utf-8")))
    return either([rb"\r?\n", rb"(?:\\{1,4}r)?\\{1,4}n", returns[0] + b"?" + returns[1], b" "])


def _backslashes(count: int, character: str, encoding: str) -> bytes:
    """Return an expression for backslashes and what follows them."""
    run = rb"\\{%d,%d}" % (count, 4 * count)
    others = either([*_escaped("\\"), *_unescaped("\\", "utf-8")]) + rb"{%d}" % count
    if not character:
        return either([run, others])
    longer = rb"\\{%d,%d}" % (count, 4 * count + 4)
    codes = [code for way in _escaped(character) for code in [way.removeprefix(rb"\\{1,4}")]]
    after = either([literal(character.encode(encoding)), *codes])
    soft = rb"(?:=\r?\n)?"  # quoted-printable may break a line anywhere
    ways = [longer + soft + after, others + either(_character(character, encoding))]
    unescaped = _unescaped(character, encoding)
    return either([*ways, run + soft + either(unescaped)] if unescaped else ways)


def _quotes(quote: str, count: int) -> bytes:
    r"""Return an expression for quotes: `"`, `\\"`, `""`, and a shell's two ways to write one within single ones."""
    raw = literal(quote.encode())
    ways = [rb"(?:\\{0,7}" + raw + rb"){%d,%d}" % (count, 2 * count)]
    if quote == "'":
        ways.insert(0, rb"(?:'(?:\\{1,4}'|\x22'\x22)'){%d}" % count)
    others = either([*_escaped(quote), *_unescaped(quote, "utf-8")])
    return either([*ways, others + rb"{%d}" % count])


def _escaped(character: str) -> list[bytes]:
    """Return the ways to write a character that begin with a backslash."""
    code = ord(character)
    digits = caseless(f"{code:x}")
    codes = [rb"u\{0{0,6}" + digits + rb"\}", rb"x\{0{0,6}" + digits + rb"\}", rb"U" + caseless(f"{code:08x}")]
    if code < 256:
        codes += [rb"x" + caseless(f"{code:02x}"), rb"0?%03o" % code]
    units = [unit.hex() for unit in _units(character)]
    codes.append(rb"\\{1,4}".join(b"u" + caseless(unit) for unit in units))
    return [rb"\\{1,4}" + either(codes)]


def _units(character: str) -> Iterator[bytes]:
    encoded = character.encode("utf-16-be")
    return (encoded[at : at + 2] for at in range(0, len(encoded), 2))


def _unescaped(character: str, encoding: str) -> list[bytes]:
    """Return the ways to write a character that begin with another sign than a backslash."""
    raw = character.encode(encoding)
    code = ord(character)
    entity = [b"#0{0,6}%d" % code, rb"#[xX]0{0,6}" + caseless(f"{code:x}"), *_names().get(character, ())]
    ways = [b"&(?:amp;){0,3}" + either(entity) + b";", b"%u" + caseless(f"{code:04x}")]
    if len(raw) == 1:
        return ways + _percent(raw[0])
    each = (either([literal(raw[at : at + 1]), *_byte(raw[at])]) for at in range(len(raw)))
    return [*ways, rb"(?:=\r?\n)?".join(each)]


def _percent(byte: int) -> list[bytes]:
    digits = caseless(f"{byte:02x}")
    return [b"%(?:25){0,3}" + digits, b"=" + digits]


def _byte(byte: int) -> list[bytes]:
    """Return the ways to write one byte of a character that has several."""
    return [*_percent(byte), rb"\\{1,4}(?:x" + caseless(f"{byte:02x}") + rb"|0?%03o)" % byte]


@cache
def _names() -> dict[str, list[bytes]]:
    """Return the names of HTML entities by their characters."""
    names: dict[str, list[bytes]] = {}
    for name, character in html5.items():
        if name.endswith(";"):
            names.setdefault(character, []).append(name[:-1].encode("ascii"))
    return names
