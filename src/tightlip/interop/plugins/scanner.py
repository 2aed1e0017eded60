"""A scanner whose texts plugins of detect-secrets look through as well. What a rule finds itself stays the rule's."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING, NoReturn

from tightlip.engine import Outcome, Scanner
from tightlip.engine.compiled import Compiled, Rules
from tightlip.engine.text import as_utf8, encoding_of, is_plain, placed
from tightlip.finding import Unscanned
from tightlip.interop.plugins.process import Plugins, Row
from tightlip.model import Secret
from tightlip.rule import Match, Rule

if TYPE_CHECKING:
    from tightlip.config.settings import DetectSecrets
    from tightlip.finding import Report

PREFIX = "detect-secrets-"
"""What the ids of their rules begin with; the type of secret follows, as in a report that is converted."""
_MEDIUM, _LOW = 0.6, 0.3
_UNSURE = frozenset(("Base64 High Entropy String", "Hex High Entropy String", "Public IP (ipv4)", "Secret Keyword"))
"""Types that go by how a value looks, or by the name before it, alone."""
_ADVICE = (
    "Find out what it opens, and make it worthless where it was issued.",
    "Keep the new one outside the code, in a secret store.",
)
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")
_SHORTEST = 8
_IN_A_VALUE = re.compile(rb"[\w.+/=~-]*")
_ABOUT_HISTORY = "detect-secrets' plugins looked at what branches, tags and other refs reach"


def plugged(own: Scanner, wanted: DetectSecrets) -> Scanner:
    """Return a scanner with plugins beside its rules. Raises `UsageError` where they cannot be had."""
    return Plugged(own, Plugins(wanted.plugins, wanted.custom))


def with_history(scan: Callable[[Scanner], Report], scanner: Scanner, reached: Callable[[], None] | None) -> Report:
    """Return the report of a history: rules look at every object; plugins, in a scan of theirs, at what refs reach.

    Parameters: `reached`, what makes `scan` one of no more than that; None where it is a scan of less anyway.
    """
    if not isinstance(scanner, Plugged):
        return scan(scanner)
    report = scan(scanner.own)
    if report.interrupted:
        return report
    if reached:
        reached()
    more = scan(Plugged(scanner.own, scanner.plugins, alone=True))
    return replace(
        report,
        findings=report.findings + more.findings,
        unscanned=tuple(dict.fromkeys((*report.unscanned, *more.unscanned))),
        seconds=report.seconds + more.seconds,
        allowed=report.allowed + more.allowed,
        interrupted=more.interrupted,
        notes=(*report.notes, *([_ABOUT_HISTORY] if reached else [])),
    )


class Plugged(Scanner):
    """A scanner with plugins beside its rules.

    Parameters: `own`, a scanner with the rules; `alone`, whether to leave out what a rule finds, which is told already.
    """

    def __init__(self, own: Scanner, plugins: Plugins, *, alone: bool = False) -> None:
        self.own, self.plugins, self._alone = own, plugins, alone
        self.min_confidence, self.limit, self.pragmas = own.min_confidence, own.limit, own.pragmas
        self._rules = {kind: _rule(kind) for kind in plugins.kinds}
        self.compiled = _Compiled(own.compiled, tuple(self._rules.values()))

    def __reduce__(self) -> NoReturn:
        """Refuse: a process is of one process."""
        raise TypeError("a scanner with plugins is of one process")

    @property
    def rules_hash(self) -> str:
        """SHA-256 of the rules and of what the plugins are, in hexadecimal."""
        return sha256(f"{self.own.rules_hash} {self.plugins.made_of}".encode()).hexdigest()

    def may_hold(self, data: bytes, path: bytes) -> bool:
        """Whether `data` could hold something: nobody knows before the plugins have looked."""
        del path
        return bool(data)

    def brings_nothing(self, data: bytes, old: bytes, path: bytes) -> bool:
        """Whether all that `data` could hold was in `old`, its earlier version."""
        del path
        return data == old

    def judged(self, data: bytes, *, any_path: bool = True) -> NoReturn:
        """Refuse: what is judged apart from its path, as in a scan of every object, no plugin looks at."""
        del data, any_path
        raise TypeError("plugins do not look at objects apart from their paths")

    def scan(self, data: bytes, path: bytes = b"") -> Outcome:
        """Return what rules and plugins find in `data`; plugins look at no name by itself, and at no binary."""
        outcome = self.own.scan(data, path)
        kept = [] if self._alone else outcome.matches
        unscanned = [] if self._alone else outcome.unscanned
        text, through = _read(data, outcome)
        if data == path or b"\0" in text:
            return Outcome(outcome.text, kept, unscanned)
        name = os.fsdecode(path)
        looked = self.plugins.look(name, text)
        if looked.failed:
            unscanned = [*unscanned, Unscanned(name, looked.failed)]
        taken = _Taken((match.start, match.end) for match in outcome.matches)
        return Outcome(text, [*kept, *self._matches(text, through, looked.rows, taken)], unscanned)

    def _matches(self, text: bytes, through: tuple[str, ...], rows: Iterable[Row], taken: _Taken) -> Iterator[Match]:
        """Yield what the plugins find and no rule does: of several at one place the surest, the first of these."""
        lines = text.split(b"\n")
        starts = [0, *accumulate(len(line) + 1 for line in lines)]
        found = [match for row in rows if (match := self._match(row, starts[row.line - 1], lines[row.line - 1]))]
        for _, match in placed(text, [(0, it) for it in sorted(found, key=_surest)], through):
            if match.confidence >= self.min_confidence and taken.take(match.start, match.end):
                yield match

    def _match(self, row: Row, begin: int, line: bytes) -> Match | None:
        rule = self._rules.get(row.kind)
        if rule is None:
            rule = self._rules[row.kind] = _rule(row.kind)
            self.compiled = _Compiled(self.own.compiled, tuple(self._rules.values()))
        value = row.value.encode("utf-8", "surrogateescape")
        at = line.find(value)
        if at < 0:  # made of what stands there
            value, at = line.strip(), len(line) - len(line.lstrip())
        elif len(value) < _SHORTEST:  # the beginning, which is that of every token of the kind
            value += _whole(line, at + len(value))
        if not value:
            return None
        start = begin + at
        reason = f"detect-secrets' {row.plugin} finds it"
        return Match(rule, Secret(value), start, start + len(value), rule.confidence, (reason,))


class _Taken:
    """Where in a text something is found already, in order: plugins may find very many."""

    def __init__(self, ranges: Iterable[tuple[int, int]]) -> None:
        self._starts, self._ends = list[int](), list[int]()
        for start, end in sorted(ranges):
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def take(self, start: int, end: int) -> bool:
        """Take a range, and return whether nothing was there."""
        at = bisect_left(self._starts, end)
        if at and start < self._ends[at - 1]:
            return False
        self._starts.insert(at, start)
        self._ends.insert(at, end)
        return True


class _Rules(Rules):
    """Rules, and those of plugins behind them."""

    def __init__(self, own: Rules, more: Sequence[Rule]) -> None:
        self._own, self._more = own, more

    def __len__(self) -> int:
        return len(self._own) + len(self._more)

    def __getitem__(self, index: int) -> Rule:
        return self._own[index] if index < len(self._own) else self._more[index - len(self._own)]

    def __iter__(self) -> Iterator[Rule]:
        yield from self._own
        yield from self._more

    def of(self, id_: str) -> Rule:
        """Return the rule of an id."""
        return next((rule for rule in self._more if rule.id == id_), None) or self._own.of(id_)


class _Compiled(Compiled):
    """Compiled rules that know those of plugins by their ids, too."""

    def __init__(self, own: Compiled, more: Sequence[Rule]) -> None:
        self.__dict__.update(own.__dict__)
        self._own, self._more = own, more

    @property
    def rules(self) -> Rules:
        """The rules, those of the prefilter first."""
        return _Rules(self._own.rules, self._more)


def _rule(kind: str) -> Rule:
    """Return what stands for a plugin where a rule is asked for. Nobody says what an attacker gains: it is `high`."""
    return Rule(
        id=PREFIX + _NOT_IN_ID.sub("-", kind.lower()).strip("-"),
        name=" ".join(kind.split()),
        provider="",
        severity="high",
        confidence=_LOW if kind in _UNSURE else _MEDIUM,
        pattern="",
        remediation=_ADVICE,
    )


def _read(data: bytes, outcome: Outcome) -> tuple[bytes, tuple[str, ...]]:
    """Return the text in which plugins look, which is that of the rules' matches if there are any, and its encoding."""
    encoding = "" if is_plain(data) else encoding_of(data)
    text = as_utf8(data, encoding) if encoding else b""
    if encoding and (not outcome.matches or outcome.text == text):
        return text, (encoding,)
    return outcome.text, ()


def _surest(match: Match) -> tuple[float, int]:
    return -match.confidence, match.start


def _whole(line: bytes, at: int) -> bytes:
    """Return what belongs to a value of which only the beginning, up to `at`, is known."""
    found = _IN_A_VALUE.match(line, at)
    return found[0] if found else b""
