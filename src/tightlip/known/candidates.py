"""What in a text may be a whole secret: what a hook can ask an index of hashes about, and how much of it.

A hash tells of a whole value or of nothing. So a text is cut wherever a value could begin or end, and of the pieces
only those are asked about that hardly a program's own names look like.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import unquote_to_bytes

from tightlip.known.fit import unfit

LONGEST = 256
"""Bytes of a value that an index may hold."""
_FEWEST_CHANGES = 2
"""How often, at least, a digit stands beside a letter in a value without other characters than names have."""

_WORD = re.compile(rb"[^\s\"'`<>()\[\]{},;]{8,2048}")
_PLAIN_WORD = re.compile(rb"[A-Za-z0-9_.+/=-]{8,2048}")
_LONG_LINE = re.compile(rb"[^\n]{1000,}")
"""A line that a program made, such as a script without blanks: what is no name in it is mostly operators."""
_LEGIBLE = re.compile(rb"[\x21-\x7e]{12,}")
"""What of a file that is no text may be one; a shorter piece is there by chance."""
_CHECKSUM = re.compile(
    rb"(?:\bsha(?:1|224|256|384|512)[-:=]|\bh1:|\bchecksum[\"']?[ \t]*[:=][ \t]*[\"']?)[A-Za-z0-9+/]{27,128}={0,2}"
)
"""Files that lock versions hold thousands, which look like secrets and say that they are none."""
_QUOTED = re.compile(rb"\"([^\"\n]{8,256})\"|'([^'\n]{8,256})'|`([^`\n]{8,256})`")
_ASSIGNED = re.compile(rb"[=:][ \t]*([^\s\"'][^\n]{7,256})")
_ENDS = re.compile(rb"[=:@/?&|]+")
_TRAILING = b".:,;!?*_\\"
_SPECIAL = re.compile(rb"[^A-Za-z0-9_.\-/]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{11,1024}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,512}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def is_candidate(value: bytes) -> bool:
    """Whether a value is one that an index may hold: no word, name, number or text, and neither short nor long."""
    if len(value) > LONGEST or not re.search(rb"[A-Za-z]", value) or re.search(rb"[\s\x00-\x1f]", value):
        return False
    letters = [byte > 0x39 for byte in re.sub(rb"[^A-Za-z0-9]", b"", value)]
    changes = sum(one != other for one, other in pairwise(letters))
    special = len(set(_SPECIAL.findall(value)))
    if changes < _FEWEST_CHANGES and not (special and changes) and special < _FEWEST_CHANGES:
        return False
    return not unfit(value)


def candidates(text: bytes, lengths: frozenset[int]) -> set[bytes]:
    """Return what in a text may be a secret. Parameters: `lengths`, those of the secrets."""
    pieces = {piece for piece in _pieces(text) if len(piece) in lengths}
    return {piece for piece in pieces if is_candidate(piece)}


def _pieces(text: bytes) -> Iterator[bytes]:
    if b"\0" in text:
        text = b"\n".join(_LEGIBLE.findall(text))
    text = _CHECKSUM.sub(b" ", text)
    for word in _words(text):
        for piece in _parts(word):
            yield piece
            yield from _decoded(piece)
    for found in _QUOTED.finditer(text):
        yield found[1] or found[2] or found[3]
    for found in _ASSIGNED.finditer(text):
        yield found[1].rstrip()


def _words(text: bytes) -> set[bytes]:
    found = set(_WORD.findall(_LONG_LINE.sub(b"\n", text)))
    return found.union(*map(_PLAIN_WORD.findall, _LONG_LINE.findall(text)))


def _parts(word: bytes) -> Iterator[bytes]:
    """Yield a word, what of it may be a value by itself, and what follows on a name: `a=b`, `https://user:b@host`."""
    yield word
    if (bare := word.rstrip(_TRAILING)) != word:
        yield bare
    begins = [0, *(found.end() for found in _ENDS.finditer(bare))]
    ends = [*(found.start() for found in _ENDS.finditer(bare)), len(bare)]
    if len(begins) > 64:  # it is no assignment, and no address
        return
    for number, begin in enumerate(begins):
        if number:
            yield bare[begin:]
        yield bare[begin : ends[number]]
        if number + 1 < len(ends):
            yield bare[begin : ends[number + 1]]


def _decoded(piece: bytes) -> Iterator[bytes]:
    if _HEX.fullmatch(piece):
        yield bytes.fromhex(piece.decode("ascii"))
    if _BASE64.fullmatch(piece):
        bare = piece.rstrip(b"=").translate(_URL_SAFE)
        if len(bare) % 4 != 1:
            made = b64decode(bare + b"=" * (-len(bare) % 4))
            if made.isascii():
                yield from _parts(made.removesuffix(b"\n"))
    if b"%" in piece:
        yield unquote_to_bytes(piece)
