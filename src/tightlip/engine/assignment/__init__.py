"""Whether a value that is given to a name such as `password` or `api_key` is a secret, and how surely.

What stands before the value is read first (lead.py), then what the name says (names.py). Both, the value itself and
what follows it are told in numbers (features.py). These are weighed (scorer.py) with weights that were learned from
labelled lines and from code that holds no secrets; benchmarks/training.py does that.
"""

from __future__ import annotations

from binascii import a2b_base64

from tightlip.engine.around import AFTER
from tightlip.engine.assignment import names
from tightlip.engine.assignment.lead import REACH, Lead, read
from tightlip.patterns import DOTALL, VERBOSE, pattern

_NO_SECRET = pattern(
    rb"""
    \d{4}-\d\d-\d\d (?:[T\ ].*)?                                # a date
    | 1[4-9]\d{8} (?:\d{3})? (?:\.\d+)?                         # a time, in seconds or milliseconds since 1970
    | v?\d+ (?:\.\d+){1,10} (?:[+-][\w.+-]*)?                   # a version, an IPv4 address
    | 0x[0-9A-Fa-f]{1,10} | \d{1,5}                             # a number
    | \d+[a-z]{1,2} | [\d.,:/+-]*[.,:/+-][\d.,:/+-]*[A-Za-z%]?  # a number with its unit, a range, a time of day
    | (?:\{\w+\})? \$ (?:2[abxy]?|argon2\w*|scrypt|pbkdf2[\w-]*|apr1|y|[156]) \$ .*  # a hash: other rules know them
    | (?:hash|sha\d*|md5):.*                                    # a hash that says so
    | [\w.+-]+ @ [\w-]+ (?:\.[\w-]+)* \.[A-Za-z]{2,}            # an email address
    | (?:[A-Fa-f0-9]{2}:){5,} [A-Fa-f0-9]{2}                    # a fingerprint, a MAC address
    | (?:[a-z][a-z_.-]+ | [A-Z][A-Z_]+) = [^=].*                # a setting of its own
    | [A-Z]{2} \d{13,30}                                        # the number of a bank account
    | [a-z]{1,12} - [0-9a-f]{17}                                # what AWS calls a thing: `snap-...`, `sg-...`
    | Ag [A-Za-z0-9+/]{300,} ={0,2}                             # what kubeseal has encrypted
    | .* EXAMPLE (?:KEY)?                                       # what AWS has in its documentation
    | mF_9\.B5f-4\.1JqM | 2YotnFZFEjr1zCsicMWpAA | tGzv3JOkF0XG5Qx2TlKWIA | SlAV32hkKG   # RFC 6749 and 6750
    | czZCaGRSa3F0MzpnWDFmQmF0M2JW | QWxhZGRpbjp(?:vcGVuIHNlc2FtZQ==|PcGVuU2VzYW1l)        # RFC 6749 and 7617
    | (?: /9j/4 | iVBORw0KGgo | R0lGOD ) .{20,}                 # an image in base64
    | pk_(?:live|test)_\w+                                      # a key that is there to be published
    | (?P<unit>.{1,16}?) (?P=unit){2,}                          # the same again and again
    | .* (?: \xc2[\xab\xbb\xa6] | \[[^\]]+\]\{\d+\} ) .*        # an example in a rule file: see notation.py
    """,
    DOTALL | VERBOSE,
)
"""Values that are no secrets, whatever they are given to."""
_STANDS_FOR = pattern(
    rb"""(?ix)
    (?: my|your|the|a|some|test|user|secret|new )? [_.-]?
    (?: pass(?:word|wd)? | pwd | secret | token | test | user | foo | bar | changeme | example
      | x+ | 1234*5*6* | \*+ | \W*
    )
    """
)
"""Words that stand for a password, as the examples of `Authorization: Basic` have them."""
_EXAMPLE_HOST = pattern(
    rb"""(?ix)
    @ (?:[\w-]+\.){0,3}
    (?: example | invalid | test | domain | hostname | your[\w-]* ) (?:\.\w+)?
    [:/\"'\s]
    """
)
"""What follows a password in a URL that documentation made up; RFC 2606 reserves the first three names."""
_HASHED = pattern(rb"[a-z][a-z0-9.-]{1,40}-[0-9a-f]{40,64}")
"""What a cache knows its entries by."""
_IS_NAME = pattern(rb"[\"'][ ]?(?:=>|:)")
_LETTERS = pattern("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
"""The words of a value, in camelCase or with anything between them."""
_OF_WORDS = -3.6
"""The mean logarithm of the chance of their letters from which words are likelier than letters drawn at random."""
_OF_WORDS_AND_DIGITS = _OF_WORDS + 0.6
"""The same for a value with more than one digit in it, where words are rarer."""
_SHORTEST_OF_BARE = 8
"""The fewest bytes of a value that is given to `key` alone: shorter ones are names of entries and of keys to press."""
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

    words = [word.lower() for word in _LETTERS.findall(value)]
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
    if _NO_SECRET.fullmatch(text, start, end):
        return "a date, a number, a version or an address"
    found = next(filter(_speaks, read(text, start, end)), None)
    if found is None:
        return "no name that speaks of secrets stands before it"
    return _objection(found, text, start, end) or found


def _speaks(lead: Lead) -> bool:
    """Whether a name speaks of secrets; where only a blank follows it, it has to end with the word."""
    if lead.form == "header":
        return True
    name = names.read(lead.name)
    return bool(name.kind) and (lead.form != "spaced" or (name.last and not name.bare))


def _objection(found: Lead, text: bytes, start: int, end: int) -> str:
    """Why it is plain, from the name and how the value is given to it, that this is no secret; nothing if it is not."""
    name, value = names.read(found.name), text[start:end]
    is_basic = found.form == "header" and found.call.lower() == "basic"
    objections = (
        (name.others_after or name.not_one_before, "its name speaks of something else than a secret"),
        (name.kind != "password" and value.isdigit(), "a number"),
        (name.kind == "password" and _speaks_of_passwords(value), "it says what its name says"),
        (name.bare and len(value) < _SHORTEST_OF_BARE, "its name says little, and it is short"),
        (name.bare and _HASHED.fullmatch(value), "its name says little, and it is a word with a hash"),
        (found.operator == "," and _IS_NAME.match(text, end), "it is a name itself"),
        (found.form == "url" and _EXAMPLE_HOST.match(text, end, end + AFTER), "the URL of an example"),
        (is_basic and not _is_basic(value), "not base64 of a user's name and a password that is one"),
    )
    return next((reason for applies, reason in objections if applies), "")


def _speaks_of_passwords(value: bytes) -> bool:
    """Whether a value is words about a password, as an interface has them: `Wachtwoord vergeten?`."""
    text = value.decode("utf-8", "replace")
    return not any(map(str.isdigit, text)) and names.read(text).kind == "password"


def _is_basic(value: bytes) -> bool:
    """Whether this is base64 of `name:password`, and the password no word that stands for one."""
    try:
        name, colon, password = a2b_base64(value + b"=" * (-len(value) % 4)).partition(b":")
    except ValueError:
        return False
    return bool(colon and password) and password.lower() != name.lower() and not _STANDS_FOR.fullmatch(password)


def _described(text: bytes, start: int, end: int, found: Lead) -> list[float]:
    from tightlip.engine.assignment import features, scorer

    line = text[max(text.rfind(b"\n", 0, start) + 1, start - BEFORE) : start].decode("utf-8", "replace")
    after = text[end : end + AFTER].decode("utf-8", "replace")
    return features.of(text[start:end].decode("utf-8", "replace"), found, line, after, scorer.likelihood)
