"""What tells that a part of a text may decode to something else: expressions for the prefilter, beside those of rules.

Base64 and hexadecimal have no mark, and are found by runs.py. Each expression begins with a literal that is rare in
source text; literals, in lower case, are for a search without Hyperscan.
"""

from __future__ import annotations

from tightlip.model import Value


class Mark(Value):
    """How one kind of encoding gives itself away; `name` is that of the decoder which takes it from there."""

    __slots__ = ("expressions", "literals", "name")

    def __init__(self, name: str, expressions: tuple[bytes, ...], literals: tuple[bytes, ...]) -> None:
        self.name = name
        self.expressions = expressions
        self.literals = literals


_PIECE = rb"[A-Za-z0-9_+/=.-]{8,48}"

MARKS = (
    Mark(
        "container",
        (rb"\x1f\x8b\x08", rb"BZh[1-9]1AY", rb"\xfd7zXZ", rb"PK\x03\x04", rb"ustar"),
        (b"\x1f\x8b\x08", b"bzh", b"\xfd7zxz", b"pk\x03\x04", b"ustar"),
    ),
    Mark(
        "escapes",
        (
            rb"\\u00[2-7]",
            rb"(?:\\x[2-7][0-9a-fA-F]){8}",
            rb'=\\{1,7}"',
            rb'= \\{1,7}"',
            rb':\\{1,7}"',
            rb': \\{1,7}"',
        ),
        (b"\\u00", b"\\x", b"=\\", b"= \\", b":\\", b": \\"),
    ),
    Mark(
        "percent",
        (rb"%(?:2[0-9ABCEFabcef]|3[ABCDEFabef]|40|5[BCDE]|7[BCDE])", rb"%[2-7][0-9A-Fa-f]%[2-7][0-9A-Fa-f]%"),
        tuple(b"%%%x" % high for high in range(2, 8)),
    ),
    Mark("html", (rb"&#(?:[xX][0-9a-fA-F]|[0-9])", rb"&(?:quot|amp|apos|equals|colon|sol|plus|lowbar);"), (b"&",)),
    Mark("quoted-printable", (rb"=3D",), (b"=3d",)),
    Mark(
        "joined",
        (
            rb'" ?\+[\s\\]{0,40}["\'`][0-9A-Za-z]{2}',
            rb'\' ?\+[\s\\]{0,40}["\'`][0-9A-Za-z]{2}',
            rb'" [.&]\s{1,40}["\'][0-9A-Za-z]{2}',
            rb'\' [.&]\s{1,40}["\'][0-9A-Za-z]{2}',
            rb'"[ \t]{0,8}\\?\r?\n[ \t]{0,24}"' + _PIECE + b'"',
            rb"\'[ \t]{0,8}\\?\r?\n[ \t]{0,24}\'" + _PIECE + b"'",
            rb"\\\r?\n[A-Za-z0-9]{2}",
        ),
        (
            b'" +',
            b"' +",
            b'"+',
            b"'+",
            b'" .',
            b"' .",
            b'" &',
            b"' &",
            b'"\n',
            b'"\r',
            b"'\n",
            b"'\r",
            b'" ',
            b"\\\n",
            b"\\\r",
        ),
    ),
)
"""In this order they have the indexes after those of the rules; runs have the last one."""
