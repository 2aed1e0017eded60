"""A pattern as Python's parser sees it, and what the engine refuses of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

from tightlip.model import LOOKAROUND

if sys.version_info >= (3, 11):
    from re import _constants as sre
    from re import _parser as sre_parse
else:
    import sre_constants as sre
    import sre_parse

__all__ = [
    "ASSERTIONS",
    "CATEGORY_BYTES",
    "REPEATS",
    "Items",
    "Node",
    "Op",
    "Value",
    "branches",
    "flatten",
    "newlines",
    "node_width",
    "parse",
    "sequence",
    "sre",
    "width",
]

Op: TypeAlias = Any
"""What a node is: one of the parser's constants. Its tree is untyped."""
Value: TypeAlias = Any
"""What belongs to it: the byte of a literal, or bounds and content of a repeat."""
Node: TypeAlias = tuple[Op, Value]
Items: TypeAlias = Any
"""A sequence of nodes in the parser's own form, which knows its width."""


REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT)
ASSERTIONS = (sre.ASSERT, sre.ASSERT_NOT)
_ONE_BYTE = (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN)
_NEWLINE = 0x0A
CATEGORY_BYTES = {
    category: frozenset(byte for byte in range(256) if re.match(escape, bytes((byte,))))
    for category, escape in (
        (sre.CATEGORY_DIGIT, rb"\d"),
        (sre.CATEGORY_NOT_DIGIT, rb"\D"),
        (sre.CATEGORY_WORD, rb"\w"),
        (sre.CATEGORY_NOT_WORD, rb"\W"),
        (sre.CATEGORY_SPACE, rb"\s"),
        (sre.CATEGORY_NOT_SPACE, rb"\S"),
    )
}
"""The bytes that each class such as `\\d` stands for."""


@cache
def parse(pattern: str) -> Items:
    """Return the pattern, parsed. Raises `ValueError` for what the engine does not take."""
    try:
        tree: Items = sre_parse.parse(pattern.encode("ascii"))  # type: ignore[arg-type]
    except UnicodeEncodeError:
        raise ValueError("must be ASCII: patterns are matched against bytes (write \\xNN)") from None
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from None
    _refuse(tree)
    return tree


def _refuse(items: Iterable[Node]) -> None:
    """Raise `ValueError` for what the three engines do not share, and for what has no bound."""
    for op, value in items:
        if op in REPEATS and value[1] is sre.MAXREPEAT:
            raise ValueError("has a repeat without an upper bound: write {1,200} in place of + or *")
        if op in (sre.GROUPREF, sre.GROUPREF_EXISTS) or str(op) in ("ATOMIC_GROUP", "POSSESSIVE_REPEAT"):
            raise ValueError("uses a backreference, an atomic group or a possessive repeat: these are not supported")
        for inner in _inside(op, value):
            _refuse(inner)
        if op in ASSERTIONS and value[1].getwidth()[1] > LOOKAROUND:
            raise ValueError(f"has a lookaround of more than {LOOKAROUND} bytes")


def _inside(op: Op, value: Value) -> Sequence[Items]:
    if op is sre.SUBPATTERN:
        return (value[3],)
    if op in REPEATS:
        return (value[2],)
    if op in ASSERTIONS:
        return (value[1],)
    return tuple(value[1]) if op is sre.BRANCH else ()


def flatten(items: Iterable[Node]) -> list[Node]:
    """Open the groups at the top level, so that cutting can happen inside them; drop lookarounds and anchors."""
    flat: list[Node] = []
    for op, value in items:
        if op is sre.SUBPATTERN:
            flat += [_flagged(value[1:3], node) for node in flatten(value[3])]
        elif op not in ASSERTIONS and not (op is sre.AT and value is not sre.AT_BOUNDARY):
            flat.append((op, value))
    return flat


def _flagged(flags: tuple[int, int], node: Node) -> Node:
    return (sre.SUBPATTERN, (None, *flags, sequence([node]))) if any(flags) else node


def branches(node: Node) -> list[list[Node]]:
    """The branches of an alternative; none of anything else."""
    op, value = node
    if op is sre.BRANCH:
        return [flatten(branch) for branch in value[1]]
    if op is sre.SUBPATTERN:
        flags = value[1:3]
        return [[_flagged(flags, item) for item in branch] for branch in branches(value[3][0])]
    return []


def width(items: Items) -> tuple[int, int]:
    """The least and the most bytes that a sequence matches."""
    low = high = 0
    for op, value in items:
        least, most = node_width(op, value)
        low += least
        high += most
    return low, high


def node_width(op: Op, value: Value) -> tuple[int, int]:
    """The same of a single node. The parser's own sequences know it; to make one takes longer."""
    if op in _ONE_BYTE:
        return 1, 1
    if op is sre.SUBPATTERN:
        low, high = value[3].getwidth()
    elif op is sre.BRANCH:
        widths = [branch.getwidth() for branch in value[1]]
        low, high = min(low for low, _ in widths), max(high for _, high in widths)
    elif op in REPEATS:
        low, high = value[2].getwidth()
        low, high = low * value[0], high * value[1]
    else:
        low = high = 0
    return low, high


def newlines(items: Items, flags: int) -> int:
    """The most newlines that a sequence matches. Parameters: `flags`, the parser's, of the pattern."""
    return sum(_node_newlines(op, value, flags) for op, value in items)


def _node_newlines(op: Op, value: Value, flags: int) -> int:
    if op is sre.SUBPATTERN:
        _, added, removed, inner = value
        return newlines(inner, (flags | added) & ~removed)
    if op is sre.BRANCH:
        return max(newlines(branch, flags) for branch in value[1])
    if op in REPEATS:
        return int(value[1]) * newlines(value[2], flags)
    return int(_may_be_newline(op, value, flags))


def _may_be_newline(op: Op, value: Value, flags: int) -> bool:
    if op is sre.ANY:
        return bool(flags & sre.SRE_FLAG_DOTALL)
    if op is sre.IN:
        return any(_has_newline(*item) for item in value) != ((sre.NEGATE, None) in value)
    return (op is sre.LITERAL and value == _NEWLINE) or (op is sre.NOT_LITERAL and value != _NEWLINE)


def _has_newline(op: Op, value: Value) -> bool:
    if op is sre.RANGE:
        return bool(value[0] <= _NEWLINE <= value[1])
    return (op is sre.LITERAL and value == _NEWLINE) or (op is sre.CATEGORY and _NEWLINE in CATEGORY_BYTES[value])


def sequence(items: Iterable[Node]) -> Items:
    """Nodes in the parser's own form."""
    return sre_parse.SubPattern(sre_parse.State(), list(items))
