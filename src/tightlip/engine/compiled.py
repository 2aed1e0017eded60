"""A rule set that is ready to scan with: a prefilter for all rules, and what is behind it."""

from __future__ import annotations

import marshal

from tightlip.engine import prefilter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeAlias

    import regex

    from tightlip.engine.marks import Mark
    from tightlip.engine.prefilter import Candidates
    from tightlip.engine.reach import Reach
    from tightlip.engine.services import Services
    from tightlip.rule import Rule

    Behind: TypeAlias = tuple[list[tuple[int, int, int]], list[tuple[bytes, ...]], dict[str, list[int]], list[bytes]]
    """What is loaded with the first hit, by rule: how far its matches go, its literals, the rules of each service's
    name, and the rules themselves, each as marshal writes it: of thousands a commit needs a few."""
    _Literals: TypeAlias = dict[int, tuple[bytes, ...]]
    _Paths: TypeAlias = dict[int, tuple[str, tuple[bytes, ...]]]
    """By a rule's index: the pattern that its path must match, and literals of which such a path holds one."""
    Head: TypeAlias = tuple[str, int, _Literals, list[bytes], _Paths, int, list[int], list[int]]
    """The hash of the rules, their reach, those that Hyperscan is not trusted with, the databases of those that it
    loses in company, those that go by path, how many there are, those that need another or are needed by one, and those
    that go by the name before a value."""

MARKS = 6
"""How many marks there are of what may decode; marks.py, which says more, is not loaded on a commit."""


class Rules:
    """The rules, in the order of the prefilter's indexes; each is made when it is asked for."""

    def __init__(self, rows: Sequence[bytes]) -> None:
        self._rows = rows
        self._made: dict[int, Rule] = {}
        self._by_id: dict[str, Rule] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Rule:
        rule = self._made.get(index)
        if rule is None:
            rule = self._made[index] = _rule(marshal.loads(self._rows[index]))
        return rule

    def __iter__(self) -> Iterator[Rule]:
        return map(self.__getitem__, range(len(self._rows)))

    def of(self, id_: str) -> Rule:
        """Return the rule of an id."""
        if not self._by_id:
            from tightlip.wholefile import RULES

            self._by_id = RULES | {rule.id: rule for rule in self}
        return self._by_id[id_]


class Compiled:
    """A prefilter, and the rules behind it, loaded when the first hit asks for one."""

    def __init__(
        self, head: Head, database: bytes, behind: Callable[[], Behind], *, literals_only: bool = False
    ) -> None:
        self.hash, self.reach, unsure, apart, self._paths, self.marks, paired, by_name = head
        self.paired = frozenset(paired)
        """The rules that count only beside another, and these others."""
        self._by_name = frozenset(by_name)
        self.runs = self.marks + MARKS
        """The index of runs that may decode."""
        self._behind = behind
        self._known: tuple[Rules, list[tuple[int, int, int]], dict[str, list[int]]] | None = None
        self._patterns: dict[str, regex.Pattern[bytes]] = {}
        self._services: Services | None = None
        self.verdicts: dict[tuple[int, int, int, bytes], tuple[Rule, float, tuple[str, ...]]] = {}
        """What matches came to, by rule, place and what stands around: versions of a file have much in common."""
        self.stretches: dict[tuple[int, bool, int, int, bytes], tuple[tuple[int, int], ...]] = {}
        """Where values stand in stretches of text, by rule, and how the stretch lies around the hits in it."""
        self.prefilter: prefilter.HyperscanPrefilter | prefilter.LiteralPrefilter
        if database and not literals_only:
            self.prefilter = prefilter.HyperscanPrefilter(database, unsure, self.runs, apart)
        else:
            literals = dict(enumerate(behind()[1]))
            literals |= {index: mark.literals for index, mark in enumerate(every_mark(), self.marks)}
            self.prefilter = prefilter.LiteralPrefilter(literals, self.runs)

    def split(self, found: Candidates) -> tuple[Candidates, Candidates]:
        """Return the hits of rules, and the marks of what may decode: these have the indexes from `marks` on."""
        if not any(index >= self.marks for index in found):
            return found, {}
        marks = {index: ends for index, ends in found.items() if index >= self.marks}
        return {index: ends for index, ends in found.items() if index < self.marks}, marks

    def applies(self, index: int, path: bytes) -> bool:
        """Whether the rule looks at a text under this path."""
        if index in self._by_name:
            from tightlip.engine.quiet import is_quiet  # late: most commits have no such hit

            if is_quiet(path):
                return False
        return index not in self._paths or self._fits(index, path)

    def has_rules_for(self, path: bytes) -> bool:
        """Whether a rule looks at texts under such paths only."""
        return any(self._fits(index, path) for index in self._paths)

    @property
    def paths(self) -> dict[int, tuple[bytes, ...]]:
        """By rule that goes by the path: literals in lower case, one of which such a path holds; none for any path."""
        return {index: literals for index, (_, literals) in self._paths.items()}

    def _fits(self, index: int, path: bytes) -> bool:
        pattern, literals = self._paths[index]
        if literals and not any(literal in path.lower() for literal in literals):
            return False
        import re  # not at the top: most commits hold no path that comes this far

        return re.search(pattern.encode("ascii"), path) is not None

    @property
    def rules(self) -> Rules:
        """The rules, in the order of the prefilter's indexes."""
        return self._loaded()[0]

    def reach_of(self, index: int) -> Reach:
        """Return how far a match of the rule's pattern goes."""
        from tightlip.engine.reach import Reach

        return Reach(*self._loaded()[1][index])

    @property
    def services(self) -> Services:
        """The rules that go by the name of a service."""
        if self._services is None:
            from tightlip.engine.services import Services

            self._services = Services(self._loaded()[2], self.rules)
        return self._services

    def _loaded(self) -> tuple[Rules, list[tuple[int, int, int]], dict[str, list[int]]]:
        if self._known is None:
            reaches, _, services, rows = self._behind()
            self._known = Rules(rows), reaches, services
        return self._known

    def pattern(self, source: str) -> regex.Pattern[bytes]:
        """Return a pattern of a rule, compiled once."""
        found = self._patterns.get(source)
        if found is None:
            from tightlip import patterns  # late: most commits have no hit

            found = self._patterns[source] = patterns.pattern(source.encode("ascii"))
        return found


def _rule(row: dict[str, Any]) -> Rule:
    from tightlip.rule import Requires, Rule

    return Rule(**row | {"requires": row["requires"] and Requires(**row["requires"])})


def every_mark() -> Sequence[Mark]:
    """Return the marks of what may decode, which a commit without a hit does not load."""
    from tightlip.engine.marks import MARKS

    return MARKS
