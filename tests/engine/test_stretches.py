"""A stretch of text is searched by a rule once, and what is found in it is the same wherever it comes back."""

from __future__ import annotations

import pytest

from tightlip.engine import Scanner, confirm
from tightlip.engine.reach import Reach
from tightlip.rule import Rule
from tightlip.rules import rule_set

VALUE = "hJ7" + "kQ2wXm9z"
RULE = Rule("t", "t", "T", "high", 0.9, r"(?<![a-z])key=(?P<secret>[0-9]{4,20})(?![0-9a-z])", ())


def found(scanner: Scanner, text: str) -> list[tuple[int, int]]:
    return [(match.start, match.end) for match in scanner.scan(text.encode()).matches]


def test_what_comes_back_further_down_is_found_there() -> None:
    scanner = Scanner(rule_set([RULE]))
    line = "set key=4915702836\n"
    before = "-" * 200 + "\n"

    assert found(scanner, before + line) == [(209, 219)]
    assert found(scanner, before * 3 + line + before + line) == [(611, 621), (831, 841)]
    assert found(scanner, line) == [(8, 18)]


@pytest.mark.parametrize("changed", ["xkey=4915702836 ", " key=4915702836x", " key=491 "])
def test_what_stands_beside_it_decides_anew(changed: str) -> None:
    scanner = Scanner(rule_set([RULE]))
    around = "." * 300

    assert found(scanner, f"{around} key=4915702836 {around}") == [(305, 315)]
    assert found(scanner, f"{around}{changed}{around}") == []


def test_two_rules_do_not_share_what_they_found() -> None:
    longer = Rule("u", "u", "U", "high", 0.9, r"(?<![a-z])key=(?P<secret>[0-9]{10})[.]", ())
    one, both = Scanner(rule_set([RULE])), Scanner(rule_set([RULE, longer]))
    text = "key=4915702836."

    assert [match.rule.id for match in one.scan(text.encode()).matches] == ["t"]
    assert len(both.compiled.stretches) == 0
    both.scan(text.encode())
    assert {index for index, *_ in both.compiled.stretches} == {0, 1}


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "_MOST_STRETCHES", 3)
    scanner = Scanner(rule_set([RULE]))
    places = found(scanner, "\n".join(f"key={number}" for number in range(5230, 5250)))

    assert len(places) == 20
    assert len(scanner.compiled.stretches) <= 3


def test_a_long_one_is_searched_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "_LONGEST_STRETCH", 4)
    scanner = Scanner(rule_set([RULE]))

    assert found(scanner, "key=4915702836") == [(4, 14)]
    assert not scanner.compiled.stretches


def test_a_match_begins_on_the_hits_own_line_where_it_holds_no_newline() -> None:
    text = b"one\ntwo\nthree key"
    end = len(text)

    assert Reach(before=30, width=30, newlines=0).start(text, end) == 8
    assert Reach(before=30, width=30, newlines=1).start(text, end) == 4
    assert Reach(before=30, width=30, newlines=5).start(text, end) == 0
    assert Reach(before=5, width=30, newlines=0).start(text, end) == end - 5
    assert Reach(before=9, width=30, newlines=99).start(text, end) == end - 9
