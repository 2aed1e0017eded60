"""How much of a pattern is looked for, from where it begins."""

from __future__ import annotations

from collections.abc import Iterable

from tightlip.necessary.parsed import REPEATS, Node, node_width, sequence, sre, width

_GAP = 128
"""A repeat that varies by more than this splits a pattern: Hyperscan pays for every byte of it."""
_REACH = 128
"""A hit spans no more than this: a change of a text is looked at with as much around it."""
_SURE = 16
"""Where a part has as many bytes for certain, nothing is asked of what follows the next repeat that varies. That would
rule out little, and Hyperscan would make literals of it, such as the dots in a token, that ordinary text is full of.
"""
_SURE_WIDE, _WIDE = 12, 40
"""The same for a part that varies by so many bytes already. Hyperscan compiles nothing as slowly as one such repeat
after another.
"""
_ENOUGH = 24
"""Of what is longer, no more bytes than these are asked for: the others would rule out hardly anything, and cost a
quarter of the time that Hyperscan compiles for.
"""


def apart(items: list[Node]) -> list[list[Node]]:
    """Cut where a part varies in length by more than the gap."""
    parts: list[list[Node]] = [[]]
    for node in items:
        low, high = node_width(*node)
        if high - low > _GAP:
            before, after = _keep_least(node)
            parts[-1] += before
            parts.append(after)
        else:
            parts[-1].append(node)
    return parts


def _keep_least(node: Node) -> tuple[list[Node], list[Node]]:
    """A wide repeat as its least count, for both of its sides; of a wide alternative, how each branch begins."""
    op, value = node
    if op in (sre.BRANCH, sre.SUBPATTERN):
        return _begin(node, _REACH), []
    if op in REPEATS and value[0] and width(value[2])[0] == width(value[2])[1]:
        least = [(op, (value[0], value[0], value[2]))]
        return least, list(least)
    return [], []


def short(part: list[Node]) -> list[Node]:
    """As much of a part, from its start, as is worth looking for."""
    return _trim(_until_sure(_shorten(part, _REACH)))


def _shorten(items: Iterable[Node], room: int) -> list[Node]:
    """As much of a sequence, from its start, as can never be wider than `room`."""
    kept: list[Node] = []
    for node in items:
        wide = node_width(*node)[1]
        if wide > room:
            return kept + _begin(node, room)
        kept.append(node)
        room -= wide
    return kept


def _until_sure(items: Iterable[Node]) -> list[Node]:
    """A sequence as far as the part of varying length with which it has enough bytes for certain, and no further."""
    kept: list[Node] = []
    sure = varied = 0
    for node in items:
        low, high = node_width(*node)
        if sure + low > _ENOUGH:
            return kept + _begin(node, _ENOUGH - sure)
        kept.append(node)
        sure, varied = sure + low, varied + high - low
        if low < high and sure >= (_SURE_WIDE if varied >= _WIDE else _SURE):
            break
    return kept


def _begin(node: Node, room: int) -> list[Node]:
    """What every match of a part that is wider than `room` begins with."""
    op, value = node
    if op is sre.SUBPATTERN:
        return [(op, (None, *value[1:3], sequence(_shorten(value[3], room))))]
    if op is sre.BRANCH:
        return [(op, (None, [sequence(_shorten(branch, room)) for branch in value[1]]))]
    if op in REPEATS:
        count = min(value[0], room // width(value[2])[1])
        return [(op, (count, count, value[2]))] if count else []
    return []


def _trim(items: list[Node]) -> list[Node]:
    """Cut optional parts from the end, and reduce a repeat there to its least count."""
    items = list(items)
    whole = True
    while items:
        op, value = items[-1]
        if op is sre.AT:
            if whole:
                return items
            items.pop()
        elif op in REPEATS and value[0] == 0:
            whole = False
            items.pop()
        elif op in REPEATS and value[1] > value[0]:
            items[-1] = (op, (value[0], value[0], value[2]))
            whole = False
            return items
        else:
            return items
    return items
