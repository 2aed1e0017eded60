"""What in a text decodes to another, looked through with the same rules, and what decodes in that, and so on.

The prefilter says where there may be something (marks.py, runs.py); this is loaded only then.
"""

from __future__ import annotations

from bisect import bisect_left

from tightlip.engine.around import BEFORE
from tightlip.engine.decode import base, replaced
from tightlip.engine.decode.budget import DEPTH, Budget, Spent
from tightlip.engine.decode.magic import is_container
from tightlip.engine.decode.notations import NOTATIONS
from tightlip.engine.marks import MARKS
from tightlip.engine.text import placed, positions
from tightlip.model import LOOKAROUND, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    from tightlip.engine.compiled import Compiled
    from tightlip.engine.decode.decoded import At, Decoded
    from tightlip.engine.prefilter import Candidates
    from tightlip.rule import Match

    Decoder: TypeAlias = Callable[[bytes, "Sequence[int] | None", Budget], "Iterator[Decoded]"]

    Place: TypeAlias = tuple[int, int, int, int, int, int, bytes | None]
    """Start and end, line and column, and those of the end, in the text that all was decoded from; and the bytes there.

    None in place of the bytes where there are more than belong to the secret.
    """

__all__ = ["DECODERS", "Found", "Inner", "Place", "is_container", "likely", "search"]

_LONGEST_SHOWN = 1 << 14
"""Bytes of what a secret was decoded from that could be shown by mistake: no subject or path is longer."""


class Inner(Value):
    """What the rules make of one text that was decoded.

    `matches` are as in `Judged`, and with their places in the decoded text; `places` are those, of each match, where
    the bytes stand that it was decoded from; `path` is what rules that go by the path look at, None for that of the
    text itself; `is_tight` tells whether the places are those of the secrets alone.
    """

    __slots__ = ("is_tight", "matches", "path", "places")

    def __init__(
        self, matches: list[tuple[int, Match]], places: list[Place], path: bytes | None, *, is_tight: bool
    ) -> None:
        self.matches = matches
        self.places = places
        self.path = path
        self.is_tight = is_tight


class Found(Value):
    """What came of decoding all that decodes in a text; `slow` are rules that took too long.

    `missed` says what was not scanned, and why.
    """

    __slots__ = ("inner", "missed", "slow")

    def __init__(self, inner: list[Inner], slow: list[int], missed: list[str]) -> None:
        self.inner = inner
        self.slow = slow
        self.missed = missed


def _containers(text: bytes, _: Sequence[int] | None, budget: Budget) -> Iterator[Decoded]:
    from tightlip.engine.decode import containers  # late: what reads archives takes longer to load than all the rest

    return containers.decoded(text, budget)


def _runs(text: bytes, _: Sequence[int] | None, budget: Budget) -> Iterator[Decoded]:
    return base.decoded(text, budget)


def _replaced(name: str) -> Decoder:
    return lambda text, ends, _: replaced.decoded(NOTATIONS[name], text, ends)


DECODERS: dict[str, Decoder] = {
    "container": _containers,
    "runs": _runs,
    **{name: _replaced(name) for name in NOTATIONS},
}
"""Each decoder by the name of its mark. It takes a text, where the marks end, and the budget."""

_NAMES = [mark.name for mark in MARKS] + ["runs"]


def likely(compiled: Compiled, mark: int, text: bytes, ends: Sequence[int]) -> Sequence[int]:
    """Return the ends of those marks that are worth a decoder, in order."""
    name = _NAMES[mark - compiled.marks]
    return replaced.likely(NOTATIONS[name], text, sorted(ends)) if name in NOTATIONS else ()


def search(
    compiled: Compiled, text: bytes, marks: Candidates, through: tuple[str, ...] = (), path: bytes | None = None
) -> Found:
    """Decode, look, and decode again.

    Parameters: `marks`, those that the prefilter found; `through`, by what the text itself was decoded; `path`, that of
    the text, to leave out the rules that do not go by it.
    """
    looking = _Search(compiled, text, through, path)
    try:
        looking.into(text, marks, _itself)
    except Spent:
        return looking.found()  # what was found until then; the budget says what was missed
    return looking.found()


def _itself(start: int, end: int) -> tuple[int, int]:
    return start, end


class _Search:
    def __init__(self, compiled: Compiled, text: bytes, through: tuple[str, ...], path: bytes | None) -> None:
        self._compiled, self._text, self._path = compiled, text, path
        self._budget = Budget(through)
        self._seen = {hash(text)}
        self._inner: list[tuple[list[tuple[int, Match]], list[tuple[int, int]], bytes | None, bool]] = []
        self._slow: list[int] = []

    def found(self) -> Found:
        """Return what was found so far."""
        at = positions(self._text, [offset for _, spans, *_ in self._inner for span in spans for offset in span])
        inner = [
            Inner(
                matches,
                [(start, end, *at[start], *at[end], self._own(start, end)) for start, end in spans],
                path,
                is_tight=is_tight,
            )
            for matches, spans, path, is_tight in self._inner
        ]
        return Found(inner, self._slow, list(self._budget.missed))

    def _own(self, start: int, end: int) -> bytes | None:
        return self._text[start:end] if 0 < end - start <= _LONGEST_SHOWN else None

    def into(self, text: bytes, marks: Candidates, at: At, path: bytes | None = None, *, is_tight: bool = True) -> None:
        """Look into what decodes in a text. Parameters: `at`, where its bytes stand in the text that all began with."""
        chain = self._budget.chain
        if len(chain) >= DEPTH:
            if any(True for mark, ends in marks.items() for _ in self._decoded(mark, text, ends)):
                self._budget.tell(f"more than {DEPTH} encodings beneath each other")
            return
        for mark in sorted(marks, reverse=True):  # runs first: what they decode to needs no other way
            for decoded in self._decoded(mark, text, marks[mark]):
                self._budget.chain = (*chain, *decoded.steps)
                self._look(decoded, at, decoded.path if decoded.path is not None else path, is_tight=is_tight)
                self._budget.chain = chain

    def _decoded(self, mark: int, text: bytes, ends: Sequence[int] | None) -> Iterator[Decoded]:
        for decoded in DECODERS[_NAMES[mark - self._compiled.marks]](text, ends, self._budget):
            key = hash(decoded.text)
            if key not in self._seen:
                self._seen.add(key)
                yield decoded

    def _look(self, decoded: Decoded, outer: At, path: bytes | None, *, is_tight: bool) -> None:
        text = decoded.text
        self._budget.take(len(text))

        def at(start: int, end: int) -> tuple[int, int]:
            return outer(*decoded.at(start, end))

        is_tight = is_tight and decoded.is_tight
        hits, marks = self._compiled.split(self._compiled.prefilter.candidates(text))
        if is_container(text):  # of what it holds as it is, too, the file's name is to be said
            self.into(text, marks, at, path, is_tight=is_tight)
            marks = {}
        matches = placed(text, list(self._matches(decoded, hits, path)), self._budget.chain)
        if matches:
            spans = [at(match.start, match.end) for _, match in matches]
            self._inner.append((matches, spans, path, is_tight))
        if marks:
            self.into(text, marks, at, path, is_tight=is_tight)

    def _matches(self, decoded: Decoded, hits: Candidates, path: bytes | None) -> Iterator[tuple[int, Match]]:
        path = self._path if path is None else path
        for index, ends in hits.items():
            if path is None or self._compiled.applies(index, path):
                from tightlip.engine import confirm  # late: most of what decodes holds nothing

                new = self._near_seams(index, ends, decoded.seams)
                try:
                    for match in list(confirm.confirmed(self._compiled, index, decoded.text, new)) if new != [] else ():
                        yield index, match
                except TimeoutError:
                    self._slow.append(index)

    def _near_seams(self, index: int, ends: list[int] | None, seams: list[int] | None) -> list[int] | None:
        """Return the hits of a rule that can see something else than in the text as it was."""
        if ends is None or seams is None:
            return ends
        far = self._compiled.reach_of(index).width + LOOKAROUND + BEFORE
        return [end for end in ends if (at := bisect_left(seams, end - far)) < len(seams) and seams[at] <= end + far]
