"""The prefilter may say too much, never too little."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tightlip import builtin, necessary, rules
from tightlip.engine import compiling, confirm

LOADED = list(rules.read(builtin.folder()))
SET = rules.rule_set(loaded.rule for loaded in LOADED)
FAST = compiling.compile_rules(SET)
TEXTS = [example.text.encode() for loaded in LOADED for example in (*loaded.match, *loaded.no_match)]
PATTERNED = [index for index, rule in enumerate(FAST.rules) if rule.pattern]


def spans(index: int, data: bytes, ends: list[int] | None) -> list[tuple[int, int]]:
    rule = FAST.rules[index]
    return [match.span() for match in confirm.matches(FAST.pattern(rule.pattern), FAST.reach_of(index), data, ends)]


@pytest.mark.parametrize(
    ("pattern", "expression", "literals"),
    [
        (r"\b(?P<secret>tok_[a-z]{8})\b", rb"\btok_[a-z]{8}\b", (b"tok_",)),
        (r"\b[\w.-]{0,50}key=(?P<secret>[0-9a-f]{32,64})\b", rb"key=[0-9a-f]{32}", (b"key=",)),
        (r"(?i)token(?:_x)?\s{0,3}=(?P<secret>\d{9})(?!\d)", rb"(?i)token(?:_x)?\s{0,3}=\d{9}", (b"token",)),
        (r"(?P<secret>BEGIN KEY[a-z\n]{64,9000}END KEY)", rb"BEGIN KEY[a-z\n]{64}", (b"begin key",)),
        (
            r"(?:pass(?:word|wd)?|pwd)=(?P<secret>[a-z]{6})",
            rb"(?:pass(?:word|wd)?|pwd)=[a-z]{6}",
            (b"pwd=", b"pass=", b"passwd=", b"password="),
        ),
    ],
)
def test_a_pattern_is_cut_to_what_every_match_contains(
    pattern: str, expression: bytes, literals: tuple[bytes, ...]
) -> None:
    found = necessary.of(pattern)
    flags = regex.IGNORECASE if found.caseless else 0
    whole = regex.compile(expression, flags)
    for text in (
        b"tok_abcdefgh",
        b"key=" + b"0a" * 16,
        b"ToKeN = 123456789",
        b"BEGIN KEY" + b"a" * 70,
        b"passwd=abcdef",
        b"pwd=abcde",
    ):
        assert bool(regex.search(found.expression, text, flags)) == bool(whole.search(text))
    assert sorted(found.literals) == sorted(literals)


def test_hyperscan_and_plain_search_find_the_same_on_every_example() -> None:
    for index in PATTERNED:
        for example in (*LOADED[index].match, *LOADED[index].no_match):
            assert_same(example.text.encode(), [index])


def test_they_find_the_same_on_the_examples_of_other_rules() -> None:
    for data in random.Random(3).sample(TEXTS, 200):
        assert_same(data)


def test_they_find_the_same_in_long_shuffled_texts() -> None:
    dice = random.Random(7)
    for _ in range(10):
        parts = dice.sample(TEXTS, min(200, len(TEXTS)))
        assert_same(b"".join(part + dice.choice((b"", b"\n", b" ", b"a", b"_")) for part in parts))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(TEXTS) | st.binary(max_size=30), max_size=6), st.data())
def test_they_find_the_same_in_texts_cut_and_joined_anywhere(parts: list[bytes], data: st.DataObject) -> None:
    cut = [part[data.draw(st.integers(0, len(part))) :] if data.draw(st.booleans()) else part for part in parts]
    assert_same(b"".join(cut))


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"password[a-z]{0,9}=(?P<secret>[0-9]{3}acme[0-9a-f]{32})", (b"acme",)),
        (r"(?i)(?:token|secret)[0-9]=(?P<secret>[a-z]{9})vendor[0-9]{6}", (b"vendor",)),
        (r"(?P<secret>AAAAAAAA[0-9A-Za-z]{20}%3D[0-9A-Za-z]{9})", (b"%3d",)),
        (r"(?P<secret>x9[0-9]{9}AAAAAAAA)", (b"aaaaaaaa",)),
        (r"(?i:token)=(?P<secret>[0-9]{9})", (b"token=",)),
        (r"(?i:acme)[\w.-]{0,20}(?i:secret|token)[\w.-]{0,20}=(?P<secret>[0-9]{9})", (b"acme",)),
        (r"private[0-9]=(?P<secret>[a-z]{9})vendo[0-9]{9}", (b"vendo",)),
        (r"private[0-9]=(?P<secret>[a-z]{9})vendo", (b"private",)),  # or each vendo would be a hit
        (r"https?://[\w.-]{1,60}/hooks/(?P<secret>[0-9a-z]{26})", (b"/hooks/",)),
    ],
)
def test_it_starts_where_ordinary_text_seldom_does(pattern: str, literals: tuple[bytes, ...]) -> None:
    assert necessary.of(pattern).literals == literals


@pytest.mark.parametrize(
    "pattern",
    [
        r"acme_co[\w.-]{0,20}(?:secret|token)=(?P<secret>[0-9a-f]{4})",
        r"(?:acme_co|(?i:emcacmo)[_.-]corp)[\w. -]{0,20}(?:secret|token)[ ]{0,9}=(?P<secret>[0-9a-f]{4})",
    ],
)
def test_hyperscan_is_given_no_other_literal_to_start_at(pattern: str) -> None:
    texts = b"acme_co_secret=0a0a", b"x acme_co.token=0a0a", b"EMCACMO-corp secret=0a0a", b"Emcacmo.corp_token=0a0a"
    others = b"acme_co_secrets=0a0a", b"acme_co_secret=0a0x", b"acm_secret=0a0a", b"EMCACMO-Corp_secret=0a0a"
    found = necessary.of(pattern)
    cut, whole = regex.compile(found.expression), regex.compile(pattern.encode())
    for text in texts + others:
        assert bool(cut.search(text)) == bool(whole.search(text)), text
    assert b"\\x6b" in found.expression, "the k of token"
    assert not re.search(rb"\\x6f\\x6b|\\x65\\x63", found.expression), "but neither ok nor ec one after the other"


def test_two_letters_are_searched_for_where_ordinary_text_has_few_of_them() -> None:
    found = necessary.of(r"(?i:client|token)[^;]{0,40}(?P<secret>YC[0-9a-f]{32})\b")
    assert regex.search(found.expression, b"YC" + b"0" * 32)
    assert set(found.literals) == {b"client", b"token"}, "but not where each rule's literals are searched one by one"


def test_it_ends_at_a_repeat_that_varies_once_it_is_sure_enough() -> None:
    cut = regex.compile(necessary.of(r"(?P<secret>acme_[0-9a-z]{19,22}\.[0-9a-z]{6})").expression)
    assert cut.fullmatch(b"acme_" + b"0" * 19)
    whole = regex.compile(necessary.of(r"(?P<secret>acme_[0-9a-z]{2,5}\.[0-9a-z]{6})").expression)
    assert not whole.search(b"acme_000000")


def test_of_a_long_repeat_it_asks_for_no_more_than_tells() -> None:
    cut = regex.compile(necessary.of(r"(?P<secret>acme_[0-9a-z]{90}\.[0-9a-z]{6})").expression)
    assert cut.fullmatch(b"acme_" + b"0" * 19)


def test_it_ends_earlier_where_it_varies_widely() -> None:
    cut = regex.compile(necessary.of(r"acmeco[0-9]{0,20}token[0-9]{0,30}=[ ]{0,9}(?P<secret>[0-9a-z]{40})").expression)
    assert cut.fullmatch(b"acmecotoken=")


def test_of_an_alternative_that_is_too_wide_it_keeps_how_each_branch_begins() -> None:
    found = regex.compile(necessary.of(r"acme(?:[^\n]{0,90} -u|[^\n]{91,400} -u)(?P<secret>[a-z]{9})").expression)
    assert found.search(b"acme --silent -uabcdefghi")
    assert found.search(b"acme" + b"-" * 91)
    assert not found.search(b"acme --silent\n -u" + b"-" * 91)


@cache
def texts_and_reach(index: int) -> tuple[st.SearchStrategy[bytes], regex.Pattern[bytes], int]:
    """Texts that a rule's expression matches as a whole, the expression, and how far it says it reaches."""
    found = necessary.of(FAST.rules[index].pattern)
    # As text, since Hypothesis makes no bytes of what has no case.
    as_text = re.compile(found.expression.decode("ascii"), re.ASCII)
    texts = st.from_regex(as_text, fullmatch=True, alphabet=st.characters(max_codepoint=255))
    flags = regex.IGNORECASE if found.caseless else 0
    return texts.map(lambda text: text.encode("latin-1")), regex.compile(found.expression, flags), found.reach


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_hit_of_a_built_in_rule_spans_more_than_its_reach(data: st.DataObject) -> None:
    index = data.draw(st.sampled_from(PATTERNED))
    texts, expression, reach = texts_and_reach(index)
    text = data.draw(texts)
    spans = [match.end() - match.start() for match in expression.finditer(text, overlapped=True)]
    assert spans, FAST.rules[index].id
    assert max(spans) <= reach <= FAST.reach, FAST.rules[index].id


def assert_same(data: bytes, indexes: Sequence[int] = PATTERNED) -> None:
    candidates = FAST.prefilter.candidates(data)
    for index in indexes:
        everywhere = spans(index, data, None)
        near_hits = spans(index, data, candidates[index]) if index in candidates else []
        assert near_hits == everywhere, FAST.rules[index].id
