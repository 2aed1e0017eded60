"""Whether a text could hold something to report, worked out from an earlier version of it where there is one.

Of the many versions of a file nearly every byte has been looked at before. A match depends on the bytes around it
alone, so what was found in the base holds for the version, except near a change. A text about which this says no has no
match that `Scanner.scan` would report, under any path; about one of which it says yes the scanner has the last word.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tightlip.engine import confirm
from tightlip.engine.compiled import Compiled
from tightlip.engine.filters import Surroundings
from tightlip.engine.judge import judge
from tightlip.engine.text import encoding_of, is_plain
from tightlip.model import LOOKAROUND

if TYPE_CHECKING:
    import regex

    from tightlip.engine.prefilter import Candidates

_CONTEXT = 128
"""The most bytes before a value that a filter looks at."""
_LONGEST_KEY = 2048
_MOST_REMEMBERED = 1 << 14
MOST_FOLLOWED = 256
"""Hits of one text that are followed into its later versions."""


Hit = tuple[int, int, bool]
"""A prefilter's hit: the rule, where it ends, and whether the rule matches there and is sure enough to be reported."""


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
        widths = map(compiled.width, range(len(compiled.rules)))
        self._zones = [(width + LOOKAROUND + _CONTEXT, width + LOOKAROUND) for width in widths]
        """By rule: how many bytes before and after a hit decide over it: all that a match and the filters can see."""

    def whole(self, text: bytes, found: Candidates | None = None, *, any_path: bool = True) -> Looked:
        """Look at a whole text.

        Parameters: `found`, the prefilter's hits in it, where it has been asked; `any_path`, whether the text may have
        a path that a rule goes by; without, no such rule counts.
        """
        if _is_encoded(text):
            return _ENCODED
        if found is None:
            found = self._compiled.prefilter.candidates(text)
        looked = self._looked(self._hits(text, self._of_any_path(found)))
        if not any_path or looked.suspicious:
            return looked
        by_path = {rule: ends for rule, ends in found.items() if rule in self._by_path}
        return looked._replace(suspicious=any(sure for _, _, sure in self._hits(text, by_path))) if by_path else looked

    def _of_any_path(self, candidates: Candidates) -> Candidates:
        return {rule: ends for rule, ends in candidates.items() if rule not in self._by_path}

    def changed(self, text: bytes, spans: Sequence[slice], kept: Iterable[Hit], found: Candidates) -> Looked:
        """Look at a text of which an earlier version has been looked at, and that has no path that a rule goes by.

        Parameters: `spans`, the changed bytes with `margin` around them; `kept`, the hits in what was not changed,
        at their new places; `found`, the prefilter's hits in the spans.
        """
        if _is_encoded(text):
            return _ENCODED
        hits: list[Hit] = []
        starts = [span.start for span in spans]
        open_ = {rule: set(ends or ()) for rule, ends in self._of_any_path(found).items()}
        for hit in kept:
            rule, end, _ = hit
            before, after = self._zones[rule]
            start, stop = end - before, end + after
            last = bisect_left(starts, stop) - 1
            if last >= 0 and spans[last].stop > start:  # it may have come to something else
                open_.setdefault(rule, set()).add(end)
            else:
                hits.append(hit)
        if open_:
            hits += self._hits(text, {rule: sorted(ends) for rule, ends in open_.items()})
        return self._looked(hits)

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
        before, after = self._zones[rule]
        start, stop = max(end - before, 0), end + after
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
        width = self._compiled.width(rule)
        first, last = (0, len(text)) if end is None else (max(end - width, 0), end)
        seen = set()
        for match in pattern.finditer(text, first, last + width + LOOKAROUND, overlapped=True, timeout=confirm.TIMEOUT):
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
        around = Surroundings(text, start, end)
        return judge(rule, match["secret"], around, self._compiled.pattern)[0] >= self._least


_ENCODED = Looked(suspicious=True, hits=None)
NOTHING = Looked(suspicious=False, hits=())
UNKNOWN = Looked(suspicious=False, hits=None)


def _is_encoded(text: bytes) -> bool:
    return not is_plain(text) and bool(encoding_of(text))
