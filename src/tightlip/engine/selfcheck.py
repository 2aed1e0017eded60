"""Which rules this build of Hyperscan cannot be trusted with.

Vectorscan 5.4.12, which the hyperscan package carries, loses matches of some expressions, by their company and by their
place in the text (https://github.com/VectorCamp/vectorscan/issues/358, fixed after that release). So each freshly
compiled database is shown texts that every rule matches, at many places, and a rule that it misses once is searched for
without it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from tightlip import prepared
from tightlip.engine.prefilter import HyperscanPrefilter

_FILLERS = (b"x", b" ", b"\n", b"a = b;\n", b"(,\"'`=:{[<", b"0123456789", b"/* - _ . */ ")


def missed(prefilter: HyperscanPrefilter, patterns: Sequence[str]) -> list[int]:
    """Return the indexes of the rules whose hits the prefilter loses; a rule without a pattern has none."""
    dice = random.Random(1)  # noqa: S311 - the same texts every time
    return [
        index
        for index, pattern in enumerate(patterns)
        if pattern and any(_loses(prefilter, index, pattern, _amid(text, dice)) for text in prepared.samples(pattern))
    ]


def _amid(text: bytes, dice: random.Random) -> bytes:
    before, after = (dice.choice(_FILLERS) * dice.randrange(80) for _ in range(2))
    return before[: dice.randrange(200)] + text + after


def _loses(prefilter: HyperscanPrefilter, index: int, pattern: str, text: bytes) -> bool:
    return index not in prefilter.candidates(text) and re.search(pattern.encode(), text) is not None
