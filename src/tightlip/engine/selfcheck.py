"""Which rules this build of Hyperscan cannot be trusted with.

Vectorscan 5.4.12, which the hyperscan package carries, loses matches of some expressions, by their company and by their
place in the text (https://github.com/VectorCamp/vectorscan/issues/358, fixed after that release). So each freshly
compiled database is shown texts that every rule matches, at many places, alone and in long texts with those of other
rules, and a rule that it misses once is searched for without it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence

from tightlip import prepared
from tightlip.engine.prefilter import HyperscanPrefilter

_FILLERS = (b"x", b" ", b"\n", b"a = b;\n", b"(,\"'`=:{[<", b"0123456789", b"/* - _ . */ ")
_BETWEEN = (b"\n", b" ", b"", b"a", b"_", b'"\n"')
_IN_ONE_TEXT = 200
_NEAR = 64
"""So many bytes around a sample belong to it: a match may begin before it, or end behind."""


def missed(prefilter: HyperscanPrefilter, patterns: Sequence[str], of: Iterable[int] | None = None) -> list[int]:
    """Return the indexes of the rules whose hits the prefilter loses; a rule without a pattern has none.

    Parameters: `of`, the rules that the prefilter looks for; None for all.
    """
    dice = random.Random(1)  # noqa: S311 - the same texts every time
    wanted = set(range(len(patterns)) if of is None else of)
    samples = [(index, text) for index, pattern in enumerate(patterns) if pattern for text in prepared.samples(pattern)]
    lost = set()
    for index, text in samples:
        if index in wanted and index not in lost:
            whole = amid(text, dice)
            if index not in prefilter.candidates(whole) and _matches(patterns[index], whole, 0, len(whole)):
                lost.add(index)
    dice.shuffle(samples)
    for first in range(0, len(samples), _IN_ONE_TEXT):
        text, places = _in_one_text(samples[first : first + _IN_ONE_TEXT], dice)
        asked = wanted - lost
        lost.update(_lost_in(prefilter, patterns, text, [place for place in places if place[0] in asked]))
    return sorted(lost)


def amid(text: bytes, dice: random.Random) -> bytes:
    """Return a text with others before and behind it, as they come in source text."""
    before, after = (dice.choice(_FILLERS) * dice.randrange(80) for _ in range(2))
    return before[: dice.randrange(200)] + text + after


_Place = tuple[int, int, int]
"""A rule, and from where to where a text of its own lies."""


def _in_one_text(samples: Iterable[tuple[int, bytes]], dice: random.Random) -> tuple[bytes, list[_Place]]:
    whole, places = bytearray(), []
    for index, text in samples:
        places.append((index, max(len(whole) - _NEAR, 0), len(whole) + len(text) + _NEAR))
        whole += text + dice.choice(_BETWEEN)
    return bytes(whole), places


def _lost_in(
    prefilter: HyperscanPrefilter, patterns: Sequence[str], text: bytes, places: Iterable[_Place]
) -> Iterator[int]:
    found = prefilter.candidates(text)
    for index, start, stop in places:
        if any(start < end <= stop for end in found.get(index) or ()):
            continue
        if _matches(patterns[index], text, start, stop):
            yield index


def _matches(pattern: str, text: bytes, start: int, stop: int) -> bool:
    return re.compile(pattern.encode()).search(text, start, stop) is not None
