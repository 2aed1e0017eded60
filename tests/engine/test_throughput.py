"""No rule makes the prefilter slow: with any built-in pattern it reads source text at a gigabyte per second."""

from __future__ import annotations

import random
import sysconfig
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tightlip import necessary, rules
from tightlip.engine import prefilter

pytestmark = pytest.mark.skipif(prefilter.hs is None, reason="there is no Hyperscan here")

SLOWEST = 11.0
"""Times what one literal takes. That ran at 11 gigabytes per second where this was measured, so that a pattern must run
at one there; dozens of good patterns at once take 2 to 5 times as long as one literal, and the bad ones below 20.
"""
MOST_TURNS = 25
GROUP = 45

Pattern = tuple[Sequence[bytes], bool]
Patterns = Mapping[str, Pattern]


def source_text() -> bytes:
    """A bit of every module of the standard library, so little that it stays in a processor's cache."""
    modules = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    return b"".join(module.read_bytes()[1000:2500] for module in modules)


TEXT = source_text()
MADE_UP = [((bytes(random.Random(seed).choices(b"qzxjkv_0123456789", k=8)),), False) for seed in range(60)]
"""Company for the patterns: with fewer literals Hyperscan goes other ways, that say nothing of the whole rule set."""


def database(patterns: Sequence[Pattern]) -> prefilter.HyperscanPrefilter:
    return prefilter.HyperscanPrefilter(prefilter.compile_database(patterns), {})


def seconds(scanned: prefilter.HyperscanPrefilter) -> float:
    start = time.perf_counter()
    scanned.candidates(TEXT)
    return time.perf_counter() - start


def is_slow(patterns: Patterns) -> bool:
    """Whether the patterns together take too long, turn by turn: some turn is undisturbed on the busiest machine."""
    scanned, one_literal = database([*patterns.values(), *MADE_UP]), database(MADE_UP[:1])
    fastest = trivial = float("inf")
    for turn in range(MOST_TURNS):
        trivial = min(trivial, *(seconds(one_literal) for _ in range(4)))
        fastest = min(fastest, seconds(scanned))
        if turn >= 2 and fastest <= SLOWEST * trivial:
            return False
    return True


def slow(patterns: Patterns) -> list[str]:
    """The names of those that are slow by themselves, found by halving what is slow as a whole."""
    if not is_slow(patterns):
        return []
    if len(patterns) == 1:
        return list(patterns)
    return [name for half in groups(patterns, (len(patterns) + 1) // 2) for name in slow(half)]


def groups(patterns: Patterns, size: int) -> list[Patterns]:
    names = list(patterns)
    return [{name: patterns[name] for name in names[at : at + size]} for at in range(0, len(names), size)]


@pytest.fixture(scope="module")
def built_in() -> Patterns:
    found = {rule.id: necessary.of(rule.pattern) for rule in rules.load_rules().rules if rule.pattern}
    return {name: (part.expressions, part.caseless) for name, part in found.items()}


def test_every_built_in_pattern_reads_source_text_at_a_gigabyte_per_second(built_in: Patterns) -> None:
    assert [name for group in groups(built_in, GROUP) for name in slow(group)] == []


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(rb"[A-Za-z0-9_-]{20,40}", id="it has no literal"),
        pytest.param(rb"[a-z_]{1,9}[=:( ]{1,3}[\w.]{4}", id="it has an equals sign at most"),
        pytest.param(rb"self[\w.]{0,20}", id="it has a word that source text is full of"),
    ],
)
def test_a_pattern_that_is_slow_is_told_by_its_name(built_in: Patterns, bad: bytes) -> None:
    among_good_ones = {**groups(built_in, GROUP)[0], "bad": ((bad,), False)}
    assert slow(among_good_ones) == ["bad"]
