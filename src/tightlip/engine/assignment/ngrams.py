"""How likely letters are to be those of a word: `password` is one, `qmzrwxke` is not."""

from __future__ import annotations

from math import log

ALPHABET = "abcdefghijklmnopqrstuvwxyz^"
"""The letters that are counted; the last one stands before and after a word."""
_SIZE = len(ALPHABET)
_PLACE = {letter: place for place, letter in enumerate(ALPHABET)}
"""The row or column of each letter in the table."""
LEAST = -9.0
"""The logarithm of the least chance that is told apart."""
_UNSEEN = 0.05
"""What three letters count for that no word has, so that their chance is small but not none."""


class Likelihood:
    """The chance of each letter after the two before it, in words of source text."""

    def __init__(self, table: bytes) -> None:
        """Parameters: `table`, for each three letters a byte: how unlikely the third is, in steps of -LEAST / 255."""
        self._table = table

    def __call__(self, word: str) -> float:
        """Return the mean logarithm of the chance of a word's letters; the word is in small letters."""
        places = [_PLACE.get(letter, _SIZE - 1) for letter in f"^{word}^"]
        table = self._table
        steps = 0
        for first, second, third in zip(places, places[1:], places[2:], strict=False):
            steps += table[(first * _SIZE + second) * _SIZE + third]
        return LEAST * steps / 255 / (len(places) - 2)


def table(counts: dict[str, int]) -> bytes:
    """Make the table from words and how often each is counted."""
    triples: dict[tuple[int, int, int], float] = {}
    pairs: dict[tuple[int, int], float] = {}
    for word, count in counts.items():
        places = [_PLACE[letter] for letter in f"^{word}^"]
        for first, second, third in zip(places, places[1:], places[2:], strict=False):
            triples[first, second, third] = triples.get((first, second, third), 0) + count
            pairs[first, second] = pairs.get((first, second), 0) + count
    chances = bytearray()
    for first in range(_SIZE):
        for second in range(_SIZE):
            for third in range(_SIZE):
                seen = triples.get((first, second, third), 0) + _UNSEEN
                chance = log(seen / (pairs.get((first, second), 0) + _UNSEEN * _SIZE))
                chances.append(round(max(LEAST, chance) / LEAST * 255))
    return bytes(chances)
