"""Whether a value that is given to a name such as `password` or `api_key` is a secret, and how surely.

What stands before the value is read first (lead.py), then what the name says (names.py). Both, the value itself and
what follows it are told in numbers (features.py). These are weighed (scorer.py) with weights that were learned from
labelled lines and from code that holds no secrets; benchmarks/training.py does that.
"""

from __future__ import annotations

from tightlip.engine.around import AFTER
from tightlip.engine.assignment import names, objections
from tightlip.engine.assignment.lead import REACH, Lead, read

_OF_WORDS = -3.6
"""The mean logarithm of the chance of their letters from which words are likelier than letters drawn at random."""
_OF_WORDS_AND_DIGITS = _OF_WORDS + 0.6
"""The same for a value with more than one digit in it, where words are rarer."""
BEFORE = REACH
"""The most bytes before a value that are looked at."""


def chance(text: bytes, start: int, end: int) -> tuple[float, str]:
    """Return how likely the bytes from `start` to `end` are a secret, from 0 to 1, and the weightiest reason."""
    found = _lead(text, start, end)
    if isinstance(found, str):
        return 0.0, found
    from tightlip.engine.assignment import scorer  # late, with what it was taught: most values never come this far

    return scorer.weigh(_described(text, start, end, found))


def is_random(value: str) -> bool:
    """Whether the characters of a value look drawn at random, rather than to be those of words."""
    from tightlip.engine.assignment import scorer

    words = [word.lower() for word in objections.WORDS.findall(value)]
    size = sum(map(len, words))
    digits = sum(map(str.isdigit, value))
    if digits * 8 >= len(value) or not size:
        return digits * 20 < len(value) * 19 or len(value) < 12
    mean = sum(scorer.likelihood(word) * len(word) for word in words) / size
    return mean < _OF_WORDS or (digits > 1 and mean < _OF_WORDS_AND_DIGITS)


def describe(text: bytes, start: int, end: int) -> list[float] | None:
    """Return the numbers that describe a value; None where it is plain that it is no secret."""
    found = _lead(text, start, end)
    return None if isinstance(found, str) else _described(text, start, end, found)


def _lead(text: bytes, start: int, end: int) -> Lead | str:
    """How a value is given to a name that speaks of secrets; else why it is plain that it is none."""
    if objections.is_no_secret(text, start, end):
        return "a date, a number, a version or an address"
    found = next(filter(_speaks, read(text, start, end)), None)
    if found is None:
        return "no name that speaks of secrets stands before it"
    return objections.objection(found, text, start, end) or found


def _speaks(lead: Lead) -> bool:
    """Whether a name speaks of secrets; where only a blank follows it, it has to end with the word."""
    if lead.form == "header":
        return True
    name = names.read(lead.name)
    return bool(name.kind) and (lead.form != "spaced" or (name.last and not name.bare))


def _described(text: bytes, start: int, end: int, found: Lead) -> list[float]:
    from tightlip.engine.assignment import features, scorer

    line = text[max(text.rfind(b"\n", 0, start) + 1, start - BEFORE) : start].decode("utf-8", "replace")
    after = text[end : end + AFTER].decode("utf-8", "replace")
    return features.of(text[start:end].decode("utf-8", "replace"), found, line, after, scorer.likelihood)
