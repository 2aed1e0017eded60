"""Where in a pattern to begin: at the literal that costs least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from tightlip.necessary import cut, rarity, texts
from tightlip.necessary.parsed import REPEATS, Node, Op, Value, branches, sre, width

LEAST = 3
"""The least length of a literal that is searched for without Hyperscan."""
_CHEAP = 3
"""What costs no more is not compared with what comes later."""
_TELLING = 6
"""A part with fewer bytes after its literal is found in ordinary text whenever the literal is."""
_REPORT = 30
"""What an occurrence costs that is reported, and then looked at by the rule itself."""
_DEAR = 15
"""What costs more is compared with one part for each branch of an alternative."""
_MAY_START = (sre.LITERAL, sre.IN, sre.BRANCH, sre.SUBPATTERN, *REPEATS)


class Part(NamedTuple):
    """A part of a pattern, from where it begins to the pattern's end or to a gap."""

    nodes: list[Node]
    before: int
    """The most bytes of a match that come before it."""


_Choice: TypeAlias = tuple[float, list[Part]]


class Wanted(NamedTuple):
    """What a literal has to be."""

    least: int
    """As long as this."""
    flags: int
    """Those of the whole pattern."""


class Head(NamedTuple):
    """Where the literal that a part starts with should end."""

    cost: float
    rate: float
    """How often it occurs in a million bytes of source text."""
    nodes: int
    """How many nodes it takes up."""
    last: str
    """How the last of them counts: "whole", or "begun" where the literal ends inside it, or as a "class" whose members
    make a literal each."""


def parts(items: list[Node], depth: int, wanted: Wanted) -> _Choice:
    """The parts, one of which every match contains, that start with the rarest literals, and what these cost.

    One part, or, where that has no good literal, one for each branch of an alternative. Of the literals that are good
    enough the earliest is taken, since more of the pattern follows it.
    """
    best: _Choice = rarity.NEVER, []
    for part in _candidates(items):
        cost, rate, *_ = head(part.nodes, wanted)
        if cost < best[0] and width(cut.short(part.nodes))[0] - min(map(len, texts.leading(part.nodes))) < _TELLING:
            cost += rate * (_REPORT - 1)
        if cost < best[0]:
            best = cost, [part]
        if cost <= _CHEAP:
            return best
    if depth and best[0] > _DEAR:
        for at, node in enumerate(items):
            if alternatives := branches(node):
                others = (parts(items[:at] + branch + items[at + 1 :], depth - 1, wanted) for branch in alternatives)
                best = min(best, _joined(others, best[0]), key=itemgetter(0))
    return best


def _candidates(items: list[Node]) -> Iterator[Part]:
    """Yield the parts that begin with a literal. Behind a gap, all of the pattern may come before one."""
    first, *behind = cut.apart(items)
    for start in _starts(first):
        yield Part(first[start:], width(first[:start])[1])
    most = width(items)[1]
    for whole in behind:
        yield from (Part(whole[start:], most) for start in _starts(whole))


def _joined(choices: Iterable[_Choice], limit: float) -> _Choice:
    """All of these as one, where they cost less than `limit` together; with more, no further one is looked for."""
    total = 0.0
    found: list[Part] = []
    for cost, chosen in choices:
        total += cost
        if total >= limit:
            return rarity.NEVER, []
        found += chosen
    return total, found


def _starts(part: list[Node]) -> Iterator[int]:
    """Where a literal may begin: not in the middle of one, and not where anything may stand."""
    inside = False
    for at, (op, value) in enumerate(part):
        if op in _MAY_START and not (inside and _is_literal(op, value)):
            yield at
        inside = _is_literal(op, value)


def _is_literal(op: Op, value: Value) -> bool:
    """Whether this is one given byte, with flags or without."""
    return op is sre.LITERAL or (op is sre.SUBPATTERN and len(value[3]) == 1 and value[3][0][0] is sre.LITERAL)


def head(part: list[Node], wanted: Wanted) -> Head:
    """Where the literal at a part's start should end to cost least."""
    best = Head(rarity.NEVER, rarity.NEVER, 0, "whole")
    run = {b""}
    for at, (op, value) in enumerate(part, 1):
        last, added = "whole", texts.of(op, value)
        if not added or len(run) * len(added) > texts.MOST:
            last, added = "begun", texts.leading_of(op, value)
            if wanted.least < LEAST and (members := texts.members(op, value)) and _is_even(part):
                last, added = "class", members
        if len(run) * len(added) > texts.MOST:
            break
        run = {before + after for before in run for after in added}
        literals = texts.folded(wanted.flags, run)
        if (cost := rarity.cost(literals, wanted.least)) <= best.cost:
            best = Head(cost, rarity.rate(literals), at, last)
        if last != "whole":
            break
    return best


def _is_even(part: list[Node]) -> bool:
    """Whether what is looked for has one length. Then Hyperscan makes literals of a literal and the class after it."""
    low, high = width(cut.short(part))
    return low == high
