"""The cache of compiled rules: quick, and never trusted from a place that others can write."""

from __future__ import annotations

import multiprocessing
import os
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from tightlip import necessary, rules
from tightlip.engine import compiled, compiling, prefilter, rulecache, selfcheck
from tightlip.errors import RuleError
from tightlip.rules import RuleSet

RULE = """
rules:
  - id: {id}
    name: Test key
    severity: high
    confidence: high
    pattern: '(?P<secret>{prefix}_[0-9a-z]{{12}})'
    remediation: [Revoke it.]
    examples: {{match: ['«{prefix}_[0-9a-z]{{12}}»']}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "rules"
    path.mkdir()
    (path / "a.yaml").write_text(RULE.format(id="a", prefix="tkey"), "utf-8")
    return path


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cached"
    monkeypatch.setenv("TIGHTLIP_CACHE", str(path))
    return path


class Reader:
    """Reads the rules and counts how often."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.times = folder, 0

    def __call__(self) -> RuleSet:
        self.times += 1
        return rules.load_rules(self.folder, with_builtin=False)

    def load(self) -> list[str]:
        return [rule.id for rule in rulecache.load([str(self.folder)], self).rules]


def test_rules_are_read_once_and_then_come_from_the_cache(folder: Path, cached: Path) -> None:
    read = Reader(folder)
    assert read.load() == read.load() == ["a"]
    assert read.times == 1


def test_a_changed_rule_file_is_read_again(folder: Path, cached: Path) -> None:
    read = Reader(folder)
    read.load()
    (folder / "a.yaml").write_text(RULE.format(id="b", prefix="tkey"), "utf-8")
    assert read.load() == ["b"]


def test_a_new_rule_file_is_noticed(folder: Path, cached: Path) -> None:
    read = Reader(folder)
    read.load()
    (folder / "b.yaml").write_text(RULE.format(id="b", prefix="other"), "utf-8")
    assert read.load() == ["a", "b"]


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xe3\xff\xff"])
def test_a_damaged_cache_is_made_anew(folder: Path, cached: Path, damage: bytes) -> None:
    read = Reader(folder)
    read.load()
    next(cached.iterdir()).write_bytes(damage)
    assert read.load() == ["a"]
    assert read.times == 2


def test_a_cache_whose_end_is_missing_is_made_anew(folder: Path, cached: Path) -> None:
    read = Reader(folder)
    read.load()
    file = next(cached.iterdir())
    file.write_bytes(file.read_bytes()[:-1])
    assert read.load() == ["a"]
    assert read.times == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
def test_processes_that_are_forked_read_the_rules_each_for_itself(folder: Path, cached: Path) -> None:
    for number in range(150):
        (folder / f"b{number}.yaml").write_text(RULE.format(id=f"b{number}", prefix=f"key{number}"), "utf-8")
    read = Reader(folder)
    read.load()
    loaded = rulecache.load([str(folder)], read)
    context = multiprocessing.get_context("fork")
    together = context.Barrier(6)
    forked = [context.Process(target=_read_rules, args=(loaded, together)) for _ in range(6)]
    for process in forked:
        process.start()
    for process in forked:
        process.join()
    assert [process.exitcode for process in forked] == [0] * 6


def _read_rules(loaded: compiled.Compiled, together: Barrier) -> None:
    together.wait()
    assert loaded.rules[0].id == "a"


@pytest.mark.skipif(sys.platform == "win32", reason="the user's profile keeps others out")
def test_a_cache_that_others_can_write_is_not_used(folder: Path, cached: Path) -> None:
    read = Reader(folder)
    read.load()
    cached.chmod(0o777)
    read.load()
    cached.chmod(0o700)
    next(cached.iterdir()).chmod(0o666)
    read.load()
    assert read.times == 3


def test_a_cache_that_cannot_be_written_costs_only_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIGHTLIP_CACHE", os.devnull + "/nowhere")
    read = Reader(folder)
    assert read.load() == read.load() == ["a"]
    assert read.times == 2


@pytest.mark.skipif(prefilter.hs is None, reason="there is no Hyperscan here")
def test_a_rule_whose_hits_hyperscan_loses_is_searched_for_without_it(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    blind = prefilter.compile_database([((b"never_found_anywhere",), False)])
    assert selfcheck.missed(prefilter.HyperscanPrefilter(blind, {}), [r"(?P<secret>tkey_[0-9a-z]{12})"]) == [0]
    monkeypatch.setattr(prefilter, "compile_database", lambda _: blind)
    found = compiling.compile_rules(rules.load_rules(folder, with_builtin=False)).prefilter
    assert found.candidates(b"tkey_q7w3e9r1t5y8") == {0: None}


@pytest.mark.skipif(prefilter.hs is None, reason="there is no Hyperscan here")
@pytest.mark.parametrize(("lost", "of"), [([0, 1], None), ([1], [1])])
def test_a_loss_that_only_a_long_text_shows_is_noticed(lost: list[int], of: list[int] | None) -> None:
    patterns = [r"(?P<secret>tkey_[0-9a-z]{12})", r"(?P<secret>okey_[0-9a-z]{12})"]
    database = prefilter.compile_database([((b"tkey_[0-9a-z]{12}",), False), ((b"okey_[0-9a-z]{12}",), False)])

    class Forgetful(prefilter.HyperscanPrefilter):
        """Finds each rule once in a text."""

        def candidates(self, data: bytes) -> prefilter.Candidates:
            return {rule: (ends or [])[:1] for rule, ends in super().candidates(data).items()}

    assert selfcheck.missed(prefilter.HyperscanPrefilter(database, {}), patterns, of) == []
    assert selfcheck.missed(Forgetful(database, {}), patterns, of) == lost


@pytest.mark.skipif(prefilter.hs is None, reason="there is no Hyperscan here")
def test_a_rule_whose_hits_are_lost_in_company_has_a_database_of_its_own(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    real = prefilter.compile_database
    blind = real([((b"never_found_anywhere",), False)])
    monkeypatch.setattr(prefilter, "compile_database", lambda every: real(every) if len(every) == 1 else blind)
    found = compiling.compile_rules(rules.load_rules(folder, with_builtin=False)).prefilter
    assert found.says_where
    assert found.candidates(b"tkey_q7w3e9r1t5y8") == {0: [17]}


@pytest.mark.skipif(prefilter.hs is None, reason="there is no Hyperscan here")
def test_a_rule_that_is_lost_beside_others_that_are_lost_is_alone(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    (folder / "b.yaml").write_text(RULE.format(id="b", prefix="okey"), "utf-8")
    real = prefilter.compile_database
    blind = real([((b"never_found_anywhere",), False)])

    def seeing_one(every: list[tuple[tuple[bytes, ...], bool]]) -> bytes:
        return real(every) if sum(bool(expressions) for expressions, _ in every) == 1 else blind

    monkeypatch.setattr(prefilter, "compile_database", seeing_one)
    found = compiling.compile_rules(rules.load_rules(folder, with_builtin=False)).prefilter
    assert found.says_where
    assert found.candidates(b"tkey_q7w3e9r1t5y8 okey_q7w3e9r1t5y8") == {0: [17], 1: [35]}


@pytest.mark.skipif(prefilter.hs is None, reason="there is no Hyperscan here")
def test_a_pattern_that_hyperscan_does_not_take_is_told_by_its_rule(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    loaded = rules.load_rules(folder, with_builtin=False)
    refused = necessary.of(loaded.rules[0].pattern)._replace(expressions=(b"tkey(?=a)",))
    monkeypatch.setattr(necessary, "of", lambda _: refused)
    with pytest.raises(RuleError, match="rule a: `pattern` is too much for Hyperscan: Zero-width"):
        compiling.compile_rules(loaded)
