"""A scanner that asks an index of known secrets, too: for the hook, where the user's own configuration names one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NoReturn

from tightlip.engine import Outcome, Scanner
from tightlip.engine.compiled import Compiled, Rules
from tightlip.engine.text import as_utf8, encoding_of, is_plain, placed
from tightlip.finding import Unscanned
from tightlip.known.candidates import candidates
from tightlip.known.index import Index, read
from tightlip.known.telling import REMEDIATION, RULE
from tightlip.model import Secret
from tightlip.rule import Match, Rule

MOST = 500
"""Values that are asked about in one run of the hook: ten seconds on two processors."""
_MOST_PLACES = 100


def indexed(own: Scanner, paths: Sequence[str]) -> Scanner:
    """Return a scanner that asks indexes beside its rules. Raises `UsageError` where one cannot be read."""
    return Indexed(own, read(paths))


class Indexed(Scanner):
    """A scanner with indexes beside its rules."""

    def __init__(self, own: Scanner, indexes: Sequence[Index]) -> None:
        self.own, self.indexes = own, indexes
        self.min_confidence, self.limit, self.pragmas = own.min_confidence, own.limit, own.pragmas
        made = ", ".join(sorted({index.made for index in indexes}))
        self._rule = Rule(RULE, f"known secret (the index of {made} has it)", "", "critical", 1.0, "", REMEDIATION)
        self.compiled = _Compiled(own.compiled, self._rule)
        self._lengths = frozenset[int]().union(*(index.lengths for index in indexes))
        self._before: dict[bytes, set[bytes]] = {}
        self._known: dict[bytes, bool] = {}
        """Verdicts, by the value: in memory, and only while the hook runs."""

    def __reduce__(self) -> NoReturn:
        """Refuse: it is for the hook, which is one process."""
        raise TypeError("a scanner with an index is of one process")

    def may_hold(self, data: bytes, path: bytes) -> bool:
        """Whether `data` could hold something: an index says so only when it is asked."""
        del path
        return bool(data)

    def brings_nothing(self, data: bytes, old: bytes, path: bytes) -> bool:
        """Whether all that `data` could hold was in `old`, its earlier version; what was is not asked about."""
        if data == old:
            return True
        before = self._before[path] = candidates(old, self._lengths)
        return not self._candidates(data) - before and self.own.brings_nothing(data, old, path)

    def judged(self, data: bytes, *, any_path: bool = True) -> NoReturn:
        """Refuse: what is judged apart from its path, as in a scan of every object, is too much to ask about."""
        del data, any_path
        raise TypeError("an index is asked by the hook only")

    def scan(self, data: bytes, path: bytes = b"") -> Outcome:
        """Return what rules find in `data`, and what an index knows."""
        outcome = self.own.scan(data, path)
        asked = self._candidates(data) - self._before.get(path, set())
        unscanned = [*outcome.unscanned, *self._ask(asked, path)]
        known = [value for value in asked if self._known.get(value)]
        if not known:
            return Outcome(outcome.text, outcome.matches, unscanned)
        text = _text(data)
        matches = [match for _, match in placed(text, [(0, it) for it in self._matches(text, known)], ())]
        kept = [it for it in outcome.matches if not any(it.start < m.end and m.start < it.end for m in matches)]
        return Outcome(text, sorted([*kept, *matches], key=lambda match: match.start), unscanned)

    def _candidates(self, data: bytes) -> set[bytes]:
        return candidates(_text(data), self._lengths)

    def _ask(self, values: set[bytes], path: bytes) -> Iterator[Unscanned]:
        new = sorted(values - self._known.keys())
        left = max(MOST - len(self._known), 0)
        for index in self.indexes:
            fitting = [value for value in new[:left] if len(value) in index.lengths]
            self._known |= dict.fromkeys(index.holds(fitting), True)
        for value in new[:left]:
            self._known.setdefault(value, False)
        if len(new) > left:
            why = f"{len(new) - left} values in it that look like secrets were too many to ask the index about"
            yield Unscanned(os.fsdecode(path), f"{why}; run `tightlip scan-staged --known KIND:WHERE`")

    def _matches(self, text: bytes, known: Sequence[bytes]) -> Iterator[Match]:
        from tightlip.known.forms import forms

        for value in known:
            for form, through in forms(value).items():
                at, places = text.find(form), 0
                while at >= 0 and places < _MOST_PLACES:
                    end = at + len(form)
                    encoded = Secret(form) if form != value else None
                    yield Match(
                        self._rule,
                        Secret(value),
                        at,
                        end,
                        1.0,
                        ("an index of known secrets has it",),
                        decoded_through=through,
                        encoded=encoded,
                    )
                    at, places = text.find(form, end), places + 1


def _text(data: bytes) -> bytes:
    encoding = "" if is_plain(data) else encoding_of(data)
    return as_utf8(data, encoding) if encoding else data


class _Rules(Rules):
    """Rules, and the one of known secrets."""

    def __init__(self, own: Rules, rule: Rule) -> None:
        self._own, self._rule = own, rule

    def __len__(self) -> int:
        return len(self._own)

    def __getitem__(self, index: int) -> Rule:
        return self._own[index]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._own)

    def of(self, id_: str) -> Rule:
        """Return the rule of an id."""
        return self._rule if id_ == self._rule.id else self._own.of(id_)


class _Compiled(Compiled):
    """Compiled rules that know the one of known secrets by its id."""

    def __init__(self, own: Compiled, rule: Rule) -> None:
        self.__dict__.update(own.__dict__)
        self._own, self._rule = own, rule

    @property
    def rules(self) -> Rules:
        """The rules, those of the prefilter first."""
        return _Rules(self._own.rules, self._rule)
