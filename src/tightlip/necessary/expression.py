"""A part of a pattern as an expression that Hyperscan takes, and makes no literals of but the one it starts with."""

from __future__ import annotations

from collections.abc import Iterable

from tightlip.necessary import texts
from tightlip.necessary.choice import Head
from tightlip.necessary.parsed import ASSERTIONS, CATEGORY_BYTES, REPEATS, Items, Node, Op, Value, sequence, sre

_RARE = (sre.RANGE, (0x80, 0xBF))
"""What a class is made large with: bytes that ordinary text has few of."""


def anchored(part: list[Node], head: Head) -> list[Node]:
    """A part in which nothing but the literal at its start can be taken for one.

    Hyperscan prefers the longest and fewest, wherever these are, however common. Parameters: `head`, where that literal
    ends.
    """
    kept, rest = part[: head.nodes], part[head.nodes :]
    if head.last == "begun":
        kept[-1] = _opened(*kept[-1])
    if head.last == "class":
        rest = [(op, value) for op, value in rest if op is not sre.AT]
    return [*kept, *(_closed(op, value) for op, value in rest)]


def _opened(op: Op, value: Value) -> Node:
    """What begins with literals, with all that follows them closed."""
    if op is sre.SUBPATTERN:
        return op, (*value[:3], _opened_sequence(value[3]))
    if op is sre.BRANCH:
        return op, (None, [_opened_sequence(branch) for branch in value[1]])
    return _closed(op, value)


def _opened_sequence(items: Items) -> Items:
    """A sequence in which all that follows the literal at its start is closed."""
    literal = 0
    while literal < len(items) and texts.of(*items[literal]):
        literal += 1
    rest = [_opened(*node) if at == literal else _closed(*node) for at, node in enumerate(items) if at >= literal]
    return sequence([*items[:literal], *rest])


def _closed(op: Op, value: Value) -> Node:
    """The same, but of so many bytes at each place that no literals are made of it."""
    if op is sre.LITERAL:
        return sre.IN, [(op, value), _RARE]
    if op is sre.IN and value[0][0] is not sre.NEGATE:
        return op, [*value, _RARE]
    if op is sre.SUBPATTERN:
        return op, (*value[:3], _closed_sequence(value[3]))
    if op is sre.BRANCH:
        return op, (None, [_closed_sequence(branch) for branch in value[1]])
    if op in REPEATS:
        return op, (*value[:2], _closed_sequence(value[2]))
    return op, value


def _closed_sequence(items: Items) -> Items:
    return sequence([_closed(*node) for node in items])


def written(part: Iterable[Node], *, dotall: bool) -> bytes:
    """A part in the syntax that Hyperscan takes. Parameters: `dotall`, whether a dot may be the end of a line."""
    return _Writer(dotall=dotall).sequence(part)


class _Writer:
    """Writes a parsed pattern as an expression in the syntax that Hyperscan takes."""

    def __init__(self, *, dotall: bool) -> None:
        self.dotall = dotall

    def sequence(self, items: Iterable[Node]) -> bytes:
        return b"".join(self.node(op, value) for op, value in items)

    def node(self, op: Op, value: Value) -> bytes:  # noqa: PLR0911 - one return for each kind of node
        if op is sre.LITERAL:
            return b"\\x%02x" % value
        if op is sre.NOT_LITERAL:
            return b"[^\\x%02x]" % value
        if op is sre.ANY:
            return b"[\\x00-\\xff]" if self.dotall else b"[^\\n]"
        if op is sre.IN:
            return self.characters(value)
        if op is sre.AT:
            return b"\\b" if value is sre.AT_BOUNDARY else b""
        if op in ASSERTIONS:
            return b""
        if op is sre.BRANCH:
            return b"(?:" + b"|".join(map(self.sequence, value[1])) + b")"
        if op in REPEATS:
            return b"(?:%s){%d,%d}" % (self.sequence(value[2]), value[0], value[1])
        return self.group(value)

    def group(self, value: Value) -> bytes:
        _, add, remove, items = value
        flags = (b"i" if add & sre.SRE_FLAG_IGNORECASE else b"") + (b"-i" if remove & sre.SRE_FLAG_IGNORECASE else b"")
        inner = _Writer(dotall=bool((self.dotall or add & sre.SRE_FLAG_DOTALL) and not remove & sre.SRE_FLAG_DOTALL))
        return b"(?%s:%s)" % (flags, inner.sequence(items))

    def characters(self, items: Iterable[Node]) -> bytes:
        out = b"["
        for op, value in items:
            if op is sre.NEGATE:
                out += b"^"
            elif op is sre.LITERAL:
                out += b"\\x%02x" % value
            elif op is sre.RANGE:
                out += b"\\x%02x-\\x%02x" % value
            else:
                out += b"".join(b"\\x%02x" % byte for byte in sorted(CATEGORY_BYTES[value]))
        return out + b"]"
