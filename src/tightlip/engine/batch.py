"""Many texts looked through at once: a call of the prefilter for each piece of text costs more than the look."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from tightlip.engine.text import are_plain, is_plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.engine.prefilter import Candidates, HyperscanPrefilter, LiteralPrefilter

_LARGE = 1 << 14
"""A text of so many bytes costs more to copy beside others than to look at alone."""
_APART = b"\n\xfe\n"
"""Hardly anything that an expression matches reaches across it, and it is no sign of another encoding."""
_WHOLE = (slice(0, None),)


class Batch:
    """Texts, or what is new in them, that are looked through together. They are numbered as they are added."""

    def __init__(self, prefilter: HyperscanPrefilter | LiteralPrefilter) -> None:
        self._prefilter = prefilter
        # Where a rule could match anywhere, it could in any of the texts: each is then looked at alone.
        self._large = _LARGE if prefilter.says_where else 0
        self._begin()

    def _begin(self) -> None:
        self._spans: list[Sequence[slice]] = []
        self._first: list[int] = []  # by text, its first piece
        self._pieces: list[bytes] = []
        self._alone: dict[int, Candidates] = {}
        self._are_plain = True

    def add(self, text: bytes, spans: Sequence[slice] | None = None) -> None:
        """Add a text. Parameters: `spans`, the parts of it that are to be looked at, if not all."""
        self._first.append(len(self._pieces))
        if spans is not None:
            self._spans.append(spans)
            self._pieces += map(text.__getitem__, spans)
        elif len(text) < self._large:
            self._spans.append(_WHOLE)
            self._pieces.append(text)
        else:
            self._spans.append(())
            self._look_alone(text)

    def _look_alone(self, text: bytes) -> None:
        self._are_plain = self._are_plain and is_plain(text)
        if found := self._prefilter.candidates(text):
            self._alone[len(self._first) - 1] = found

    def found(self) -> tuple[dict[int, Candidates], bool]:
        """Look, and begin anew.

        Return the hits in each text that has some, of which a few may be no hits of that text by itself, and whether
        all that was added is surely to be searched as it is.
        """
        joined = _APART.join(self._pieces)
        plain = self._are_plain and are_plain(joined)
        found = self._alone
        if joined and (candidates := self._prefilter.candidates(joined)):
            self._place(candidates, found)
        self._begin()
        return found, plain

    def _place(self, candidates: Candidates, found: dict[int, Candidates]) -> None:
        """Tell for hits in the joined pieces in which text each is, and where."""
        begins = list(accumulate((len(piece) + len(_APART) for piece in self._pieces), initial=0))
        for rule, ends in candidates.items():
            places: dict[int, list[int]] = {}
            for end in ends or ():
                piece = bisect_left(begins, end) - 1
                within = end - begins[piece]
                if within <= len(self._pieces[piece]):  # and not in what is between two
                    text = bisect_right(self._first, piece) - 1
                    span = self._spans[text][piece - self._first[text]]
                    places.setdefault(text, []).append(span.start + within)
            for text, there in places.items():
                found.setdefault(text, {})[rule] = there
