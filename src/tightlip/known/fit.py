"""Which values are searched for: those that stand nowhere by chance. What is left out is told, by name and reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from tightlip.known.secret import Known
from tightlip.known.unread import Unread

LEAST, MOST = 8, 1 << 13
"""Bytes of a value that is searched for: a shorter one is everywhere, a longer one is no secret but a file."""
_FEWEST = 5
"""Different characters of a value."""
_FEWEST_DIGITS = 15
"""Digits of a number: shorter ones are dates, times and counts."""
_COMMON = frozenset(
    (
        b"access account admin administrator anonymous api app application bearer change changeit changeme client code "
        b"connection credential credentials database db debug default demo dev development disabled dummy enabled env "
        b"environment example fake false foo foobar guest hello here host id insert key letmein localhost login me "
        b"mongo my mypassword mysecret mysql mytoken none null pass passphrase passwd password placeholder postgres "
        b"postgresql private prod production public qwerty qwertyuiop rabbitmq readonly redacted redis replace "
        b"replaceme required root sample secret service staging string super superuser test testing the this todo "
        b"token true undefined unknown user username value welcome with world your "
    ).split()
)
"""Words of which common values are made: `changeme123`, `your-api-key-here`."""
_MOST_DIGITS = 4
"""Digits beside such words."""
_WORD = re.compile(rb"[A-Za-z]+|[a-z]+(?:[ _.-][a-z]+)+(?:-?\d)?|[A-Z]+(?:[ _.-][A-Z]+)+")
_LONGEST_WORD = 20
"""Letters of a plain word; of more, nothing but letters may be a secret."""
_NUMBER = re.compile(rb"[\d.,:/ +-]+")
_ADDRESS = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*://(?P<user>[^/@\s?#:]*:[^/@\s?#]+@)?[^\s]*")
_CARRIES = re.compile(rb"[A-Za-z0-9_+/=.~%-]{20,}")
"""What of an address may be a key: `https://hooks.example/services/T0/B0/x`."""
_PATH = re.compile(rb"(?:~|\.{1,2})?(?:/[\w.@-]+)+/?|[A-Za-z]:\\[\w.\\ -]+")
_HOST = re.compile(rb"(?=.*[a-z])[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?")
_MAIL = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_RUN = 0.7
"""Which part of the characters of a value may follow their neighbour in the alphabet."""


class Skipped(NamedTuple):
    """A known secret that is not searched for."""

    known: Known
    why: str


class Fitting(NamedTuple):
    """What is searched for, and what not."""

    known: list[Known]
    skipped: list[Skipped]
    unread: list[Unread]


def fitting(every: Iterable[Known | Unread]) -> Fitting:
    """Divide what sources give, without blanks and line ends around a value: `echo` and editors put them there."""
    found = Fitting([], [], [])
    for one in every:
        one.value = one.value.strip()
        if isinstance(one, Unread):
            found.unread.append(one)
        elif why := unfit(one.value):
            found.skipped.append(Skipped(one, why))
        else:
            found.known.append(one)
    return found


def unfit(value: bytes) -> str:
    """Return why a value is not searched for; nothing where it is."""
    if not value.strip():
        return "it is empty"
    if len(value) < LEAST:
        return f"it has fewer than {LEAST} bytes"
    if len(value) > MOST:
        return f"it has more than {MOST:,} bytes"
    if len(set(value)) < _FEWEST:
        return f"it has fewer than {_FEWEST} different characters"
    return _common(value)


def _common(value: bytes) -> str:
    return next((why for why, is_so in _KINDS.items() if is_so(value)), "")


def _is_common(value: bytes) -> bool:
    return _is_of_common_words(value) or _is_run(value)


def _is_number(value: bytes) -> bool:
    return bool(_NUMBER.fullmatch(value)) and sum(map(_is_digit, value)) < _FEWEST_DIGITS


def _is_word(value: bytes) -> bool:
    return bool(_WORD.fullmatch(value)) and len(value) <= _LONGEST_WORD and _is_cased_like_words(value)


def _is_address(value: bytes) -> bool:
    address = _ADDRESS.fullmatch(value)
    return address is not None and not address["user"] and not _has_key(value)


def _is_mail(value: bytes) -> bool:
    return _MAIL.fullmatch(value) is not None


def _is_path(value: bytes) -> bool:
    return bool(_PATH.fullmatch(value) or _HOST.fullmatch(value)) and not _has_key(value)


_KINDS: dict[str, Callable[[bytes], bool]] = {
    "it is a common value": _is_common,
    "it is a number, a date or an address": _is_number,
    "it is a plain word": _is_word,
    "it is an address without a password": _is_address,
    "it is a mail address": _is_mail,
    "it is a path or a name": _is_path,
}


def _is_of_common_words(value: bytes) -> bool:
    """Whether there is nothing in it but common words, and a few digits and other characters."""
    words = re.findall(rb"[A-Z]?[a-z]+|[A-Z]+", value)
    rest = len(value) - sum(map(len, words))
    if not words or sum(map(_is_digit, value)) > _MOST_DIGITS or rest > _MOST_DIGITS + len(words):
        return False
    return all(word.lower() in _COMMON for word in words)


def _is_run(value: bytes) -> bool:
    """Whether most characters follow their neighbour: `abcdefgh`, `12345678`; or a short piece comes again."""
    steps = [right - left for left, right in pairwise(value)]
    if max(steps.count(1), steps.count(-1)) >= _RUN * len(steps):
        return True
    sizes = range(1, len(value) // 3 + 1)
    return any(value == (value[:size] * (len(value) // size + 1))[: len(value)] for size in sizes)


def _is_digit(byte: int) -> bool:
    return 0x30 <= byte <= 0x39


def _is_cased_like_words(value: bytes) -> bool:
    """Whether it is written like words are: lower case, upper case, or capitals where parts begin."""
    return value.islower() or value.isupper() or re.fullmatch(rb"[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,})*", value) is not None


def _has_key(value: bytes) -> bool:
    """Whether a piece of a path or an address may be a key: long, with letters and digits."""
    return any(
        any(map(_is_digit, piece)) and re.search(rb"[A-Za-z]", piece)
        for part in re.split(rb"[/?&=.:@]", value)
        for piece in _CARRIES.findall(part)
    )
