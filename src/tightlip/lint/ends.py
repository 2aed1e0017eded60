"""Where a token ends: whether more of the same may follow what a pattern takes for the whole of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from tightlip import byteclass
from tightlip.necessary.parsed import ASSERTIONS, REPEATS, Node, parse, sre

_LARGE = 10
"""A class of fewer bytes is padding, or the last character of a checksum, and not what a token consists of."""
_LONG = 100
"""Where so many may come, what comes after them is no longer that token."""
_Flagged: TypeAlias = tuple[Node, int]


class OpenEnd(NamedTuple):
    """A way for a token to go on after its end."""

    bytes: int
    """Of its last class, those that may follow it."""
    asked: bool
    """Whether anything is asked of what follows."""


def open_end(pattern: str) -> OpenEnd | None:
    """Return how a secret may go on after its end. A block of several lines says by its lines where that is.

    The pattern has been loaded.
    """
    tree = parse(pattern)
    flags = tree.state.flags
    for group, rest in _groups([(node, flags) for node in tree], tree.state.groupdict["secret"]):
        if any(byteclass.alphabet([node], under) & byteclass.NEWLINE for node, under in group):
            continue
        for last, following in _tails(group, rest):
            if last.bit_count() >= _LARGE and (more := last & _free(following, last)):
                return OpenEnd(more, any(_is_zero_width(node) for node, _ in following))
    return None


def _groups(items: list[_Flagged], wanted: int) -> Iterator[tuple[list[_Flagged], list[_Flagged]]]:
    """Yield what is in the group of the secret, and what follows it, to the end of the pattern."""
    for at, ((op, value), flags) in enumerate(items):
        for part, under in byteclass.parts(op, value, flags):
            inner = [(node, under) for node in part]
            if op is sre.SUBPATTERN and value[0] == wanted:
                yield inner, items[at + 1 :]
            else:
                yield from ((group, rest + items[at + 1 :]) for group, rest in _groups(inner, wanted))


def _tails(items: Sequence[_Flagged], rest: list[_Flagged]) -> Iterator[tuple[int, list[_Flagged]]]:
    """Yield the classes that a sequence can end with, and what follows each. Those that may be long are left out."""
    for at in range(len(items) - 1, -1, -1):
        node, flags = items[at]
        op, value = node
        if _is_zero_width(node):
            rest = [items[at], *rest]
            continue
        named = byteclass.one(op, value, flags)
        if named is not None:
            yield named, rest
            return
        if op not in REPEATS or value[1] < _LONG:
            for part, under in byteclass.parts(op, value, flags):
                yield from _tails([(inner, under) for inner in part], rest)
        if not byteclass.last([node], flags)[1]:
            return
        rest = [items[at], *rest]


def _free(rest: Sequence[_Flagged], last: int) -> int:
    """Return the bytes that may follow where nothing more of the pattern has to."""
    free = byteclass.ANYTHING
    for node, flags in rest:
        if _is_zero_width(node):
            free &= byteclass.allowed(*node, flags, before=last)
            continue
        some, is_optional = byteclass.first([node], flags)
        if not is_optional:
            return 0
        if node[0] is sre.MAX_REPEAT:  # it takes as much as it can
            free &= ~some
    return free


def _is_zero_width(node: Node) -> bool:
    return node[0] is sre.AT or node[0] in ASSERTIONS
