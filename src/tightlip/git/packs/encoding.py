"""Deltas for two texts of which most is the same: what `between` in `_deltas.c` does, and the instructions of deltas.

Source of the format: gitformat-pack. A delta is two sizes and instructions: copy a span of the base, or insert bytes.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from tightlip.git.packs.index import Numbers

_MOST_INSERTED = 127
_MOST_COPIED = 1 << 16  # more has no place in packs of version 2
_Run: TypeAlias = tuple[int, int]
_APART = 8
"""Bytes that are the same and fewer than these are inserted again: an instruction to copy them is no shorter."""
_OFFSET_BITS = 32


def between(base: bytes, own: bytes, most: int) -> bytes | None:
    """Return a delta that makes `own` of its base; None where it would have more than `most` bytes.

    Of texts of one length it copies what stands at the same place in both, of others what they begin and end with. In
    native code it finds what they have in common anywhere.
    """
    parts, at = [_number(len(base)) + _number(len(own))], 0
    for start, end in _changes(base, own):
        parts += [_copied(at, start - at), _inserted(own[start:end])]
        at = end
    parts.append(_copied(at + len(base) - len(own), len(own) - at))
    delta = b"".join(parts)
    return delta if len(delta) <= most else None


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
    parts = []
    while size > 0:
        now = min(size, _MOST_COPIED)
        written = source.to_bytes(4, "little") + (now & 0xFFFF).to_bytes(2, "little")  # 64 KiB is no size at all
        present = sum(1 << bit for bit, byte in enumerate(written) if byte)
        parts.append(bytes((128 | present, *filter(None, written))))
        source, size = source + now, size - now
    return b"".join(parts)


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
