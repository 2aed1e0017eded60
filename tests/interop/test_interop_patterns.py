"""Patterns in the syntax of RE2, Rust and grep become patterns of tightlip's that find the same."""

from __future__ import annotations

from contextlib import suppress

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from tightlip import necessary
from tightlip.interop import translate

SAME = [
    (r"acme_([0-9a-f]{8})", "x acme_0123abcd y", ["0123abcd"]),
    (r"acme_[0-9a-f]{8}", "x acme_0123abcd y", ["acme_0123abcd"]),
    (r"(?i)acme_([0-9a-f]{8})", "ACME_0123ABCD", ["0123ABCD"]),
    (r"acme(?i)_key=([a-z]{4})", "acme_KEY=AbCd ACME_key=abcd", ["AbCd"]),
    (r"(?i:acme)_KEY=(\w{4})", "AcMe_KEY=a1_Z acme_key=aaaa", ["a1_Z"]),
    (r"(?i)acme_(?-i:[a-z]{4})", "ACME_abcd ACME_ABCD", ["ACME_abcd"]),
    (r"acme([[:alnum:]]{3}[[:punct:]])", "acmeaB3!", ["aB3!"]),
    (r"acme([[:^alnum:]]{2})", "acme!?", ["!?"]),
    (r"acme=(?P<value>.{3})", "acme=a\nb acme=abc", ["abc"]),
    (r"acme=(?<value>(?s:.{3}))", "acme=a\nb", ["a\nb"]),
    (r"(?m)^acme=(\d+)$", "x\nacme=12\ny", ["12"]),
    (r"^acme=(\d+)$", "x\nacme=12", []),
    (r"\Aacme=(\d+)\z", "acme=12", ["12"]),
    (r"acme=(\d+)$", "acme=12\n", []),
    (r"\Qacme.[x]\E(\d+)", "acme.[x]42", ["42"]),
    (r"\Qacme\E+", "acmeeee", ["acmeeee"]),
    (r"acme(\x{41}\x42\103)", "acmeABC", ["ABC"]),
    (r"(?U)acme=(.+);", "acme=ab;cd;", ["ab"]),
    (r"(?U)acme=(.+?);", "acme=ab;cd;", ["ab;cd"]),
    (r"acme_(\pL{3})", "acme_aZz", ["aZz"]),
    (r"acme_(\p{Lu}\PL)", "acme_A7", ["A7"]),
    (r"acmé_([0-9]+)", "acmé_77", ["77"]),
    (r"acme_([a-zé]{2,5});", "acme_aéb;", ["aéb"]),
    ("(?x) acme _ ([0-9]{2})  # two digits", "acme_42", ["42"]),
    (r"acme_([^\s\"]+)", 'acme_a-b"', ["a-b"]),
    (r"acme_([]a]{2})", "acme_]a", ["]a"]),
    (r"acme_([a\-z-]{3})", "acme_a-z", ["a-z"]),
    (r"acme_([\w.-]{5})", "acme_a.b-c", ["a.b-c"]),
    (r"acme_(?:a(1)|b(2))", "acme_a1 acme_b2", ["1", "2"]),
    (r"acme{x}(\d)", "acme{x}7", ["7"]),
    (r"acme_(\d)(\d)?", "acme_1", ["1"]),
    (r"acme_(?:(?i:a)|b)(\d)", "acme_A1 acme_B2 acme_b3", ["1", "3"]),
]


def found(patterns: tuple[str, ...], text: str) -> list[str]:
    spans = [it.span("secret") for one in patterns for it in regex.finditer(one.encode(), text.encode())]
    return [text.encode()[start:end].decode() for start, end in sorted(spans) if start >= 0]


@pytest.mark.parametrize(("pattern", "text", "secrets"), SAME)
def test_a_pattern_finds_what_it_found(pattern: str, text: str, secrets: list[str]) -> None:
    translated = translate.rule_pattern(pattern, "re2")

    assert found(translated.patterns, text) == secrets
    for one in translated.patterns:
        necessary.check(one, secret=True)


@pytest.mark.parametrize(
    ("pattern", "text", "secrets"),
    [
        (r"acme_[[:alnum:]]{4}", "x acme_a1B2 acme_a1B2x", ["acme_a1B2"]),
        (r"(ACME|acme)_?key=[^ ]{4}", "acme_key=ab\\d", ["acme_key=ab\\d"]),
        (r"acme=[\w]{2}", r"acme=\w", [r"acme=\w"]),
        (r"acme=\w{2}", "acme=ab", ["acme=ab"]),
        (r"^acme=[^x]*$", "acme=1\nacme=2", ["acme=1", "acme=2"]),
        (r"\<acme=[0-9]+\>", "acme=12", ["acme=12"]),
        (r"acme\.com=[[.-.]a]{2}", "acme.com=-a", ["acme.com=-a"]),
        (r"acme{key", "acme{key", ["acme{key"]),
    ],
)
def test_a_pattern_of_grep_finds_whole_words_on_one_line(pattern: str, text: str, secrets: list[str]) -> None:
    assert found(translate.rule_pattern(pattern, "ere", group=-1, words=True).patterns, text) == secrets


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("acme(?=x)", "RE2 and Rust do not have"),
        (r"(acme)\1", "backreference"),
        ("acme++", "possessive"),
        ("acme[a", "ends too early"),
        ("(acme", "without its"),
        ("acme)", "without its"),
        ("*acme", "nothing to repeat"),
        ("acme{5,2}", "not possible"),
        ("acme{99999}", "not possible"),
        (r"acme\p{Nonsense}", "not known"),
        ("acme[z-a]", "ends before it begins"),
        ("acme[a&&b]", "&&"),
        (r"acme\x{zz}", "cannot be read"),
        ("(" * 200 + "acme" + ")" * 200, "in each other"),
        ("acme" * 5000, "longer than"),
        ("[0-9a-f]{40}", "nothing fixed"),
        ("(?:acme{1000}){1000}", "more than"),
        ("a*", "no character"),
        ("acme[^\\x00-\\x{10FFFF}]", "no character"),
    ],
)
def test_what_cannot_be_expressed_is_said(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=regex.escape(why)):
        translate.rule_pattern(pattern, "re2")


@given(st.text(max_size=40), st.sampled_from(["re2", "ere"]))
def test_whatever_is_given_for_a_pattern_is_translated_or_refused(pattern: str, syntax: str) -> None:
    with suppress(ValueError):
        for one in translate.rule_pattern(pattern, syntax).patterns:
            necessary.check(one, secret=True)


@given(st.text(alphabet="acme()[]{}|?*+.^$\\-,:<>!=PdwsbQEzipLU0129\n ", max_size=30))
def test_whatever_looks_like_a_pattern_is_translated_or_refused(pattern: str) -> None:
    with suppress(ValueError):
        for one in translate.rule_pattern(f"acme{pattern}", "re2").patterns:
            necessary.check(one, secret=True)


def test_a_repeat_without_a_bound_gets_one_and_that_is_said() -> None:
    translated = translate.rule_pattern(r"-----BEGIN KEY-----[\s\S]*-----END", "re2")

    assert "{0,8000}" in translated.patterns[0]
    assert translated.differences == ("a repeat without an upper bound ends at 8000",)


def test_a_pattern_without_a_literal_stands_behind_its_keyword() -> None:
    translated = translate.rule_pattern("[0-9a-f]{8}", "re2", near=["acme"])

    assert found(translated.patterns, "ACME key: 0123abcd; other: 0123abcd") == ["0123abcd"]
    assert "within 200 bytes" in translated.differences[0]


@pytest.mark.parametrize(
    ("only", "leave_out", "path", "fits"),
    [
        ("", [r"(^|/)tests?/"], "src/a.py", True),
        ("", [r"(^|/)tests?/"], "src/test/a.py", False),
        ("", [r"(^|/)tests?/"], "test/a.py", False),
        ("", [r".*\.lock$"], "a/poetry.lock", False),
        ("", [r"^vendor/.*"], "vendor/a", False),
        ("", [r"^vendor/.*"], "a/vendor/a", True),
        ("", [r"\.md$", r"\.txt$"], "a.txt", False),
        (r"(?i)\.py$", [], "A.PY", True),
        (r"(?i)\.py$", [], "a.pyc", False),
        (r"\.py$", [r"_test\.py$"], "a_test.py", False),
        (r"\.py$", [r"_test\.py$"], "a.py", True),
    ],
)
def test_paths_are_looked_at_or_left_out(only: str, leave_out: list[str], path: str, *, fits: bool) -> None:
    pattern = translate.path_pattern(only, leave_out, "re2").patterns[0]

    assert bool(regex.search(pattern.encode(), path.encode())) is fits


ATOMS = st.sampled_from(["a", "B", "c1", "[ab]", "[^a]", "[A-C]", ".", r"\d", r"\w", r"\.", "x", r"\b", "-"])


def pattern_of(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeats = st.sampled_from(["?", "{0,2}", "{2}", "??", "{1,3}?"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda them: f"(?:{'|'.join(them)})"),
        st.tuples(inner, repeats).map(lambda both: f"(?:{both[0]}){both[1]}"),
        inner.map(lambda it: f"(?i:{it})"),
        inner.map(lambda it: f"(?s:{it})"),
    )


@given(
    st.recursive(ATOMS, pattern_of, max_leaves=6),
    st.booleans(),
    st.lists(st.text(alphabet="aAbBc1x.-\n", max_size=8), min_size=1, max_size=4),
)
def test_a_translated_pattern_matches_what_the_pattern_matches(pattern: str, caseless: bool, texts: list[str]) -> None:  # noqa: FBT001 - drawn
    original = f"{'(?i)' if caseless else ''}acme{pattern}"
    translated = translate.rule_pattern(original, "re2", group=-1).patterns[0]
    text = "".join(f"acme{it} ACME{it}\n" for it in texts)

    assert found((translated,), text) == [it[0] for it in regex.finditer(original, text)]


@pytest.mark.parametrize("pattern", ["[^a]|[^b]", "[^a]|.", "x[^a]|x[^b]", "[^a]|[^b]|cc"])
def test_branches_that_each_leave_out_one_character_leave_out_none_together(pattern: str) -> None:
    translated = translate.rule_pattern(f"acme(?:{pattern})", "re2", group=-1).patterns[0]

    assert found((translated,), "acmea acmexa acmexb acmeb") != []
    for text in ("acmexa", "acmexb") if pattern.startswith("x") else ("acmea", "acmeb"):
        assert found((translated,), text) == [text]
