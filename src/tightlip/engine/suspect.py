"""Whether a text could hold something to report, worked out from an earlier version of it where there is one.

Of the many versions of a file nearly every byte has been looked at before. A match depends on the bytes around it
alone, so what was found in the base holds for the version, except near a change. A text about which this says no has no
match that `Scanner.scan` would report, under any path; about one of which it says yes the scanner has the last word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tightlip.engine import around, confirm, decode
from tightlip.engine.compiled import Compiled
from tightlip.engine.text import encoding_of, is_plain

if TYPE_CHECKING:
    from tightlip.engine.prefilter import Candidates

_LONGEST_KEY = 2048
_MOST_REMEMBERED = 1 << 14
MOST_FOLLOWED = 256
"""Hits of one text that are followed into its later versions."""


Hit = tuple[int, int, bool]
"""A prefilter's hit: the rule, where it ends, and whether the rule matches there and is sure enough to be reported.

Marks of what may decode are among them, with the indexes after those of rules, and whether it decodes to something to
report.
"""


class Looked(NamedTuple):
    """What came of looking at a text."""

    suspicious: bool
    hits: tuple[Hit, ...] | None
    """What is to be followed into later versions, of rules that go by no path; None where these are to be looked at as
    wholes."""


class Suspicion:
    """Looks for hits that come to something. `margin` is how far around a change a hit of its own may reach."""

    def __init__(self, compiled: Compiled, least: float) -> None:
        """Parameters: `least`, the confidence from which a match is reported."""
        self._compiled, self._least = compiled, least
        self._remembered: dict[tuple[int, int, bytes], bool] = {}
        self.follows = compiled.prefilter.says_where
        self._by_path = frozenset(compiled.paths)
        self.margin = compiled.reach
        self._reaches = list(map(compiled.reach_of, range(len(compiled.rules))))
        marks = [(around.NEAR, around.NEAR + around.APART)] * (compiled.runs - compiled.marks)
        self._at_most = [*map(around.at_most, self._reaches), *marks, (0, 0)]

    def whole(self, text: bytes, found: Candidates | None = None, *, any_path: bool = True) -> Looked:
        """Look at a whole text.

        Parameters: `found`, the prefilter's hits in it, where it has been asked; `any_path`, whether the text may have
        a path that a rule goes by; without, no such rule counts.
        """
        if _is_encoded(text):
            return _ENCODED
        if found is None:
            found = self._compiled.prefilter.candidates(text)
        found, marks = self._compiled.split(found)
        hits = self._hits(text, self._of_any_path(found))
        if marks:
            if decode.is_container(text):
                return self._container(text)
            hits += self._decoded(text, marks)
        looked = self._looked(hits)
        if not any_path or looked.suspicious:
            return looked
        by_path = {rule: ends for rule, ends in found.items() if rule in self._by_path}
        return looked._replace(suspicious=any(sure for _, _, sure in self._hits(text, by_path))) if by_path else looked

    def _zone(self, rule: int, text: bytes, end: int) -> tuple[int, int]:
        """Return from where to where the text decides over a hit: all that a match and the filters can see."""
        if rule < self._compiled.marks:
            return around.hit(self._reaches[rule], text, end)
        before, after = self._at_most[rule]
        return end - before, end + after

    def _of_any_path(self, candidates: Candidates) -> Candidates:
        return {rule: ends for rule, ends in candidates.items() if rule not in self._by_path}

    def changed(self, text: bytes, spans: Sequence[slice], kept: Iterable[Hit], found: Candidates) -> Looked:
        """Look at a text of which an earlier version has been looked at, and that has no path that a rule goes by.

        Parameters: `spans`, the changed bytes with `margin` around them; `kept`, the hits in what was not changed,
        at their new places; `found`, the prefilter's hits in the spans.
        """
        if _is_encoded(text):
            return _ENCODED
        found, marks = self._compiled.split(found)
        if marks and decode.is_container(text):
            return self._container(text)
        hits: list[Hit] = []
        starts = [span.start for span in spans]
        open_ = {rule: set(ends or ()) for rule, ends in self._of_any_path(found).items()}
        for hit in kept:
            rule, end, _ = hit
            if self._is_near(spans, starts, rule, text, end):  # it may have come to something else
                open_.setdefault(rule, set()).add(end)
            else:
                hits.append(hit)
        again, changed = self._compiled.split({rule: sorted(ends) for rule, ends in open_.items()})
        if again:
            hits += self._hits(text, again)
        if marks or changed:
            hits = self._decoded_anew(text, hits, marks, changed)
        return self._looked(hits)

    def _is_near(self, spans: Sequence[slice], starts: Sequence[int], rule: int, text: bytes, end: int) -> bool:
        """Whether one of the spans decides over a hit. Parameters: `starts`, those of the spans, in order."""

        def are_near(start: int, stop: int) -> bool:
            last = bisect_left(starts, stop) - 1
            return last >= 0 and spans[last].stop > start

        before, after = self._at_most[rule]
        # The exact zone takes longer to find, and most hits are far from all changes.
        return are_near(end - before, end + after) and are_near(*self._zone(rule, text, end))

    def _decoded_anew(self, text: bytes, hits: list[Hit], found: Candidates, changed: Candidates) -> list[Hit]:
        """Return the hits with those of marks. What decodes may reach from one mark to the next: so all are looked at.

        Parameters: `found`, new marks; `changed`, those that were there and have a change nearby.
        """
        first, runs = self._compiled.marks, self._compiled.runs
        marks = {mark: set(ends or ()) for mark, ends in found.items()}
        for mark, ends in changed.items():
            marks.setdefault(mark, set()).update(ends or ())
        for mark, end, _ in hits:
            if first <= mark < runs and mark in marks:
                marks[mark].add(end)
        kept = [hit for hit in hits if not (first <= hit[0] < runs and hit[0] in marks)]
        return kept + self._decoded(text, {mark: sorted(ends) for mark, ends in marks.items()})

    def _container(self, text: bytes) -> Looked:
        """Look at a text that begins like a compressed file or an archive: all of it comes from all of it."""
        return Looked(suspicious=self._decodes_to_something(text, None), hits=None)

    def _decoded(self, text: bytes, marks: Candidates) -> list[Hit]:
        """Return the marks to follow, and what comes of them. Runs that hold nothing are found again if they change."""
        hits: list[Hit] = []
        for mark, ends in marks.items():
            if ends is None:
                hits.append((mark, len(text), self._decodes_to_something(text, mark)))
            elif mark == self._compiled.runs:
                runs = around.runs(text, ends)
                hits += [(mark, end, True) for start, end in runs if self._run_is_reportable(text, start, end)]
            else:
                for cluster in around.clusters(decode.likely(self._compiled, mark, text, ends)):
                    start, stop = around.cluster(cluster)
                    sure = self._known_to_decode(mark, text[max(start, 0) : stop])
                    hits += [(mark, end, sure) for end in _thinned(cluster)]
        return hits

    def _run_is_reportable(self, text: bytes, start: int, end: int) -> bool:
        start, end = around.run(start, end)
        return self._known_to_decode(self._compiled.runs, text[max(start, 0) : end])

    def _known_to_decode(self, mark: int, part: bytes) -> bool:
        """Whether a part of a text decodes to something to report; remembered, as for hits."""
        key = (mark, len(part), part if len(part) <= _LONGEST_KEY else hash(part).to_bytes(8, "big", signed=True))
        known = self._remembered.get(key)
        if known is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[key] = self._decodes_to_something(part, mark)
        return known

    def _decodes_to_something(self, text: bytes, mark: int | None) -> bool:
        """Whether what decodes in a text holds something to report, or cannot be scanned.

        Parameters: `mark`, the kind of encoding that is meant; None for any.
        """
        _, marks = self._compiled.split(self._compiled.prefilter.candidates(text))
        if mark is not None:
            marks = {mark: marks[mark]} if mark in marks else {}
        found = decode.search(self._compiled, text, marks)
        matches = (match for one in found.inner for _, match in one.matches)
        return bool(found.slow or found.missed) or any(match.confidence >= self._least for match in matches)

    def _looked(self, hits: list[Hit]) -> Looked:
        if not hits and self.follows:
            return NOTHING
        can_follow = self.follows and len(hits) <= MOST_FOLLOWED
        return Looked(any(reportable for _, _, reportable in hits), tuple(hits) if can_follow else None)

    def _hits(self, text: bytes, candidates: Candidates) -> list[Hit]:
        hits = []
        for rule, ends in candidates.items():
            if ends is None:
                hits.append((rule, len(text), self._holds(rule, text, None)))
            else:
                hits += [(rule, end, self._is_reportable(rule, text, end)) for end in ends]
        return hits

    def _is_reportable(self, rule: int, text: bytes, end: int) -> bool:
        """Whether a rule matches at a hit. The same lines come back in version after version, so it is remembered."""
        start, stop = self._zone(rule, text, end)
        start = max(start, 0)
        key = (rule, end - start, text[start:stop])
        known = self._remembered.get(key)
        if known is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            known = self._holds(rule, text, end)
            if stop - start <= _LONGEST_KEY:
                self._remembered[key] = known
        return known

    def _holds(self, rule: int, text: bytes, end: int | None) -> bool:
        """Whether a rule matches at a hit, or anywhere, and is sure enough; True where it takes too long."""
        try:
            return any(self._is_sure(rule, text, *value) for value in self._values(rule, text, end))
        except TimeoutError:
            return True

    def _values(self, rule: int, text: bytes, end: int | None) -> Iterable[tuple[int, int]]:
        """Return where the values stand in matches that contain a hit, also in those that overlap.

        Parameters: `end`, where the hit ends; None for all matches.
        """
        stretch = confirm.stretch(text, self._reaches[rule], end)
        return confirm.values(self._compiled, rule, text, stretch, overlapped=True)

    def _is_sure(self, index: int, text: bytes, start: int, end: int) -> bool:
        _, confidence, _ = confirm.settled(self._compiled, index, text, start, end)
        return confidence >= self._least


def _thinned(ends: Iterable[int]) -> Iterator[int]:
    last = -around.APART
    for end in ends:
        if end - last >= around.APART:
            yield end
            last = end


_ENCODED = Looked(suspicious=True, hits=None)
NOTHING = Looked(suspicious=False, hits=())
UNKNOWN = Looked(suspicious=False, hits=None)


def _is_encoded(text: bytes) -> bool:
    return not is_plain(text) and bool(encoding_of(text))
