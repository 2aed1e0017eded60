"""Whether a value that is given to a name such as `password` or `api_key` is a secret, and how surely.

What stands before the value is read first (lead.py), then what the name says (names.py). Both, the value itself and what
follows it are told in numbers (features.py). These are weighed (scorer.py) with weights that were learned from labelled
lines and from code that holds no secrets; benchmarks/training.py does that.
"""

from __future__ import annotations

import re
from base64 import b64decode

from tightlip.engine.assignment import features, names, scorer
from tightlip.engine.assignment.lead import REACH, Lead, read

_NO_SECRET = re.compile(
    rb"\d{4}-\d\d-\d\d(?:[T ].*)?|1[4-9]\d{8}(?:\d{3})?(?:\.\d+)?|v?\d+(?:\.\d+){1,10}|0x[0-9A-Fa-f]{1,10}"  # dates, versions, numbers
    rb"|(?:\{\w+\})?\$(?:2[abxy]?|argon2\w*|scrypt|pbkdf2[\w-]*|apr1|y|[156])\$.*"  # hashes of passwords: other rules know them
    rb"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:[A-Fa-f0-9]{2}:){5,}[A-Fa-f0-9]{2}"  # addresses, fingerprints
    rb"|\d{1,5}|\d+[a-z]{1,2}|[\d.,:/+-]*[.,:/+-][\d.,:/+-]*[A-Za-z%]?"
    rb"|(?:hash|sha\d*|md5):.*|[A-Za-z_][\w.-]*=[^=].*"  # hashes, settings
    rb"|.*(?:\xc2[\xab\xbb\xa6]|\[[^\]]+\]\{\d+\}).*",  # an example in a rule file: see notation.py
    re.DOTALL,
)
_STANDS_FOR = re.compile(
    rb"(?i)(?:my|your|the|a|some|test|user|secret|new)?[_.-]?(?:pass(?:word|wd)?|pwd|secret|test|user|token|foo|bar|x+|\\*+|1234*5*6*|changeme|example|\\W*)"
)
_EXAMPLE_HOST = re.compile(
    rb"(?i)@(?:[\w-]+\.){0,3}(?:example|invalid|test|domain|hostname|your[\w-]*)(?:\.\w+)?[:/\"'\s]"
)
_LETTERS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OF_WORDS = -3.6
"""The mean logarithm of the chance of their letters from which words are likelier than letters drawn at random."""
_SHORTEST_OF_BARE = 8
BEFORE, AFTER = REACH, 100
"""The most bytes before and after a value that are looked at."""


def chance(text: bytes, start: int, end: int) -> tuple[float, str]:
    """Return how likely the bytes from `start` to `end` are a secret, from 0 to 1, and the weightiest reason."""
    found = _lead(text, start, end)
    return (0.0, found) if isinstance(found, str) else scorer.weigh(_described(text, start, end, found))


def is_random(value: str) -> bool:
    """Whether the characters of a value look drawn at random, rather than to be those of words."""
    words = [word.lower() for word in _LETTERS.findall(value)]
    size = sum(map(len, words))
    digits = sum(map(str.isdigit, value))
    if digits * 8 >= len(value) or not size:
        return digits * 20 < len(value) * 19 or len(value) < 12
    mean = sum(scorer.likelihood(word) * len(word) for word in words) / size
    return mean < _OF_WORDS or (digits > 1 and mean < _OF_WORDS + 0.6)


def describe(text: bytes, start: int, end: int) -> list[float] | None:
    """Return the numbers that describe a value; None where it is plain that it is no secret."""
    found = _lead(text, start, end)
    return None if isinstance(found, str) else _described(text, start, end, found)


def _lead(text: bytes, start: int, end: int) -> Lead | str:
    """How a value is given to a name that speaks of secrets; else why it is plain that it is none."""
    if _NO_SECRET.fullmatch(text, start, end):
        return "a date, a number, a version or an address"
    found = next(filter(_speaks, read(text, start)), None)
    if found is None:
        return "no name that speaks of secrets stands before it"
    name = names.read(found.name)
    if name.others_after or name.not_one_before:
        return "its name speaks of something else than a secret"
    if name.kind != "password" and text[start:end].isdigit():
        return "a number"
    if name.bare and end - start < _SHORTEST_OF_BARE:
        return "its name says little, and it is short"
    if found.form == "url" and _EXAMPLE_HOST.match(text, end):
        return "the URL of an example"
    if found.form == "header" and found.call.lower() == "basic" and not _is_basic(text[start:end]):
        return "not base64 of a user's name and a password that is one"
    return found


def _speaks(lead: Lead) -> bool:
    """Whether a name speaks of secrets; where only a blank follows it, it has to end with the word."""
    name = names.read(lead.name)
    return lead.form == "header" or bool(name.kind) and (lead.form != "spaced" or (name.last and not name.bare))


def _is_basic(value: bytes) -> bool:
    """Whether this is base64 of `name:password`, and the password no word that stands for one."""
    try:
        name, colon, password = b64decode(value + b"=" * (-len(value) % 4)).partition(b":")
    except ValueError:
        return False
    return bool(colon and password) and password.lower() != name.lower() and not _STANDS_FOR.fullmatch(password)


def _described(text: bytes, start: int, end: int, found: Lead) -> list[float]:
    line = text[max(text.rfind(b"\n", 0, start) + 1, start - BEFORE) : start].decode("utf-8", "replace")
    after = text[end : end + AFTER].decode("utf-8", "replace")
    return features.of(text[start:end].decode("utf-8", "replace"), found, line, after, scorer.likelihood)
