"""Deltas of objects that are rewritten: one that is there with a few bytes of its result changed, or one for two trees.

Source of the format: gitformat-pack. A delta is two sizes and instructions: copy a span of the base, or insert bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from tightlip.git.packs.index import Numbers

_Edit: TypeAlias = tuple[int, int, bytes]
"""Where in the result it begins and ends, and the bytes to be there."""
_Run: TypeAlias = tuple[int, int]

_APART = 8
"""Bytes that are the same and fewer than these are inserted again: an instruction to copy them is no shorter."""
_MOST_INSERTED = 127
_MOST_COPIED = 1 << 16  # more has no place in packs of version 2
_OFFSET_BITS = 32
_SIZE_BITS = 56


def replaced(delta: bytes, edits: Sequence[tuple[int, bytes]]) -> bytes | None:
    """Return a delta that makes what `delta` makes, with `edits` written over it.

    Parameters: `edits`, offsets in the result and bytes of the same length as those there. None where an edit is not
    inside the result, where two overlap, or where the delta is seen to be damaged. It is read up to the last edit only:
    what follows is kept as it is.
    """
    spans = sorted((at, at + len(new), new) for at, new in edits if new)
    if any(end > start for (_, end, _), (start, _, _) in pairwise(spans)) or (spans and spans[0][0] < 0):
        return None
    try:
        return _edited(delta, spans)
    except IndexError:  # it ends too soon
        return None


def between(base: bytes, own: bytes) -> bytes:
    """Return a delta for two texts of which most is the same, in the same order.

    Of texts of one length it copies what stands at the same place in both, of others what they begin and end with.
    """
    parts, at = [_number(len(base)) + _number(len(own))], 0
    for start, end in _changes(base, own):
        parts += [_copied(at, start - at), _inserted(own[start:end])]
        at = end
    parts.append(_copied(at + len(base) - len(own), len(own) - at))
    return b"".join(parts)


def _edited(delta: bytes, spans: Sequence[_Edit]) -> bytes | None:
    """Walk over the instructions, and write those anew that edits are in. Raises `IndexError` where one is in none."""
    base, at = _size(delta, 0)
    _, at = _size(delta, at)
    parts, kept, end, which = [], 0, 0, 0
    while which < len(spans):
        start, first, op = end, at, delta[at]
        if op > _MOST_INSERTED:
            source, size, at = _copy(delta, at)
        else:
            source, size, at = 0, op, at + 1 + op
        end += size
        if not size or at > len(delta) or (op > _MOST_INSERTED and source + size > base):
            return None
        if spans[which][0] < end:
            own = _inside(spans, which, end)
            new = _split(source, start, end, own) if op > _MOST_INSERTED else _over(delta[first:at], start, own)
            parts += [delta[kept:first], new]
            which += len(own) - (own[-1][1] > end)  # the last may go on
            kept = at
    return b"".join((*parts, delta[kept:]))


def _copy(delta: bytes, at: int) -> tuple[int, int, int]:
    """Return what an instruction to copy copies, and how many bytes, and the place after it."""
    offsets, sizes, length = _COPIES[delta[at] - 128]
    source = size = 0
    for place, shift in offsets:
        source |= delta[at + place] << shift
    for place, shift in sizes:
        size |= delta[at + place] << shift
    return source, size or _MOST_COPIED, at + length


def _inside(spans: Sequence[_Edit], first: int, end: int) -> Sequence[_Edit]:
    """Return the edits from the `first` on that begin before `end`."""
    last = first + 1
    while last < len(spans) and spans[last][0] < end:
        last += 1
    return spans[first:last]


def _over(instruction: bytes, start: int, edits: Sequence[_Edit]) -> bytes:
    """Return an instruction to insert what is at `start` in the result, with edits over it."""
    new, before, end = bytearray(instruction), start - 1, start + len(instruction) - 1
    for first, last, content in edits:
        low, high = max(first, start), min(last, end)
        new[low - before : high - before] = content[low - first : high - first]
    return bytes(new)


def _split(source: int, start: int, end: int, edits: Sequence[_Edit]) -> bytes:
    """Return instructions to copy a span to `start` in the result, and to insert edits in its place."""
    parts, at = [], start
    for first, last, content in edits:
        low, high = max(first, start), min(last, end)
        parts += [_copied(source + at - start, low - at), _inserted(content[low - first : high - first])]
        at = high
    parts.append(_copied(source + at - start, end - at))
    return b"".join(parts)


def _changes(base: bytes, own: bytes) -> list[_Run]:
    """Return the spans of a text that are to be inserted."""
    if not base or not own or len(base) >> _OFFSET_BITS:
        return [(0, len(own))]
    old, new = np.frombuffer(base, np.uint8), np.frombuffer(own, np.uint8)
    most = min(len(old), len(new))
    differs = old[:most] != new[:most]
    if len(old) == len(new):
        return _runs(np.flatnonzero(differs))
    same = int(differs.argmax()) if differs.any() else most
    most -= same
    differs = (old[len(old) - most :] != new[len(new) - most :])[::-1]
    return [(same, len(own) - (int(differs.argmax()) if differs.any() else most))]


def _runs(places: Numbers) -> list[_Run]:
    """Return the spans that hold these places; places near each other are in one."""
    if not len(places):
        return []
    gaps = np.flatnonzero(np.diff(places) > _APART)
    starts, ends = places[gaps + 1].tolist(), (places[gaps] + 1).tolist()
    return list(zip([int(places[0]), *starts], [*ends, int(places[-1]) + 1], strict=True))


def _copied(source: int, size: int) -> bytes:
    """Return the instructions to copy a span of the base; none for no bytes."""
    parts = b""
    while size > 0:
        now = min(size, _MOST_COPIED)
        op, fields, bit, rest = 128, [], 1, source
        while rest:
            if rest & 255:
                op |= bit
                fields.append(rest & 255)
            rest >>= 8
            bit <<= 1
        bit, rest = 16, now & 0xFFFF  # 64 KiB is written as no size at all
        while rest:
            if rest & 255:
                op |= bit
                fields.append(rest & 255)
            rest >>= 8
            bit <<= 1
        parts += bytes((op, *fields))
        source, size = source + now, size - now
    return parts


def _inserted(text: bytes) -> bytes:
    """Return the instructions to insert a text; none for no bytes."""
    if 0 < len(text) <= _MOST_INSERTED:
        return bytes((len(text),)) + text
    cut = (text[at : at + _MOST_INSERTED] for at in range(0, len(text), _MOST_INSERTED))
    return b"".join(bytes((len(part),)) + part for part in cut)


def _number(value: int) -> bytes:
    """Return a size as deltas begin with it: seven bits a byte, the lowest first."""
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)


def _size(delta: bytes, at: int) -> tuple[int, int]:
    """Return a size, and the place after it. Raises `IndexError` where it does not end."""
    size = 0
    for shift in range(0, _SIZE_BITS, 7):
        byte = delta[at]
        at += 1
        size |= (byte & 127) << shift
        if byte < 128:
            return size, at
    raise IndexError


_Fields: TypeAlias = tuple[tuple[int, int], ...]
"""For each byte of a number its place in the instruction, and how many bits it is shifted by."""


def _layout(op: int) -> tuple[_Fields, _Fields, int]:
    """Return where the bytes of an instruction to copy are: of the offset, of the size, and how many there are."""
    bits = [bit for bit in range(7) if op >> bit & 1]
    offsets = tuple((place, 8 * bit) for place, bit in enumerate(bits, 1) if bit < 4)
    sizes = tuple((place, 8 * (bit - 4)) for place, bit in enumerate(bits, 1) if bit >= 4)
    return offsets, sizes, len(bits) + 1


_COPIES = [_layout(op) for op in range(128)]
