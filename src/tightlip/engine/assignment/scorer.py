"""What the numbers that describe a value come to: a chance, and the reason that tells most."""

from __future__ import annotations

import json
import os
from functools import cache
from math import exp
from typing import Any, TypeAlias

from tightlip.engine.assignment import features, names
from tightlip.engine.assignment.ngrams import Likelihood

_Node: TypeAlias = "float | tuple[int, float, _Node, _Node]"
"""A number to add, or: which number is looked at, the most it may be, and where to go on if it is no more, or more."""
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


def weigh(described: list[float]) -> tuple[float, str]:
    """Return the chance that a value so described is a secret, from 0 to 1, and a reason."""
    bias, trees = _learned()
    total = bias + sum(_answer(tree, described) for tree in trees)
    chance = 1 / (1 + exp(-total))
    return round(chance, 3), _reason(described, _FOR if chance >= 0.5 else _AGAINST)


def _answer(node: _Node, described: list[float]) -> float:
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


def likelihood(word: str) -> float:
    """Return how likely the letters of `word`, in small letters, are those of a word: a mean logarithm."""
    return _letters()(word)


@cache
def _learned() -> tuple[float, list[_Node]]:
    with open(os.path.join(_FOLDER, "trees.json"), encoding="ascii") as stream:
        stored = json.load(stream)
    return stored["bias"], list(map(_node, stored["trees"]))


def _node(stored: Any) -> _Node:  # noqa: ANN401 (a list of lists, as JSON has them)
    """A tree as the file has it."""
    if not isinstance(stored, list):
        return float(stored)
    place, most, if_no_more, if_more = stored
    return place, most, _node(if_no_more), _node(if_more)


@cache
def _letters() -> Likelihood:
    with open(os.path.join(_FOLDER, "letters.bin"), "rb") as stream:
        return Likelihood(stream.read())
