"""What the numbers that describe a value come to: a chance, and the reason that tells most."""

from __future__ import annotations

import os
from math import exp

from tightlip.engine.assignment import features, names, trees
from tightlip.engine.assignment.ngrams import Likelihood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Node: TypeAlias = "float | tuple[int, float, Node, Node]"
    """A number to add, or: which is looked at, the most it may be, and where to go on if it is no more, or more."""

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_PLACE = {name: place for place, name in enumerate(features.NAMES)}
"""Where each number stands among those that describe a value."""
_OF_WORDS = -3.3
"""The mean logarithm of the chance of letters above which they are those of words."""
_AGAINST = (
    ("template", "a reference, or to be filled in"),
    ("called", "a call"),
    ("member", "a reference to a value kept elsewhere"),
    ("others_after", "its name speaks of something about a secret"),
    ("not_one_before", "its name speaks of something else than a secret"),
    ("path", "a path or an address"),
    ("dotted", "an identifier"),
    ("constant", "an identifier"),
    ("stand_in", "it has words of a placeholder"),
    ("call_looks_up", "it names a value that is looked up"),
    ("run", "a pattern of characters, not a value"),
    ("spaces", "it has spaces"),
    ("number", "a number"),
    ("uuid", "a UUID"),
    ("identifier", "an identifier"),
    ("bare", "its name says little"),
)
"""Numbers that are not 0 where a value is no secret, and what each says: the first that applies is the reason."""
_FOR = (
    ("form_url", "it stands before the host of a URL"),
    ("form_header", "it stands in an authorization header"),
    *((f"kind_{kind}", f"it is given to a name that says {kind}") for kind in names.KINDS),
)
"""The same where it is one."""


def _letters() -> Likelihood:
    with open(os.path.join(_FOLDER, "letters.bin"), "rb") as stream:
        return Likelihood(stream.read())


likelihood = _letters()
"""How likely the letters of a word, in small letters, are those of a word: a mean logarithm."""


def weigh(described: list[float]) -> tuple[float, str]:
    """Return the chance that a value so described is a secret, from 0 to 1, and a reason."""
    total = trees.BIAS + sum(_answer(tree, described) for tree in trees.TREES)
    chance = 1 / (1 + exp(-total))
    return round(chance, 3), _reason(described, _FOR if chance >= 0.5 else _AGAINST)


def _answer(node: Node, described: list[float]) -> float:
    while isinstance(node, tuple):
        place, most, if_no_more, if_more = node
        node = if_no_more if described[place] <= most else if_more
    return node


def _reason(described: list[float], table: tuple[tuple[str, str], ...]) -> str:
    for name, says in table:
        if described[_PLACE[name]]:
            return says
    if table is _FOR:
        return "it is given to a name that speaks of secrets"
    return "its letters make words" if described[_PLACE["likely"]] > _OF_WORDS else "too little speaks for a secret"
