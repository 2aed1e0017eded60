"""Runs of text that may be base64 or hexadecimal: where to decode, told from the bytes alone.

Nearly all runs are identifiers, paths and checksums. What their characters decode to tells: bytes of text in a row are
next to never a coincidence. `_runs.c` does the same in native code, where it could be compiled.
"""

from __future__ import annotations

from binascii import a2b_base64

__all__ = ["ALPHABET", "STANDARD", "Run", "digits_of", "find", "in_python"]

SHORTEST = 12
"""Characters of a run right after a key and a colon or an equals sign, all of which must be text."""
LONG = 27
"""Characters of a run that may stand anywhere: those of 20 bytes, which few tokens are shorter than."""
_LINE = 32
"""Characters of a line, from which on a run may go on in the next one."""
_CUT = 64
"""Characters of a run that is cut off, from which on it is told of: what matters of it may not be there."""
_MOST_BETWEEN, _MOST_LOOKED_AT, _STRETCH, _SHIFTED_STRETCH, _HEX_STRETCH = 64, 1 << 14, 12, 20, 10

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_DIGITS = b"0123456789abcdefABCDEF"
_READABLE = bytes(range(32, 127)) + b"\t\n\r"
_BETWEEN = b" \t\r\n\"'`,+\\#*>;"
_CONTAINERS = (b"H4sI", b"UEsDB", b"Qlpo", b"/Td6WF", b"//4", b"/v8")
"""gzip, zip, bzip2, xz, UTF-16."""
_NOT_TEXT = (b"iVBORw0KGgo", b"/9j/", b"R0lGOD", b"d09G", b"AAEAAAD", b"AGFzbQ", b"T1RUTw", b"UklGR", b"MII")
"""PNG, JPEG, GIF, WOFF, TrueType, WebAssembly, OpenType, RIFF, DER."""
_IS_MEMBER = bytes(byte in ALPHABET for byte in range(256))
_IS_READABLE = bytes(byte in _READABLE for byte in range(256))
STANDARD = bytes.maketrans(b"-_", b"+/")
"""Makes the standard alphabet of the one that is safe in addresses."""

Run = tuple[int, ...]
"""Begin and end of each of its pieces, one after the other; the first begins where it is worth decoding."""


def in_python(data: bytes) -> list[Run]:
    """Return the runs that may decode to something, in their order."""
    found: list[Run] = []
    members = data.translate(_IS_MEMBER)
    at = members.find(b"\1" * SHORTEST)
    while at >= 0:
        end = _end(members, at)
        if end - at >= LONG or _follows_a_key(data, at):
            pieces, is_cut = _pieces(data, members, at, end)
            end = pieces[-1]
            start = _worth_from(b"".join(map(data.__getitem__, map(slice, pieces[::2], pieces[1::2]))))
            size = sum(pieces[1::2]) - sum(pieces[::2])
            if start >= 0 or (is_cut and size >= _CUT):
                found.append(_without(pieces, max(start, 0)))
        at = members.find(b"\1" * SHORTEST, end)
    return found


def _end(members: bytes, at: int) -> int:
    end = members.find(b"\0", at)
    return len(members) if end < 0 else end


def _follows_a_key(data: bytes, at: int) -> bool:
    before = data[max(at - 5, 0) : at]
    if before[-1:] in (b'"', b"'"):
        before = before[:-1]
    for _ in range(2):
        before = before.removesuffix(b" ")
    return before.endswith((b":", b"=", b"=>"))


def _is_cut(data: bytes, at: int) -> bool:
    """Whether a piece of text that was cut out of a larger one ends here; it is then not all of a run."""
    return at < 0 or at >= len(data) or data[at] == 0xFE


def _next_line(data: bytes, at: int) -> int:
    """Return the place after what may stand between two lines of a run; `at` where it may not."""
    after = data[at : at + _MOST_BETWEEN]
    found = lines = quotes = 0
    while found < len(after) and after[found] in _BETWEEN:
        if after[found] == 0x5C and after[found + 1 : found + 2] in (b"n", b"r"):
            lines += 1
            found += 1
        lines += after[found] == 0x0A
        quotes += after[found] in b"\"'`"
        found += 1
    return at + found if lines or quotes > 1 else at


def _pieces(data: bytes, members: bytes, start: int, end: int) -> tuple[Run, bool]:
    """Return a run with the lines that go on with it, and whether it may go on beyond the text."""
    before = data[max(start - _MOST_BETWEEN, 0) : start]
    was_cut = _is_cut(data, start - len(before) + len(before.rstrip(_BETWEEN)) - 1)
    pieces: list[int] = []
    while True:
        is_first = not pieces
        pieces += (start, end)
        size, following = end - start, _next_line(data, end)
        if _is_cut(data, following):
            return tuple(pieces), True
        after = _end(members, following)
        may_go_on = (is_first and was_cut) or (size >= _LINE and (size % 4 == 0 or after - following == size))
        if following in (end, after) or not may_go_on:
            return tuple(pieces), was_cut
        start, end = following, after


def _worth_from(characters: bytes) -> int:
    """Return the place from which on a run is worth decoding, in characters; -1 for none."""
    characters = characters[:_MOST_LOOKED_AT]
    digits, is_hex = digits_of(characters)
    if len(characters) < LONG:
        made = _unhexed(digits) if is_hex else _decoded(characters)
        start = len(characters) - len(digits) if is_hex else 0
        return -1 if _readable_from(made, len(made)) else start
    if is_hex or (len(digits) >= LONG - 2 and characters.startswith(b"0x")):
        at = _readable_from(_unhexed(digits), _HEX_STRETCH)
        return -1 if at < 0 else 2 * at + 2 * characters.startswith(b"0x")
    if characters.startswith(_CONTAINERS):
        return 0
    for phase in range(4):
        at = _readable_from(_decoded(characters[phase:]), _SHIFTED_STRETCH if phase else _STRETCH)
        if at >= 0:
            return -1 if characters.startswith(_NOT_TEXT) else phase + at // 3 * 4
    return -1


def digits_of(characters: bytes) -> tuple[bytes, bool]:
    """Return the hexadecimal digits that a run begins with, perhaps after `0x`, and whether there is nothing else."""
    digits = characters.removeprefix(b"0x") if len(characters) > 2 else characters
    rest = digits.lstrip(_DIGITS)
    return digits[: len(digits) - len(rest)], not rest


def _unhexed(digits: bytes) -> bytes:
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))


def _decoded(characters: bytes) -> bytes:
    return a2b_base64(characters[: len(characters) // 4 * 4].translate(STANDARD))


def _readable_from(made: bytes, wanted: int) -> int:
    """Return where so many bytes of text in a row begin; a NUL between two, as in UTF-16, is none. -1 if nowhere."""
    readable = made.translate(_IS_READABLE)
    if b"\1" * wanted not in readable and 0 not in made:
        return -1
    begin = seen = 0
    for at, byte in enumerate(made):
        if readable[at]:
            seen += 1
            if seen >= wanted:
                return begin
        elif byte or not seen or not made[at - 1]:
            seen, begin = 0, at + 1
    return -1


def _without(pieces: Run, characters: int) -> Run:
    """Return a run without so many characters at its beginning."""
    while characters >= pieces[1] - pieces[0]:
        characters -= pieces[1] - pieces[0]
        pieces = pieces[2:]
    return (pieces[0] + characters, *pieces[1:])


try:
    from tightlip.engine._runs import find
except ImportError:
    find = in_python
