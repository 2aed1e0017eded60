r"""Parts of a pattern that can never match: anchors that contradict what is around them, and classes of no byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tightlip import byteclass
from tightlip.necessary.parsed import ASSERTIONS, REPEATS, Node, parse, sre

_ANCHORS = {
    sre.AT_BEGINNING: "^",
    sre.AT_BEGINNING_STRING: "\\A",
    sre.AT_END: "$",
    sre.AT_END_STRING: "\\Z",
    sre.AT_BOUNDARY: "\\b",
    sre.AT_NON_BOUNDARY: "\\B",
}


def parts(pattern: str) -> Iterator[tuple[bool, str]]:
    """Yield whether a part that cannot match is the whole pattern, and what is wrong with it."""
    tree = parse(pattern)
    found: list[str] = []
    whole = _sequence(tree, tree.state.flags, byteclass.ANYTHING, byteclass.ANYTHING, found)
    yield from ((False, what) for what in found)
    if whole:
        yield True, whole


def _sequence(items: Sequence[Node], flags: int, before: int, after: int, found: list[str]) -> str:
    """Return why a sequence cannot match, or nothing. Adds what is wrong with single branches in it to `found`."""
    for at, (op, value) in enumerate(items):
        some, empty = byteclass.first(items[at + 1 :], flags)
        following = some | after if empty else some
        if why := _node((op, value), flags, before, following, found):
            return why
        some, empty = byteclass.last([(op, value)], flags)
        before = before | some if empty else some
    return ""


def _node(node: Node, flags: int, before: int, after: int, found: list[str]) -> str:
    op, value = node
    if op is sre.AT or op in ASSERTIONS:
        return _contradiction(node, flags, before, after)
    named = byteclass.one(op, value, flags)
    if named is not None:
        return "" if named else "a class that no byte is in"
    if op in REPEATS:
        some, _ = byteclass.last(value[2], flags)
        more, _ = byteclass.first(value[2], flags)
        again = value[1] > 1
        why = _sequence(value[2], flags, before | some * again, after | more * again, found)
        return why if value[0] else _told(why, "an optional part", found)
    inner = [_sequence(part, under, before, after, found) for part, under in byteclass.parts(op, value, flags)]
    if inner and all(inner):
        return inner[0]
    for number, why in enumerate(inner, 1):
        _told(why, f"branch {number} of {len(inner)}", found)
    return ""


def _told(why: str, where: str, found: list[str]) -> str:
    if why:
        found.append(f"{where}: {why}")
    return ""


def _contradiction(node: Node, flags: int, before: int, after: int) -> str:
    op, value = node
    if op in ASSERTIONS:
        possible = before & byteclass.preceding(op, value, flags) and after & byteclass.allowed(
            op, value, flags, before=before
        )
        return "" if possible else f"a look{'ahead' if value[0] > 0 else 'behind'} that what is beside it contradicts"
    if before & byteclass.preceding(op, value, flags) and after & byteclass.allowed(op, value, flags, before=before):
        return ""
    return f"a {_ANCHORS.get(value, 'anchor')} where what is beside it contradicts it"
