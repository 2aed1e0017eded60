r"""What every match of a pattern must contain: a cheaper pattern for the prefilter, and literals.

The prefilter asks of each blob "could this rule match here?". It need not see the wide context at either end of a
pattern, nor lookarounds, nor how far a repeat goes on: it must only never miss. So a pattern is cut down to the part
that every match contains and that starts with a literal, as an expression that Hyperscan takes:

    \b[\w.-]{0,50}(?:key|token)\s{0,5}=\s{0,5}(?P<secret>[0-9a-f]{32,64})\b
    becomes (?:key|token)\s{0,5}=\s{0,5}[0-9a-f]{32}

It starts with the literal because that is quick, and because Vectorscan 5.4.12 loses matches of expressions that do
not (https://github.com/VectorCamp/vectorscan/pull/368). Of the literals the one is taken that ordinary text has least
of: a scan is slowed down by literals that do occur, and hardly by others. Hyperscan would choose by length alone, so
what follows the literal is written in classes that it makes no literals of.

Where to begin is choice.py's to say, with rarity.py's table of what source text has; cut.py, how far to go on from
there; and expression.py writes what is left. All of them stand on parsed.py and texts.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from tightlip.necessary import choice, cut, expression, texts
from tightlip.necessary.parsed import CATEGORY_BYTES, flatten, newlines, parse, sre, width

__all__ = ["CATEGORY_BYTES", "MAX_WIDTH", "NOTHING", "Necessary", "check", "of", "parse", "sre"]

MAX_WIDTH = 65_536
"""The most bytes a rule may match."""


class Necessary(NamedTuple):
    """What a prefilter may look for in place of a rule's pattern."""

    expressions: tuple[bytes, ...]
    """For Hyperscan; every match of the pattern contains a match of one of them."""
    caseless: bool
    literals: tuple[bytes, ...]
    """In lower case; every match contains one of them in some case. Empty where there is none."""
    width: int
    """The most bytes that a match of the whole pattern has."""
    reach: int
    """The most bytes that a match of one of `expressions` has."""
    before: int
    """The most bytes of a match of the whole pattern that come before the end of a match of one of `expressions`."""
    newlines: int
    """The most newlines that a match of the whole pattern has."""

    @property
    def expression(self) -> bytes:
        """All expressions as one."""
        return b"|".join(self.expressions)


_NONE = choice.Part([], 0)
NOTHING = Necessary((), caseless=False, literals=(), width=0, reach=0, before=0, newlines=0)
"""What a rule without a pattern gives the prefilter to look for."""


def check(pattern: str, *, secret: bool) -> None:
    """Raise `ValueError`, saying what is wrong, unless the engine can use `pattern`."""
    tree = parse(pattern)
    if not secret:
        return
    if list(tree.state.groupdict) != ["secret"]:
        raise ValueError("must have exactly one named group, (?P<secret>...)")
    if tree.getwidth()[1] > MAX_WIDTH:
        raise ValueError(f"can match more than {MAX_WIDTH} bytes: give every repeat an upper bound, such as {{1,200}}")
    if not of(pattern).literals:
        raise ValueError("has no literal of three or more characters that every match contains: anchor it on one")


@cache
def of(pattern: str) -> Necessary:
    """Return what every match of `pattern` contains. The pattern has passed `check`."""
    tree = parse(pattern)
    caseless = bool(tree.state.flags & sre.SRE_FLAG_IGNORECASE)
    dotall = bool(tree.state.flags & sre.SRE_FLAG_DOTALL)
    items = flatten(tree)
    wanted = choice.Wanted(2, tree.state.flags)
    best = choice.parts(items, 2, wanted)[1]
    literals = _literals(best) or _literals(choice.parts(items, 2, wanted._replace(least=choice.LEAST))[1])
    parts = [cut.short(expression.anchored(part.nodes, choice.head(part.nodes, wanted))) for part in best or [_NONE]]
    expressions = tuple(expression.written(part, dotall=dotall) for part in parts)
    reaches = [width(part)[1] for part in parts]
    most = tree.getwidth()[1]
    before = min(most, max(part.before + reach for part, reach in zip(best, reaches, strict=True))) if best else most
    return Necessary(expressions, caseless, literals, most, max(reaches), before, newlines(tree, tree.state.flags))


def _literals(parts: Iterable[choice.Part]) -> tuple[bytes, ...]:
    """The literals that the parts begin with, none of them too short; otherwise nothing."""
    literals = texts.shortest({text for part in parts for text in texts.leading(part.nodes)})
    return literals if min(map(len, literals), default=0) >= choice.LEAST else ()
