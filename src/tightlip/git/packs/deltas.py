"""What deltas make of their bases, what they bring in, and where they put what they copy.

A delta is two sizes and instructions: copy a span of the base, or insert these bytes. What it copies has been looked at
in the base; what is new are the inserted spans and the seams between two copies. Source: gitformat-pack.

`_deltas.c` does the same in native code, where it could be compiled. Nothing here trusts a delta.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dulwich.errors import ApplyDeltaError

try:
    from dulwich._pack import apply_delta  # its native code by itself: the module around it takes long to import
except ImportError:
    from dulwich.pack import apply_delta

_WORTH = 250
"""How many times its own size a delta's result must have for that to be worth the time that it takes in Python."""
_SIZE_BITS = 56


class _Damaged(Exception):
    """A delta is not one."""


class _Step(NamedTuple):
    """An instruction."""

    at: int
    """Where in the result its bytes begin."""
    size: int
    source: int
    """Where in the base they come from; -1 for inserted bytes."""


def applied(base: bytes, delta: bytes, limit: int) -> bytes | None:
    """Return what a delta makes of its base; None where it is damaged, of another base, or makes more than `limit`."""
    try:
        if _size(delta, _size(delta, 0)[1])[0] > limit:
            return None
        parts = apply_delta(base, delta)
    except (ApplyDeltaError, _Damaged):
        return None
    return parts[0] if len(parts) == 1 else b"".join(parts)


def brought(delta: bytes, margin: int, most: int) -> list[slice] | None:
    """Return the spans of a delta's result that its base does not have as they stand, with `margin` bytes around them.

    None where they are more than `most` bytes together, where the delta is damaged, or where it takes too long to tell.
    """
    try:
        target = _size(delta, _size(delta, 0)[1])[0]
        changes = list(_changes(delta)) if len(delta) * _WORTH < target else None
    except _Damaged:
        return None
    if changes is None:
        return None
    spans: list[slice] = []
    for first, last in changes:
        start, end = max(first - margin, 0), min(last + margin, target)
        if spans and start <= spans[-1].stop:
            start, end = spans[-1].start, max(end, spans.pop().stop)
        spans.append(slice(start, end))
    return spans if sum(span.stop - span.start for span in spans) <= most else None


def moved(delta: bytes, ends: Sequence[int]) -> list[tuple[int, int]]:
    """Return where a delta puts bytes that it copies.

    For each place that the byte before it is copied to: which of `ends` it is, and the place in the result.
    """
    return [
        (which, at + end - source)
        for at, size, source in _steps(delta)
        for which, end in enumerate(ends)
        if 0 <= source < end <= source + size
    ]


def _changes(delta: bytes) -> Iterator[tuple[int, int]]:
    """Yield the spans of the result that are inserted, and, as empty ones, the seams between copies."""
    expected, inserted, end = 0, False, 0
    for at, size, source in _steps(delta):
        end = at + size
        if source < 0:
            yield at, end
        elif source != expected and not inserted:
            yield at, at
        inserted = source < 0
        expected = expected if inserted else source + size
    if not inserted and expected != _size(delta, 0)[0]:
        yield end, end


def _steps(delta: bytes) -> Iterator[_Step]:
    """Yield the instructions of a delta. Raises `_Damaged`."""
    base, at = _size(delta, 0)
    target, at = _size(delta, at)
    done = 0
    try:
        while at < len(delta):
            op = delta[at]
            at += 1
            if op >= 128:
                source, at = _sparse(delta, at, op & 15)
                size, at = _sparse(delta, at, op >> 4 & 7)
                size = size or 1 << 16
            else:
                source, size = -1, op
                at += op
            if not size or (source >= 0 and source + size > base) or done + size > target or at > len(delta):
                raise _Damaged
            yield _Step(done, size, source)
            done += size
    except IndexError:
        raise _Damaged from None
    if done != target:
        raise _Damaged


def _size(delta: bytes, at: int) -> tuple[int, int]:
    """Return a size, seven bits a byte, the lowest first, and the place after it. Raises `_Damaged`."""
    size = 0
    for shift in range(0, _SIZE_BITS, 7):
        if at == len(delta):
            break
        byte = delta[at]
        at += 1
        size |= (byte & 127) << shift
        if byte < 128:
            return size, at
    raise _Damaged


def _sparse(delta: bytes, at: int, present: int) -> tuple[int, int]:
    """Return a number of which the bits of `present` say which bytes are there, and the place after it."""
    number = shift = 0
    while present:
        if present & 1:
            number |= delta[at] << shift
            at += 1
        present >>= 1
        shift += 8
    return number, at
