"""Bytes and a path in, matches out."""

from __future__ import annotations

from pathlib import Path

import pytest
import regex

from tightlip import rules
from tightlip.engine import Scanner, confirm
from tightlip.errors import RuleError

RULES = """
rules:
  - id: key
    name: Test key
    severity: high
    confidence: high
    pattern: '\\b(?P<secret>tkey_[0-9a-z]{12})\\b'
    remediation: [Revoke it.]
    examples: {match: ['«tkey_[0-9a-z]{12}»']}
  - id: pair
    name: Test secret beside its key
    severity: critical
    confidence: medium
    pattern: 'pair=(?P<secret>[0-9a-z]{12})\\b'
    requires: {rule: key, within: 2}
    remediation: [Revoke it.]
    examples: {match: ["tkey_[0-9a-z]{12}\\npair=«[0-9a-z]{12}»"]}
  - id: loose
    name: Anything named so
    severity: low
    confidence: low
    pattern: '(?:key|pair)[_=](?P<secret>[0-9a-z]{9,20})'
    remediation: [Look.]
    examples: {match: ['key=«[0-9a-z]{9}»']}
  - id: by-path
    name: Only in its file
    severity: low
    confidence: high
    path: '(^|/)\\.trc$'
    pattern: 'pass (?P<secret>[0-9a-z]{9})\\b'
    remediation: [Look.]
    examples: {match: [{path: .trc, text: 'pass «[0-9a-z]{9}»'}]}
"""
KEY = "tkey_" + "q7w3e9r1t5y8"


@pytest.fixture(scope="module", params=["hyperscan", "literals"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scanner:
    file = tmp_path_factory.mktemp("rules") / "rules.yaml"
    file.write_text(RULES, "utf-8")
    return Scanner(rules.load_rules(file, with_builtin=False), literals_only=request.param == "literals")


def found(engine: Scanner, text: str | bytes, path: str = "") -> list[tuple[str, int, int]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(match.rule.id, match.line, match.column) for match in engine.scan(data, path.encode()).matches]


def test_a_match_has_the_line_and_column_of_the_secret(engine: Scanner) -> None:
    assert found(engine, f"a\nb = {KEY}\n") == [("key", 2, 5)]


def test_columns_count_characters_not_bytes(engine: Scanner) -> None:
    assert found(engine, f"héé€𝄞 {KEY}") == [("key", 1, 7)]


def test_a_byte_order_mark_is_no_column(engine: Scanner) -> None:
    assert found(engine, f"\ufeff{KEY}") == [("key", 1, 1)]


def test_lines_that_end_in_crlf_are_one_line_each(engine: Scanner) -> None:
    assert found(engine, f"a\r\nb\r\n{KEY}\r\n") == [("key", 3, 1)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_and_32_are_read_and_said(engine: Scanner, encoding: str) -> None:
    outcome = engine.scan(f"first line\nkey: {KEY}\n".encode(encoding))
    assert [(m.line, m.column) for m in outcome.matches] == [(2, 6)]
    assert outcome.matches[0].decoded_through[0].startswith(encoding[:6])


@pytest.mark.parametrize("before", [b"\xff\xfe", b"\xfe\xff", "first line, wide\n".encode("utf-16-le") * 40])
def test_a_mark_or_a_beginning_of_another_encoding_hides_nothing(engine: Scanner, before: bytes) -> None:
    assert [rule for rule, _, _ in found(engine, before + b"\n" + KEY.encode() + b"\n")] == ["key"]


def test_nul_bytes_do_not_end_a_text(engine: Scanner) -> None:
    assert found(engine, b"\0\1\2\0" * 50 + b"\n" + KEY.encode()) == [("key", 2, 1)]


def test_a_line_of_ten_megabytes_is_searched_to_its_end(engine: Scanner) -> None:
    assert found(engine, "x " * 5_000_000 + KEY) == [("key", 1, 10_000_001)]


def test_an_empty_text_holds_nothing(engine: Scanner) -> None:
    assert found(engine, b"") == []


def test_of_two_rules_at_one_place_the_surer_one_stands(engine: Scanner) -> None:
    assert found(engine, KEY) == [("key", 1, 1)]


def test_a_rule_that_requires_another_needs_it_within_so_many_lines(engine: Scanner) -> None:
    assert found(engine, f"{KEY}\n\npair=z8x6c4v2b0n1") == [("key", 1, 1), ("pair", 3, 6)]
    assert found(engine, f"pair=z8x6c4v2b0n1\n\n{KEY}") == [("pair", 1, 6), ("key", 3, 1)]
    assert found(engine, f"{KEY}\n\n\npair=z8x6c4v2b0n1") == [("key", 1, 1)]


def test_a_rule_with_a_path_is_silent_elsewhere(engine: Scanner) -> None:
    assert found(engine, "pass q7w3e9r1t", "home/.trc") == [("by-path", 1, 6)]
    assert found(engine, "pass q7w3e9r1t", "home/other") == []


def test_what_is_less_sure_than_asked_for_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(RULES, "utf-8")
    loaded = rules.load_rules(tmp_path, with_builtin=False)
    assert found(Scanner(loaded), "key=q7w3e9r1t5") == []
    assert found(Scanner(loaded, min_confidence=0.2), "key=q7w3e9r1t5") == [("loose", 1, 5)]


def test_a_rule_that_takes_too_long_is_told_and_hides_no_other(
    engine: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = regex.compile(rb"pair=(?P<secret>(?:(?:a|a|a|a){1,30}){1,30}z)")
    monkeypatch.setattr(confirm, "TIMEOUT", 0.05)
    pattern = engine.compiled.pattern
    monkeypatch.setattr(engine.compiled, "pattern", lambda source: slow if "pair=" in source else pattern(source))
    outcome = engine.scan(b"pair=" + b"a" * 12 + b" z\n" + KEY.encode(), b"a.txt")
    assert [match.rule.id for match in outcome.matches] == ["key"]
    assert [(item.what, item.why) for item in outcome.unscanned] == [("a.txt", "rule pair took too long on it")]


def test_an_unknown_company_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(RULES.replace("rule: key", "rule: nobody"), "utf-8")
    with pytest.raises(RuleError, match="rule pair: requires names a rule that is not there: nobody"):
        rules.load_rules(tmp_path, with_builtin=False)
