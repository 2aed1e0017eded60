"""Sets of characters by their code points, and how bytes of UTF-8 match them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Code points from and to, both in it; sorted, and apart from each other."""

LAST = 0x10FFFF
_ASCII = 0x80
_BEYOND = r"[\xc2-\xf4][\x80-\xbf]{1,3}"
_MOST_SPELLED = 32
_SPECIAL = r"\^$.|?*+()[]{}"

DIGIT: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACE: Ranges = ((0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20))
NEWLINE: Ranges = ((0x0A, 0x0A),)

POSIX: dict[str, Ranges] = {
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "ascii": ((0x00, 0x7F),),
    "blank": ((0x09, 0x09), (0x20, 0x20)),
    "cntrl": ((0x00, 0x1F), (0x7F, 0x7F)),
    "digit": DIGIT,
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((0x09, 0x0D), (0x20, 0x20)),
    "upper": ((0x41, 0x5A),),
    "word": WORD,
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}
_CATEGORIES = {
    *(
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cs",
        "L",
        "Ll",
        "Lm",
        "Lo",
        "Lt",
        "Lu",
        "M",
        "Mc",
        "Me",
        "Mn",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
    ),
    *("Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs"),
}
_LONG = {
    "Letter": "L",
    "Lowercase_Letter": "Ll",
    "Mark": "M",
    "Number": "N",
    "Decimal_Number": "Nd",
    "Other": "C",
    "Punctuation": "P",
    "Separator": "Z",
    "Symbol": "S",
    "Uppercase_Letter": "Lu",
}
_LETTERS = "L"
_SCRIPTS = {"Arabic", "Common", "Cyrillic", "Greek", "Han", "Hangul", "Hebrew", "Hiragana", "Katakana", "Thai"}


def union(*many: Ranges) -> Ranges:
    """Return what is in one of them."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(item for ranges in many for item in ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def inverted(ranges: Ranges) -> Ranges:
    """Return what is not in them."""
    found, at = [], 0
    for low, high in union(ranges):
        if low > at:
            found.append((at, low - 1))
        at = high + 1
    return (*found, (at, LAST)) if at <= LAST else tuple(found)


def without(ranges: Ranges, others: Ranges) -> Ranges:
    """Return what is in the first and not in the second."""
    return inverted(union(inverted(ranges), others))


def of_unicode(name: str, *, negated: bool) -> Ranges | None:
    """Return a class such as `L` or `Greek`; None for a name that is not known.

    What is beyond ASCII counts as in the class and as not in it: bytes cannot tell these apart.
    """
    beyond = ((_ASCII, LAST),)
    category = _LONG.get(name, name)
    if category == "Any":
        return () if negated else ((0, LAST),)
    if category == "Latin":
        category = _LETTERS
    if category in _SCRIPTS:
        inside: Ranges = ()
    elif category in _CATEGORIES:
        inside = union(
            tuple((code, code) for code in range(_ASCII) if unicodedata.category(chr(code)).startswith(category))
        )
    else:
        return None
    return union(without(((0, _ASCII - 1),), inside) if negated else inside, beyond)


def is_vague(ranges: Ranges) -> bool:
    """Whether it has some of the characters beyond ASCII, too many to write each: any of them will do then."""
    return not _has_all_beyond(ranges) and _count(_beyond(ranges)) > _MOST_SPELLED


def is_cased(ranges: Ranges) -> bool:
    """Whether it makes a difference which case its letters have."""
    letters = {chr(code) for low, high in ranges for code in range(max(low, 0x41), min(high, 0x7A) + 1)}
    return any(letter.isalpha() and letter.swapcase() not in letters for letter in letters)


def single(ranges: Ranges) -> str:
    """Return its one character, or nothing where it has several."""
    return chr(ranges[0][0]) if len(ranges) == 1 and ranges[0][0] == ranges[0][1] else ""


def written(ranges: Ranges, *, as_listed: bool = False) -> str:
    """Return a pattern of bytes that matches one of the characters. Raises `ValueError` where there is none.

    Parameters: `as_listed`, to name what is in a class and never what is not.
    """
    if not ranges:
        raise ValueError("has a class of no character")
    if single(ranges):
        return "".join(map(_byte, _utf8(ranges[0][0])))
    inside = tuple((low, min(high, _ASCII - 1)) for low, high in ranges if low < _ASCII)
    if _has_all_beyond(ranges):
        return _class((*inside, (_ASCII, 0xFF)), as_listed=as_listed)
    beyond = _beyond(ranges)
    if not beyond:
        return _class(inside)
    if _count(beyond) > _MOST_SPELLED:
        rest = [_BEYOND]
    else:
        rest = ["".join(map(_byte, _utf8(code))) for low, high in beyond for code in range(low, high + 1)]
    return f"(?:{'|'.join([*([_class(inside)] if inside else []), *rest])})"


def _utf8(code: int) -> bytes:
    return chr(code).encode("utf-8", "surrogatepass")


def _beyond(ranges: Ranges) -> Ranges:
    return tuple((max(low, _ASCII), high) for low, high in ranges if high >= _ASCII)


def _has_all_beyond(ranges: Ranges) -> bool:
    """Whether it has all that is beyond ASCII, apart from a few."""
    return _count(_beyond(ranges)) > (LAST - _ASCII) * 0.99


def _count(ranges: Iterable[tuple[int, int]]) -> int:
    return sum(high - low + 1 for low, high in ranges)


def _class(ranges: Ranges, *, as_listed: bool = False) -> str:
    if ranges in _NAMED:
        return _NAMED[ranges]
    inverse = without(((0, 0xFF),), ranges)
    if inverse and ranges[-1][1] == 0xFF and not as_listed:
        return f"[^{_items(inverse)}]"
    return f"[{_items(ranges)}]" if inverse else r"[\s\S]"


_NAMED: dict[Ranges, str] = {DIGIT: r"\d", WORD: r"\w"}


def _items(ranges: Ranges) -> str:
    return "".join(
        _byte(low, inside=True)
        if low == high
        else f"{_byte(low, inside=True)}{'' if high == low + 1 else '-'}{_byte(high, inside=True)}"
        for low, high in ranges
    )


def _byte(code: int, *, inside: bool = False) -> str:
    named = {0x09: r"\t", 0x0A: r"\n", 0x0D: r"\r"}.get(code)
    if named:
        return named
    if not 0x20 <= code < 0x7F:
        return f"\\x{code:02x}"
    character = chr(code)
    special = r"\]^-[&~|" if inside else _SPECIAL
    return f"\\{character}" if character in special else character
