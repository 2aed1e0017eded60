"""Rules against their own examples, stage by stage and through the whole engine.

Each example must find its marked secrets and nothing more. One that does not is told with the stage that lost a secret,
or that let through what is none: path, pattern, prefilter, judge, requires, or place, where another rule is better. For
a rule that goes by the name of a service: pattern (a generic rule's), token, service, judge, requires, place.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from tightlip.model import MEDIUM, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import regex

    from tightlip.engine import Scanner
    from tightlip.rule import Example, Match, Rule
    from tightlip.rules import LoadedRule


_LEARNED = "assignment"
"""The filter that never says no for sure: of its rules, what is not reported unless asked for counts as not found."""


class Stage(NamedTuple):
    """How far a place in an example came: the stage that decided, and why."""

    start: int
    end: int
    stage: str
    why: str

    def __str__(self) -> str:
        return f"{self.stage}: {self.why}"


class Failure(NamedTuple):
    """An example that does not do what it says."""

    file: str
    line: int
    rule: str
    expected: tuple[str, ...]
    """The secrets that the example marks: their places in it and their form, never the values."""
    got: tuple[str, ...]
    stages: tuple[str, ...]
    """For each place that is wrong, the stage that made it so, and why."""

    def __str__(self) -> str:
        expected, got = (" and ".join(items) or "nothing" for items in (self.expected, self.got))
        stages = "; ".join(self.stages)
        return f"{self.file}:{self.line}: rule {self.rule}: expected {expected}, got {got}: {stages}"


def check(rules: Iterable[LoadedRule], scanner: Scanner) -> list[Failure]:
    """Run every example and return those that fail. The scanner should report every confidence, down to 0."""
    return [
        failure
        for loaded in rules
        for example in (*loaded.match, *loaded.no_match)
        if (failure := _check(loaded, example, scanner))
    ]


def stages(loaded: LoadedRule, example: Example, scanner: Scanner) -> list[Stage]:
    """Return what becomes of each marked secret, and of whatever else the rule's pattern matches in an example.

    Where there is neither, one stage says what kept the whole example out.
    """
    text = example.text.encode()
    kind = _ServiceTrace if loaded.rule.service else _Trace
    trace = kind(loaded.rule, text, os.fsencode(example.path), scanner)
    marked = list(_places(text, example.secrets))
    found = [place for place in trace.matched if place not in marked]
    return [trace.stage(*place) for place in (*marked, *found)] or [trace.kept_out()]


def _check(loaded: LoadedRule, example: Example, scanner: Scanner) -> Failure | None:
    text = example.text.encode()
    outcome = scanner.scan(text, os.fsencode(example.path))
    found = [match for match in outcome.matches if match.rule.id == loaded.rule.id]
    marked = [secret.encode() for secret in example.secrets]
    if _LEARNED in loaded.rule.filters:
        found = [match for match in found if match.confidence >= MEDIUM or match.secret.reveal() in marked]
    if sorted(match.secret.reveal() for match in found) == sorted(marked) and not outcome.unscanned:
        return None
    places = list(_places(text, example.secrets))
    wrong = [
        str(it)
        for it in stages(loaded, example, scanner)
        if (it.stage == "found") != ((it.start, it.end) in places) and (it.stage == "found" or it.start < it.end)
    ]
    expected = tuple(_form(text[start:end], start) for start, end in places)
    got = (*(_form(match.secret.reveal(), match.start) for match in found), *(why for _, why in outcome.unscanned))
    return Failure(loaded.file, example.line, loaded.rule.id, expected, got, tuple(wrong))


def _places(text: bytes, secrets: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where the marked secrets stand; they are in the order of the text."""
    at = 0
    for secret in map(str.encode, secrets):
        start = text.find(secret, at)
        at = start + len(secret)
        yield start, at


def _form(value: bytes, start: int) -> str:
    return f"{Secret(value).redacted()} at {start}-{start + len(value)}"


def _secrets(pattern: regex.Pattern[bytes], text: bytes) -> list[tuple[int, int]]:
    spans = [match.span("secret") for match in pattern.finditer(text, timeout=5)]
    return [span for span in spans if span[0] >= 0]


class _Trace:
    """One rule's way through one text."""

    def __init__(self, rule: Rule, text: bytes, path: bytes, scanner: Scanner) -> None:
        self.rule, self.text, self.path, self.scanner = rule, text, path, scanner
        self.compiled = scanner.compiled
        self.index = next(at for at, other in enumerate(self.compiled.rules) if other.id == rule.id)
        self.pattern: regex.Pattern[bytes] = self.compiled.pattern(rule.pattern)
        self.matched = self._spans()
        """Where the pattern matches, looked for in the whole text."""

    def _spans(self) -> list[tuple[int, int]]:
        return _secrets(self.pattern, self.text)

    def stage(self, start: int, end: int) -> Stage:
        """Return the stage that a place comes to, and what it says of it."""
        decided = (
            self._by_path()
            or self._by_pattern(start, end)
            or self._by_prefilter(start, end)
            or self._by_judge(start, end)
            or self._by_company(start, end)
        )
        return Stage(start, end, *(decided or self._by_place(start, end)))

    def kept_out(self) -> Stage:
        """Return what keeps out a text without a match of the pattern."""
        if by_path := self._by_path():
            return Stage(0, 0, *by_path)
        if self.index in self.compiled.prefilter.candidates(self.text):
            return Stage(0, 0, "pattern", "the prefilter has a hit, the pattern does not match")
        return Stage(0, 0, "prefilter", "it has no hit")

    def _by_path(self) -> tuple[str, str] | None:
        if self.compiled.applies(self.index, self.path):
            return None
        shown = repr(os.fsdecode(self.path)) if self.path else "an example without one"
        return "path", f"the rule does not look at {shown}"

    def _by_pattern(self, start: int, end: int) -> tuple[str, str] | None:
        if (start, end) in self.matched:
            return None
        near = [f"{low}-{high}" for low, high in self.matched if low < end and start < high]
        if near:
            return "pattern", f"it matches with its secret at {' and '.join(near)}, not at {start}-{end}"
        return "pattern", f"it does not match; {self._how_far()}"

    def _how_far(self) -> str:
        """Say what stretch of the text goes along with the pattern for longest."""
        best = (0, 0)
        for end in range(len(self.text), 0, -1):
            partial = self.pattern.search(self.text[:end], partial=True, timeout=5)
            if partial and partial.end() - partial.start() > best[1] - best[0]:
                best = partial.span()
            if best[1] - best[0] >= end:
                break
        if best[1] == len(self.text):
            return f"it goes along from {best[0]} and lacks something at the end of the text"
        return f"it goes along from {best[0]} to {best[1]} at most" if best[1] else "not even its beginning is there"

    def _by_prefilter(self, start: int, end: int) -> tuple[str, str] | None:
        hits = self.compiled.prefilter.candidates(self.text)
        if self.index not in hits:
            return "prefilter", "it has no hit, though the pattern matches"
        if (start, end) in self._confirmed(hits[self.index]):
            return None
        return "prefilter", "its hits are not near what the pattern matches"

    def _confirmed(self, ends: list[int] | None) -> list[tuple[int, int]]:
        from tightlip.engine import confirm

        reach = self.compiled.reach_of(self.index)
        return [match.span("secret") for match in confirm.matches(self.pattern, reach, self.text, ends)]

    def _by_judge(self, start: int, end: int) -> tuple[str, str] | None:
        confidence, reasons = self._verdict(start, end)
        return None if confidence else ("judge", reasons[0])

    def _verdict(self, start: int, end: int) -> tuple[float, tuple[str, ...]]:
        from tightlip.engine.filters import Surroundings
        from tightlip.engine.judge import judge

        around = Surroundings(self.text, start, end)
        return judge(self.rule, self.text[start:end], around, self.compiled.pattern)

    def _by_company(self, start: int, end: int) -> tuple[str, str] | None:
        from tightlip.engine.resolve import resolve

        requires = self.rule.requires
        if requires is None:
            return None
        every = self._judged()
        own = next(it for it in every if it.rule.id == self.rule.id and (it.start, it.end) == (start, end))
        partners = [it for it in every if it.rule.id == requires.rule]
        apart = own.but(start=-2, end=-1)  # so that none of them takes its place
        if apart in resolve([apart, *partners]):
            return None
        if not partners:
            return "requires", f"{requires.rule} does not match"
        away = min(max(own.line - it.line, it.line - own.end_line) for it in partners)
        return "requires", f"the nearest {requires.rule} is {away} lines away, more than {requires.within}"

    def _by_place(self, start: int, end: int) -> tuple[str, str]:
        standing = self.scanner.scan(self.text, self.path).matches
        over = [it for it in standing if it.start < end and start < it.end]
        if any(it.rule.id == self.rule.id and (it.start, it.end) == (start, end) for it in over):
            confidence, reasons = self._verdict(start, end)
            return "found", f"{confidence:.2g}, {', '.join(reasons)}"
        others = [f"{it.rule.id} ({it.confidence:.2g})" for it in over]
        return "place", f"taken by {' and '.join(others)}" if others else "not sure enough to be reported"

    def _judged(self) -> list[Match]:
        """Return what all rules make of the text under its path, before the best of several is chosen."""
        return [
            match
            for form in self.scanner.judged(self.text)
            for index, match in form.matches
            if self.compiled.applies(index, self.path)
        ]


class _ServiceTrace(_Trace):
    """The way of a rule without a pattern: generic rules find its values, and names before them say whose these are."""

    def _spans(self) -> list[tuple[int, int]]:
        generic = [rule for rule in self.compiled.rules if _LEARNED in rule.filters]
        spans = [span for rule in generic for span in _secrets(self.compiled.pattern(rule.pattern), self.text)]
        return sorted(set(spans))

    def kept_out(self) -> Stage:
        return Stage(0, 0, "pattern", "no generic rule matches")

    def _by_pattern(self, start: int, end: int) -> tuple[str, str] | None:
        if (start, end) not in self.matched:
            return (
                "pattern",
                "no generic rule matches there: a value has to be given to a name that speaks of secrets",
            )
        return None

    def _by_prefilter(self, start: int, end: int) -> tuple[str, str] | None:
        value = self.text[start:end]
        if not self.compiled.pattern(self.rule.token).fullmatch(value):
            return "token", "it does not match the whole value"
        whose = self.compiled.services.of(self.text, start, value)
        if whose is None:
            return "service", f"{' or '.join(self.rule.service)} does not stand before it, or not near enough"
        if whose.id != self.rule.id:
            return "service", f"{whose.id} has the same form, and its service is named nearer"
        return None
