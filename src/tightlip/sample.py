"""Texts that a pattern matches, made up at random: to prove a prefilter before it is trusted."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import cache
from typing import Any

from tightlip.necessary import CATEGORY_BYTES, parse, sre

_MOST_MORE = 6
"""How many times more than its least count a repeat is drawn."""


def samples(pattern: str, dice: random.Random, count: int) -> list[bytes]:
    """Return texts that contain a match of `pattern`, as far as its lookarounds and anchors allow."""
    tree = parse(pattern)
    caseless = bool(tree.state.flags & sre.SRE_FLAG_IGNORECASE)
    return [_sequence(tree, dice, caseless=caseless) for _ in range(count)]


def _sequence(items: Iterable[tuple[Any, Any]], dice: random.Random, *, caseless: bool) -> bytes:
    return b"".join(_node(op, value, dice, caseless=caseless) for op, value in items)


def _node(op: Any, value: Any, dice: random.Random, *, caseless: bool) -> bytes:
    if op is sre.LITERAL:
        return _in_some_case(value, dice, caseless=caseless)
    if op is sre.NOT_LITERAL:
        return bytes((dice.choice([byte for byte in range(32, 127) if byte != value]),))
    if op is sre.ANY:
        return bytes((dice.randrange(32, 127),))
    if op is sre.IN:
        return bytes((dice.choice(_allowed(tuple(value))),))
    if op is sre.BRANCH:
        return _sequence(dice.choice(value[1]), dice, caseless=caseless)
    if op is sre.SUBPATTERN:
        return _sequence(value[3], dice, caseless=(caseless or value[1] & sre.SRE_FLAG_IGNORECASE) and not value[2])
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        count = dice.randint(value[0], min(value[1], value[0] + _MOST_MORE))
        if len(value[2]) == 1 and value[2][0][0] is sre.IN:
            return bytes(dice.choices(_allowed(tuple(value[2][0][1])), k=count))
        return b"".join(_sequence(value[2], dice, caseless=caseless) for _ in range(count))
    return b""


def _in_some_case(byte: int, dice: random.Random, *, caseless: bool) -> bytes:
    character = bytes((byte,))
    return dice.choice((character.lower(), character.upper())) if caseless else character


@cache
def _allowed(items: tuple[tuple[Any, Any], ...]) -> list[int]:
    """The bytes of a set; printable ones where it has some."""
    named: set[int] = set()
    for op, value in items:
        if op is sre.LITERAL:
            named.add(value)
        elif op is sre.RANGE:
            named.update(range(value[0], value[1] + 1))
        elif op is sre.CATEGORY:
            named.update(CATEGORY_BYTES[value])
    allowed = set(range(256)) - named if items[0][0] is sre.NEGATE else named
    return sorted(allowed & set(range(32, 127))) or sorted(allowed)
