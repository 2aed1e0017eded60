r"""Bytes in base64, at each of the three offsets that they may have in what was encoded; in one line or wrapped.

A character at either end may hold bits of the neighbouring bytes, too: these stay. Both alphabets are read; `+` and `/`
may be escaped, as `%2B` or `\/`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tightlip.purge.forms.joints import ANY
from tightlip.purge.forms.sequence import Row, Span, Symbol
from tightlip.purge.forms.spelling import either
from tightlip.purge.forms.ways import Edit, Filling

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_URL = b"-_"
_RUN = _ALPHABET + _URL
_NEAR = 4096
"""Bytes before and after a value that are looked at to tell which alphabet it is in."""
_PLUS = rb"[+-]|%2[bBdD]|\\{1,4}u002[bBdD]|&#43;|&plus;"
_SLASH = rb"\\{0,4}/|_|%2[fF]|%5[fF]|\\{1,4}u00(?:2[fF]|5[fF])|&#(?:47|x2[fF]);|&sol;"


class _Bits(NamedTuple):
    """What a value says of one character: `known` are the bits that it decides, `value` is what they are."""

    value: int
    known: int


class Based:
    """Bytes in base64 at one offset."""

    def __init__(self, inner: bytes, offset: int, name: str, fit: Callable[[Filling], bytes]) -> None:
        """Parameters: `offset`, how many bytes come before, modulo 3; `fit`, as for `Hexadecimal`."""
        self._name, self._offset, self._fit = name, offset, fit
        self.row = Row([_symbol(bits) for bits in _bits(inner, offset)])

    def place(self, _: bytes, spans: Sequence[Span]) -> tuple[str, int, int]:
        """Return the name of the form, and its start and end."""
        return self._name, spans[0][0], spans[-1][1]

    def over(self, data: bytes, start: int, end: int, filling: Filling) -> list[Edit]:
        """Return what removes the value from a place: as many characters as there were."""
        last = b"-_" if _is_url(data, start, end) else b"%2B" if b"%2" in data[start:end].upper() else b"+/"
        edits = []
        for span, bits in zip(self.row.at(data, start), _bits(self._fit(filling), self._offset), strict=True):
            old = _read(data[slice(*span)])
            new = old & ~bits.known | bits.value
            if new != old:
                edits.append(Edit(*span, _character(new, last)))
        return edits


def _bits(inner: bytes, offset: int) -> list[_Bits]:
    before = offset * 8 % 6
    after = -(offset * 8 + len(inner) * 8) % 6
    value = int.from_bytes(inner, "big") << after
    known = ((1 << len(inner) * 8) - 1) << after
    size = before + len(inner) * 8 + after
    octets = -size % 8  # so that both can be cut at bytes, and long ones in little time
    values, knowns = ((bits << octets).to_bytes((size + octets) // 8, "big") for bits in (value, known))
    return [_Bits(_six(values, at), _six(knowns, at)) for at in range(0, size, 6)]


def _six(bits: bytes, at: int) -> int:
    two = int.from_bytes(bits[at // 8 : at // 8 + 2].ljust(2, b"\0"), "big")
    return two >> (10 - at % 8) & 63


def _symbol(bits: _Bits) -> Symbol:
    matching = [number for number in range(64) if number & bits.known == bits.value]
    characters = bytes(_ALPHABET[number] for number in matching if number < 62)
    ways = [b"[" + characters + b"]"] if characters else []
    ways += [_PLUS] if 62 in matching else []
    ways += [_SLASH] if 63 in matching else []
    plain = _ALPHABET[matching[0] : matching[0] + 1] if len(matching) == 1 else b""
    return Symbol(plain, either(ways), ANY)


def _read(written: bytes) -> int:
    if len(written) == 1 and written not in b"-_":
        return _ALPHABET.index(written)
    return 62 if written in {b"-", b"&#43;", b"&plus;"} or written[-1:] in b"bBdD" else 63


def _character(number: int, last: bytes) -> bytes:
    if number < 62:
        return _ALPHABET[number : number + 1]
    if last == b"%2B":
        return b"%2B" if number == 62 else b"%2F"
    return last[number - 62 : number - 61]


def _is_url(data: bytes, start: int, end: int) -> bool:
    """Whether the characters around a place are of the alphabet for URLs; those of a JSON web token always are."""
    before = data[max(start - _NEAR, 0) : start]
    after = data[end : end + _NEAR]
    left = before[len(before.rstrip(_RUN)) :]
    run = left + data[start:end] + after[: len(after) - len(after.lstrip(_RUN))]
    if run.startswith(b"eyJ") or (before[: len(before) - len(left)].endswith(b".") and after.startswith(b".")):
        return True
    return not set(run).isdisjoint(_URL) and set(run).isdisjoint(b"+/")
