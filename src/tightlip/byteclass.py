"""Which bytes a part of a pattern can begin and end with, and which may stand on either side of a place in it.

A set of bytes is an integer with a bit for each; one more bit stands for the edge of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tightlip.necessary.parsed import ASSERTIONS, CATEGORY_BYTES, REPEATS, Node, Op, Value, sre

BYTES = (1 << 256) - 1
EDGE = 1 << 256
ANYTHING = BYTES | EDGE
NEWLINE = 1 << 10
WORD = sum(1 << byte for byte in CATEGORY_BYTES[sre.CATEGORY_WORD])
_AHEAD = 1


def one(op: Op, value: Value, flags: int) -> int | None:
    """Return the bytes that a node of exactly one byte stands for; None for every other node."""
    if op is sre.LITERAL:
        return _cased(1 << value, flags)
    if op is sre.NOT_LITERAL:
        return BYTES & ~_cased(1 << value, flags)
    if op is sre.ANY:
        return BYTES if flags & sre.SRE_FLAG_DOTALL else BYTES & ~NEWLINE
    if op is sre.IN:
        negated = value[0][0] is sre.NEGATE
        named = _cased(_union(_item(*item) for item in value if item[0] is not sre.NEGATE), flags)
        return BYTES & ~named if negated else named
    return None


def _item(op: Op, value: Value) -> int:
    if op is sre.LITERAL:
        return int(1 << value)
    if op is sre.RANGE:
        return int((1 << value[1] + 1) - (1 << value[0]))
    return _union(1 << byte for byte in CATEGORY_BYTES[value])


def _union(sets: Iterable[int]) -> int:
    found = 0
    for one_set in sets:
        found |= one_set
    return found


def _cased(named: int, flags: int) -> int:
    if not flags & sre.SRE_FLAG_IGNORECASE:
        return named
    upper, lower = (((1 << 26) - 1) << first for first in b"Aa")
    return named | (named & upper) << 32 | (named & lower) >> 32


def first(items: Iterable[Node], flags: int) -> tuple[int, bool]:
    """Return the bytes that a sequence can begin with, and whether it can match nothing."""
    return _edge(items, flags, last=False)


def last(items: Iterable[Node], flags: int) -> tuple[int, bool]:
    """Return the bytes that a sequence can end with, and whether it can match nothing."""
    return _edge(items, flags, last=True)


def _edge(items: Iterable[Node], flags: int, *, last: bool) -> tuple[int, bool]:
    found = 0
    for op, value in reversed(list(items)) if last else items:
        some, empty = _edge_of(op, value, flags, last=last)
        found |= some
        if not empty:
            return found, False
    return found, True


def _edge_of(op: Op, value: Value, flags: int, *, last: bool) -> tuple[int, bool]:
    if (named := one(op, value, flags)) is not None:
        return named, False
    if op in REPEATS:
        some, empty = _edge(value[2], flags, last=last)
        return (some if value[1] else 0), empty or not value[0]
    inner = [_edge(part, under, last=last) for part, under in parts(op, value, flags)]
    return _union(some for some, _ in inner), all_empty(op, [empty for _, empty in inner])


def all_empty(op: Op, empty: Sequence[bool]) -> bool:
    """Whether a node can match nothing, from whether each of its parts can."""
    return op is sre.AT or op in ASSERTIONS or any(empty)


def parts(op: Op, value: Value, flags: int) -> list[tuple[Sequence[Node], int]]:
    """Return the sequences inside a group, an alternative or a repeat, with the flags that hold in them."""
    if op is sre.SUBPATTERN:
        return [(value[3], (flags | value[1]) & ~value[2])]
    if op is sre.BRANCH:
        return [(branch, flags) for branch in value[1]]
    return [(value[2], flags)] if op in REPEATS else []


def group(items: Sequence[Node], wanted: int, flags: int) -> Iterator[tuple[Sequence[Node], int]]:
    """Yield what is in the group of this number, and the flags that hold there."""
    for op, value in items:
        for part, under in parts(op, value, flags):
            if op is sre.SUBPATTERN and value[0] == wanted:
                yield part, under
            yield from group(part, wanted, under)


def allowed(op: Op, value: Value, flags: int, *, before: int) -> int:
    """Return what may follow an anchor or a lookahead, as far as one byte tells. `before` is what precedes it."""
    if op is sre.AT:
        inside, outside = (WORD if before & WORD else 0), (ANYTHING & ~WORD if before & ~WORD else 0)
        same, other = inside | outside, (WORD if outside else 0) | (ANYTHING & ~WORD if inside else 0)
        known = {sre.AT_BOUNDARY: other, sre.AT_NON_BOUNDARY: same, sre.AT_END: EDGE | NEWLINE, sre.AT_END_STRING: EDGE}
        return known.get(value, ANYTHING)
    if op is sre.ASSERT and value[0] == _AHEAD:
        return _asked(value[1], flags)
    if op is sre.ASSERT_NOT and value[0] == _AHEAD:
        return ANYTHING & ~_ruled_out(value[1], flags)
    return ANYTHING


def _asked(items: Sequence[Node], flags: int) -> int:
    """The bytes that a lookahead asks for, and the edge of the text where it names that."""
    op, value = items[0] if len(items) else (None, None)
    if op is sre.AT and value in (sre.AT_END, sre.AT_END_STRING):
        return allowed(op, value, flags, before=ANYTHING)
    if op in (sre.BRANCH, sre.SUBPATTERN) and len(items) == 1:
        return _union(_asked(part, under) for part, under in parts(op, value, flags))
    some, empty = first(items, flags)
    return ANYTHING if empty else some


def _ruled_out(items: Sequence[Node], flags: int) -> int:
    """The bytes that a negative lookaround rules out by themselves."""
    if not len(items):
        return ANYTHING
    if len(items) > 1:
        return 0
    op, value = items[0]
    if (named := one(op, value, flags)) is not None:
        return named
    if op in REPEATS:
        return _ruled_out(value[2], flags) if value[0] <= 1 else 0
    return _union(_ruled_out(part, under) for part, under in parts(op, value, flags))


def alphabet(items: Iterable[Node], flags: int) -> int:
    """Return every byte that a match of a sequence can hold."""
    return _union(
        named
        if (named := one(op, value, flags)) is not None
        else _union(alphabet(part, under) for part, under in parts(op, value, flags))
        for op, value in items
    )


def preceding(op: Op, value: Value, flags: int) -> int:
    """Return what may stand before an anchor or a lookbehind, as far as one byte tells."""
    if op is sre.AT and value in (sre.AT_BEGINNING, sre.AT_BEGINNING_STRING):
        lines = value is sre.AT_BEGINNING and flags & sre.SRE_FLAG_MULTILINE
        return EDGE | (NEWLINE if lines else 0)
    if op is sre.ASSERT and value[0] != _AHEAD:
        some, empty = last(value[1], flags)
        return ANYTHING if empty else some
    if op is sre.ASSERT_NOT and value[0] != _AHEAD:
        return ANYTHING & ~_ruled_out(value[1], flags)
    return ANYTHING


def shown(named: int) -> str:
    """Return a set of bytes as a class is written: a large one by what is not in it."""
    spans = ["".join(_spans([byte for byte in range(256) if some >> byte & 1])) for some in (named, BYTES & ~named)]
    return min(f"[{spans[0]}]", f"[^{spans[1]}]", key=len).replace("\\x09-\\x0d\\x20", "\\s")


def _spans(found: list[int]) -> Iterator[str]:
    at = 0
    while at < len(found):
        end = at
        while end + 1 < len(found) and found[end + 1] == found[end] + 1:
            end += 1
        low, high = _printed(found[at]), _printed(found[end])
        yield low if at == end else low + high if end == at + 1 else f"{low}-{high}"
        at = end + 1


def _printed(byte: int) -> str:
    return chr(byte) if 32 < byte < 127 else f"\\x{byte:02x}"
