"""How fast patterns are: each alone and all at once, and what it takes to confirm what they hit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from tightlip import necessary
from tightlip.engine import confirm, prefilter
from tightlip.engine.compiled import Compiled
from tightlip.engine.compiling import compile_rules
from tightlip.errors import UsageError
from tightlip.rule import Rule
from tightlip.rules import RuleSet

_EXACT = time.get_clock_info("process_time").resolution < 1e-5
clock = time.process_time if _EXACT else time.perf_counter
"""Time on the processor, so that others on the machine do not count; Windows counts that in 64ths of a second."""
_T = TypeVar("_T")
_Texts = Sequence[bytes]


class Scanned(NamedTuple):
    """What it took to look through all texts: the fastest turn's seconds, and how many hits there were."""

    seconds: float
    hits: int


class Confirmed(NamedTuple):
    """What became of a rule's hits."""

    seconds: float
    matches: int
    """Of the pattern."""
    secrets: int
    """What of these was judged to be one."""


class Speed(NamedTuple):
    """What a rule costs."""

    rule: str
    alone: Scanned
    confirmed: Confirmed


class Measured(NamedTuple):
    """What rules cost on texts."""

    files: int
    size: int
    together: Scanned
    speeds: Sequence[Speed]
    """The slowest first."""


def measure(rules: Sequence[Rule], texts: _Texts, turns: int) -> Measured:
    """Look through texts with each rule alone and with all of them, and confirm what they hit.

    Raises `UsageError` where there is no Hyperscan, no rule, or nothing to look through.
    """
    if prefilter.hs is None:
        raise UsageError("there is no Hyperscan here, and no other throughput is worth measuring")
    if not rules:
        raise UsageError("there is no rule with a pattern to measure")
    if not any(texts):
        raise UsageError("there is no text to look through")
    databases = [database([rule]) for rule in rules]
    together, *alone = scan([database(rules), *databases], texts, turns)
    confirmed = confirming(compile_rules(RuleSet(tuple(rules), "")), texts)
    speeds = map(Speed, (rule.id for rule in rules), alone, confirmed)
    slowest = sorted(speeds, key=lambda it: -it.alone.seconds)
    return Measured(len(texts), sum(map(len, texts)), together, slowest)


def database(rules: Sequence[Rule]) -> bytes:
    """Compile as the engine does."""
    parts = [necessary.of(rule.pattern) for rule in rules]
    return prefilter.compile_database([(part.expressions, part.caseless) for part in parts])


def scan(databases: Sequence[bytes], texts: _Texts, turns: int) -> list[Scanned]:
    """Look through the texts with each database in turns, A B C A B C, so that a busy moment hits all of them."""
    fastest = [float("inf")] * len(databases)
    hits = [0] * len(databases)
    loaded = [prefilter.HyperscanPrefilter(database, {}) for database in databases]
    for _ in range(turns):
        for at, one in enumerate(loaded):
            start = clock()
            found = [one.candidates(text) for text in texts]
            fastest[at] = min(fastest[at], clock() - start)
            hits[at] = sum(len(ends) for candidates in found for ends in candidates.values() if ends)
    return list(map(Scanned, fastest, hits))


def confirming(compiled: Compiled, texts: _Texts) -> list[Confirmed]:
    """Confirm and judge what each rule hits, once, and return what that took, in the order of the rules."""
    found = [Confirmed(0.0, 0, 0)] * len(compiled.rules)
    for index in range(len(found)):  # so that compiling a pattern is not taken for confirming
        compiled.pattern(compiled.rules[index].pattern)
    for text in texts:
        hits = compiled.prefilter.candidates(text)
        for index in hits.keys() & range(len(found)):  # not everything that is found is a rule's
            found[index] = _more(found[index], compiled, index, text, hits[index])
    return found


def _more(so_far: Confirmed, compiled: Compiled, index: int, text: bytes, ends: list[int] | None) -> Confirmed:
    pattern = compiled.pattern(compiled.rules[index].pattern)
    matches = sum(1 for _ in confirm.matches(pattern, compiled.reach_of(index), text, ends))
    secrets, seconds = timed(lambda: sum(1 for _ in confirm.confirmed(compiled, index, text, ends)))
    return Confirmed(so_far.seconds + seconds, so_far.matches + matches, so_far.secrets + secrets)


def timed(work: Callable[[], _T]) -> tuple[_T, float]:
    """Return what `work` does, and the seconds it takes."""
    start = clock()
    return work(), clock() - start
