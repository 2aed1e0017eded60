"""Whether a text could hold something to report, worked out from an earlier version of it where there is one.

Of the many versions of a file nearly every byte has been looked at before. A match depends on the bytes around it
alone, so what was found in the base holds for the version, except near a change. A text about which this says no has no
match that `Scanner.scan` would report, under any path; about one of which it says yes the scanner has the last word.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tightlip.engine import confirm, decode, unchanged
from tightlip.engine.compiled import Compiled, Reach
from tightlip.engine.judge import settle
from tightlip.engine.runs import find
from tightlip.engine.text import encoding_of, is_plain
from tightlip.model import LOOKAROUND

if TYPE_CHECKING:
    import regex

    from tightlip.engine.prefilter import Candidates

_CONTEXT, _BEHIND = unchanged.BEFORE, unchanged.AFTER
_LONGEST_KEY = 2048
_MOST_REMEMBERED = 1 << 14
MOST_FOLLOWED = 256
"""Hits of one text that are followed into its later versions."""
_NEAR = decode.NEAR
"""How far from a mark a decoder goes."""
_APART = 1024
"""Marks of one kind that stand closer to the one before are not followed by themselves."""
_AROUND_A_RUN = 128
"""Bytes around a run that say what it decodes to."""


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
        self._reaches += [Reach(0, 0, 0)] * (compiled.runs - compiled.marks + 1)
        around = [(reach.before + LOOKAROUND + _CONTEXT, LOOKAROUND + _BEHIND) for reach in self._reaches]
        around[compiled.marks :] = [(_NEAR, _NEAR + _APART)] * (compiled.runs - compiled.marks) + [(0, 0)]
        self._around = around
        """By rule: how many bytes before a hit, and after the most that can match, decide over it."""

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
        before, after = self._around[rule]
        return end - before, self._reaches[rule].stop(text, end) + after

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
            start, stop = self._zone(rule, text, end)
            last = bisect_left(starts, stop) - 1
            if last >= 0 and spans[last].stop > start:  # it may have come to something else
                open_.setdefault(rule, set()).add(end)
            else:
                hits.append(hit)
        again, changed = self._compiled.split({rule: sorted(ends) for rule, ends in open_.items()})
        if again:
            hits += self._hits(text, again)
        if marks or changed:
            hits = self._decoded_anew(text, hits, marks, changed)
        return self._looked(hits)

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
                runs = _runs_at(text, ends)
                hits += [(mark, end, True) for start, end in runs if self._run_is_reportable(text, start, end)]
            else:
                for cluster in _clusters(decode.likely(self._compiled, mark, text, ends)):
                    start, stop = max(cluster[0] - 2 * _NEAR, 0), cluster[-1] + 2 * _NEAR + _APART
                    sure = self._known_to_decode(mark, text[start:stop])
                    hits += [(mark, end, sure) for end in _thinned(cluster)]
        return hits

    def _run_is_reportable(self, text: bytes, start: int, end: int) -> bool:
        return self._known_to_decode(self._compiled.runs, text[max(start - _AROUND_A_RUN, 0) : end + _AROUND_A_RUN])

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
            return any(self._is_sure(rule, match, text) for match in self._matches(rule, text, end))
        except TimeoutError:
            return True

    def _matches(self, rule: int, text: bytes, end: int | None) -> Iterator[regex.Match[bytes]]:
        """Yield the matches that contain a hit, also those that overlap; all of them where none is given."""
        pattern = self._compiled.pattern(self._compiled.rules[rule].pattern)
        reach = self._reaches[rule]
        first, last = (0, len(text)) if end is None else (max(end - reach.before, 0), end)
        stop = reach.stop(text, last) + LOOKAROUND
        seen = set()
        for match in pattern.finditer(text, first, stop, overlapped=True, timeout=confirm.TIMEOUT):
            if match.start() > last:
                return
            if match.span("secret") not in seen:
                seen.add(match.span("secret"))
                yield match

    def _is_sure(self, index: int, match: regex.Match[bytes], text: bytes) -> bool:
        start, end = match.span("secret")
        if start < 0:
            return False
        rule = self._compiled.rules[index]
        _, confidence, _ = settle(self._compiled, rule, text, start, end)
        return confidence >= self._least


def _runs_at(text: bytes, ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the runs that hold some ends, as they are in the whole text."""
    for run in find(text):
        if bisect_right(ends, run[-1]) > bisect_right(ends, run[0]):
            yield run[0], run[-1]


def _clusters(ends: Sequence[int]) -> Iterator[list[int]]:
    """Yield marks that are so close together that what decodes may reach from one to the other."""
    cluster: list[int] = []
    for end in ends:
        if cluster and end - cluster[-1] > 4 * _NEAR:
            yield cluster
            cluster = []
        cluster.append(end)
    if cluster:
        yield cluster


def _thinned(ends: Iterable[int]) -> Iterator[int]:
    last = -_APART
    for end in ends:
        if end - last >= _APART:
            yield end
            last = end


_ENCODED = Looked(suspicious=True, hits=None)
NOTHING = Looked(suspicious=False, hits=())
UNKNOWN = Looked(suspicious=False, hits=None)


def _is_encoded(text: bytes) -> bool:
    return not is_plain(text) and bool(encoding_of(text))
