r"""Ways to write characters as others: `\u0041`, `%41`, `&#65;`, `=41`, and literals in several pieces."""

from __future__ import annotations

from tightlip.engine.decode.replaced import Notation
from tightlip.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    import regex

_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"0": b"\0"}


def _escape(part: regex.Match[bytes]) -> bytes:
    if part["letter"]:
        return _LETTERS.get(part["letter"], part["letter"])
    if part["byte"]:
        return bytes.fromhex(part["byte"].decode("ascii"))
    return chr(int(part["unit"], 16)).encode("utf-8", "replace")


def _byte(part: regex.Match[bytes]) -> bytes:
    return bytes.fromhex(part[1].decode("ascii")) if part[1] else b""


def _entity(part: regex.Match[bytes]) -> bytes:
    from html import unescape  # late: few texts have one

    return unescape(part[0].decode("ascii")).encode("utf-8", "replace")


def _nothing(_: regex.Match[bytes]) -> bytes:
    return b""


_ESCAPES = rb"""\\(?:u(?P<unit>[0-9a-fA-F]{4})|x(?P<byte>[0-9a-fA-F]{2})|(?P<letter>[nrtbf0"'`/\\]))"""
_JOINTS = rb"""(?x) ["'`] [ \t]{0,8} (?:\+ | [.&](?=\s)) [\s\\]{0,40} ["'`]
    | (?P<same>["']) [ \t]{0,8} \\?\r?\n [ \t]{0,40} (?P=same)
    | \\\r?\n"""

_ASSIGNED = pattern(rb"(?=[A-Za-z_./:-]*[0-9!@#&*^~+=,?])[^\s\"'\\]{6}")
_JOINT = pattern(_JOINTS)
_WORD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.-"
_DIGITS = b"0123456789"
_LEAST_JOINED = 12
"""Characters of a word in several pieces, of which one is a digit."""


def _always(*_: bytes) -> bool:
    return True


def _is_assigned(before: bytes, after: bytes) -> bool:
    """Whether an escaped quote after an equals sign or a colon opens a value that is no mere word."""
    return not before.endswith(b'"') or _ASSIGNED.match(after) is not None


def _is_token(before: bytes, after: bytes) -> bool:
    """Whether two literals together make one word with a digit, as keys and tokens are, and not a sentence."""
    text = before + after
    if len(text.translate(None, _DIGITS)) == len(text):
        return False
    for found in _JOINT.finditer(text):
        left, right = text[: found.start()], text[found.end() :]
        if found.end() + len(right) - len(right.lstrip(_WORD)) < len(before) - 1:
            continue  # it is another one, before the mark
        word = left[len(left.rstrip(_WORD)) :] + right[: len(right) - len(right.lstrip(_WORD))]
        return len(word) >= _LEAST_JOINED and len(word.translate(None, _DIGITS)) < len(word)
    return False


NOTATIONS = {
    "escapes": Notation("escapes", pattern(_ESCAPES), _escape, _is_assigned),
    "percent": Notation("percent-encoding", pattern(rb"%([0-9A-Fa-f]{2})"), _byte, _always),
    "html": Notation(
        "HTML entities", pattern(rb"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});"), _entity, _always
    ),
    "quoted-printable": Notation("quoted-printable", pattern(rb"=(?:\r?\n|([0-9A-F]{2}))"), _byte, _always),
    "joined": Notation("joined literals", _JOINT, _nothing, _is_token),
}
"""Each by the name of its mark."""
