"""What may stand between two characters of a value that is split over literals or lines.

Each joint has two expressions: an exact one, and a loose one that matches no less, for the search of all bytes: fewer
states, and no counting. All match nothing as well.
"""

from __future__ import annotations

from typing import NamedTuple

_BLANK = rb"[ \t]{0,80}"
_LINE = rb"\r?\n" + _BLANK
_QUOTE = rb"\\{0,4}[\x22\x27\x60]"
_OPERATOR = rb"(?:[+&,|]|\+\+|\.{1,2}|<>|\|\|)?"
_NEWLINE = rb"(?:\\{1,4}r)?\\{1,4}n"  # as an escape
_PREFIX = rb"[bBrRuUfFLN@$]{0,2}"  # of a literal
_LITERALS = (
    rb"(?:" + _NEWLINE + rb")?" + _QUOTE + _BLANK + _OPERATOR + _BLANK + rb"[\\_^\x60]?(?:" + _LINE + rb"){0,3}"
    + _OPERATOR + _BLANK + _PREFIX + _QUOTE
)  # fmt: skip
_COMMENT = rb"(?:(?:[#*>|+-]|//|--)" + _BLANK + rb")??"  # lazy: it may be the value's own
_LINES = _BLANK + rb"[\\^\x60=]?" + _LINE + _COMMENT
_LOOSE = (
    rb"(?:[\s\x22\x27\x60+.&,|<>\\^=_#*/-]|\\[rn])*(?:[bBrRuUfFLN@$]{1,2}\\*[\x22\x27\x60])?"  # all of them at once
)


class Joint(NamedTuple):
    """What may stand after a character, before the next."""

    exact: bytes
    loose: bytes


NONE = Joint(b"", b"")
SOFT = Joint(rb"(?:=\r?\n)?", rb"(?:=\r?\n)?")
"""A line end of quoted-printable that is not the text's own."""
LITERALS = Joint(rb"(?:" + _LITERALS + rb"|[\\=]\r?\n)?", _LOOSE)
"""The end of a literal and the beginning of the next, or a line that is continued."""
ANY = Joint(rb"(?:" + _LITERALS + rb"|" + _LINES + rb"|" + _NEWLINE + _BLANK + rb")?", _LOOSE)
"""That, or a new line, with what continues a line before it, and indentation or the mark of a comment after it."""
INDENTED = Joint(rb"(?:" + _LITERALS + rb"|[ \t]{1,80}" + _COMMENT + rb")?", _LOOSE)
"""What may stand after a new line that belongs to the value."""
DIGITS = Joint(
    rb"(?:[\s,:;-]{0,80}(?:(?:\\{1,4}|0)[xX])|[\s,:;-]{1,80}|" + ANY.exact[3:-2] + rb")?",
    rb"(?:[\s\x22\x27\x60+.&,|<>\\^=_#*/:;-]|\\[rn]|\\[xX]|0[xX])*(?:[bBrRuUfFLN@$]{1,2}\\*[\x22\x27\x60])?",
)
"""What may stand between bytes in hexadecimal."""
