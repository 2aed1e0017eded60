"""A row of symbols, each of which may be written in several ways, and finding it in time that grows with the bytes.

The search goes on from the first symbols, by pieces of a few symbols: a piece that is written plainly is only compared.
No piece goes back into the one before it, so there is no more to try than within a piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple, TypeAlias

import regex

from tightlip.purge.forms.joints import NONE, Joint

Span: TypeAlias = tuple[int, int]
"""Start and end, in bytes."""

_HEAD, _PIECE = 8, 16
"""Symbols of the first piece, and of each further one."""
_WINDOWS, _FARTHEST = (6, 5, 4), 128
"""Symbols that are searched for in all bytes, and how many come before them at most."""
_BEST, _GOOD, _FAIR = b"23456789", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ01", b"jkqvwxyz~@$!?"
"""Bytes by how rare they are in source text. Hyperscan finds a digit, or one of a few signs that an escape may begin
with, about six times faster than a letter or one of those: they are in fewer rows of the table of ASCII."""
_MANY = b"\\\"' \t\r\n"
"""Bytes that have more ways to be written than all others."""
_OPEN = frozenset(bytes([byte]) for byte in b"\\\"' \t\r\n%&=+")
"""Bytes of which one way to write them may be the beginning of another, such as `%` and `%25`."""
_EACH, _MORE = 24, 2048
"""Bytes that a symbol may take in the mean, and bytes beyond that for joints, before the window."""
_NEAR = 14
"""Symbols before the end of the window, and behind it, that have to stand there for more to be searched."""
_COUNTED = re.compile(rb"(?<!\\)\{(\d+)(?:,\d+)?\}")


class Symbol(NamedTuple):
    """One character, byte or digit.

    `plain` is how it stands most often, empty where no one way does; `written` is an expression for all ways, without
    groups; `joint` is what may stand between it and the next.
    """

    plain: bytes
    written: bytes
    joint: Joint = NONE


class Row:
    """Finds a row of symbols."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        ends = [0, *_ends(symbols)]
        self._pieces = [
            _Piece(symbols[start:end], symbols[start - 1].joint if start else NONE) for start, end in pairwise(ends)
        ]
        first, last = _window(symbols)
        within = symbols[first:last]
        self.loose = b"".join(_loose(symbol) + symbol.joint.loose for symbol in within[:-1]) + _loose(within[-1])
        """An expression for some of the symbols, wherever all stand; see `Joint`."""
        self.exact = b"".join(symbol.written + symbol.joint.exact for symbol in within[:-1]) + within[-1].written
        """The same with exact joints."""
        self._plain = (
            b"".join(symbol.plain for symbol in symbols[:last]) if all(s.plain for s in symbols[:last]) else b""
        )
        near = symbols[max(last - _NEAR, 0) : last]
        self._near = b"".join(symbol.written + symbol.joint.exact for symbol in near[:-1]) + near[-1].written
        self._behind: regex.Pattern[bytes] | None = None
        ahead = symbols[last : last + _NEAR]
        joints = (symbol.joint.exact for symbol in symbols[last - 1 :])
        self._ahead = re.compile(b"".join(joint + symbol.written for joint, symbol in zip(joints, ahead, strict=False)))
        self.before = last * _EACH + _MORE
        """How many bytes before the end of a match of these the row may begin."""
        self.widest = len(symbols) * _EACH + _MORE
        """How many bytes the row may take."""

    def begin(self, data: bytes, end: int) -> tuple[int, int] | None:
        """Return the first place where a row may begin of which the window ends at a place, and one after the last.

        None where there is none: most values hold words, and few places where a part of one stands hold the value.
        """
        if not self._ahead.match(data, end):
            return None
        at = end - len(self._plain)
        if self._plain and at >= 0 and data.startswith(self._plain, at):
            return at, at + 1
        if self._behind is None:
            self._behind = regex.compile(b"(?<=" + self._near + b")")
        return (max(end - self.before, 0), end) if self._behind.match(data, end) else None

    def within(self, data: bytes, start: int, stop: int) -> Iterator[list[Span]]:
        """Yield where each symbol stands, of all rows that begin in a stretch; none overlaps the one before."""
        pattern, farthest = self._pieces[0].pattern, stop + self.before
        while start < stop:
            head = pattern.match(data, start) if stop - start == 1 else pattern.search(data, start, farthest)
            if head is None or head.start() >= stop:
                return
            spans = self._after(data, head)
            if spans:
                yield spans
            start = spans[-1][1] if spans else head.start() + 1

    def at(self, data: bytes, start: int) -> list[Span]:
        """Return where each symbol stands, of the row that begins at a place; nothing where none does."""
        head = self._pieces[0].pattern.match(data, start)
        return self._after(data, head) if head else []

    def _after(self, data: bytes, head: re.Match[bytes]) -> list[Span]:
        at = head.end()
        found: list[tuple[_Piece, int, re.Match[bytes] | None]] = []
        for piece in self._pieces[1:]:
            if piece.plain and data.startswith(piece.plain, at):
                found.append((piece, at, None))
                at += len(piece.plain)
            elif not piece.is_fixed and (match := piece.pattern.match(data, at)):
                found.append((piece, at, match))
                at = match.end()
            else:
                return []
        spans = list(head.regs[1:])
        for piece, start, match in found:
            spans += match.regs[1:] if match else [(start + first, start + last) for first, last in piece.spans]
        return spans


class _Piece:
    def __init__(self, symbols: Sequence[Symbol], joint: Joint) -> None:
        self._symbols, self._joint = symbols, joint
        sizes = [len(symbol.plain) for symbol in symbols]
        self.plain = b"".join(symbol.plain for symbol in symbols) if all(sizes) else b""
        ends = list(accumulate(sizes, initial=0))
        self.spans = list(pairwise(ends))
        self.is_fixed = not any(symbol.joint.exact or len(symbol.written) > 4 * len(symbol.plain) for symbol in symbols)
        """Whether there is no other way than the plain one: each byte is written as `\\x41` is."""
        self._compiled: re.Pattern[bytes] | None = None

    @property
    def pattern(self) -> re.Pattern[bytes]:
        """The expression for all ways, with a group for each symbol. It is made once it is needed."""
        if self._compiled is None:
            joints = [self._joint, *(symbol.joint for symbol in self._symbols)]
            pairs = zip(joints, self._symbols, strict=False)
            self._compiled = re.compile(b"".join(joint.exact + b"(" + symbol.written + b")" for joint, symbol in pairs))
        return self._compiled


def _ends(symbols: Sequence[Symbol]) -> Iterator[int]:
    """Yield where pieces end: not after a symbol of which one way to write it may be the beginning of another."""
    end, least = 0, _HEAD
    while end < len(symbols):
        least, end = _PIECE, end + least
        most = end + _PIECE
        while end < min(most, len(symbols)) and (symbols[end - 1].plain in _OPEN or len(symbols[end - 1].plain) != 1):
            end += 1
        yield min(end, len(symbols))


def _loose(symbol: Symbol) -> bytes:
    """Return an expression for more than the ways a symbol is written: without counting, for few states."""
    return _COUNTED.sub(lambda count: b"*" if count[1] == b"0" else b"+", symbol.written)


def _window(symbols: Sequence[Symbol]) -> tuple[int, int]:
    """Return the first symbol, and the first one after it, of the window that is likely to be found the least.

    A shorter one is taken where each longer one holds a symbol that is written in very many ways: some of these take
    Hyperscan seconds to compile.
    """
    for size in _WINDOWS:
        first = _rarest(symbols, size)
        if all(_rarity(symbol) for symbol in symbols[first : first + size]):
            break
    return first, first + size


def _rarest(symbols: Sequence[Symbol], size: int) -> int:
    """Return where the window of a size begins that is likely to be found the least.

    Its first symbol counts most: Hyperscan is quick where it can pass over the bytes with which nothing begins.
    """

    def rarity(first: int) -> tuple[int, int, int]:
        each = [_rarity(symbol) for symbol in symbols[first : first + size]]
        kinds = len({symbol.written for symbol in symbols[first : first + size]})
        return -each.count(0), 3 * each[0] + sum(each) + kinds, -first

    return max(range(max(0, min(len(symbols) - size, _FARTHEST)) + 1), key=rarity)


def _rarity(symbol: Symbol) -> int:
    plain = symbol.plain.strip(b"\0")
    if len(plain) != 1 or plain in _MANY:
        return 0
    return 4 if plain in _BEST else 3 if plain in _GOOD else 2 if plain in _FAIR else 1
