"""`tightlip rules lint`: each check complains of what it is for, and of nothing in a good rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip import builtin, byteclass, lint, rules
from tightlip.lint import alone, dead, ends, together
from tightlip.necessary import parse

GOOD = r"""
provider: Acme
rules:
  - id: acme-key
    name: Acme key
    severity: high
    confidence: high
    pattern: '\b(?P<secret>acme_[0-9a-f]{32})\b'
    entropy: 3.0
    remediation: [Revoke it., Make another.]
    references: [https://acme.example/docs]
    examples:
      match:
        - 'key = «acme_[0-9a-f]{32}»'
        - '{"key": "«acme_[0-9a-f]{32}»"}'
      no_match:
        - 'key = acme_[0-9a-f]{12}'
        - 'key = $ACME_KEY'
"""
SECOND = GOOD.partition("rules:\n")[2]
ASKS = "source: 'https://a.example', url: 'https://a.example', headers: {A: '{{secret}}'}, live: [{status: 200}]"
FLAWS = [
    (r"(?P<secret>", r"(?P<secret>(?:x$y)?", "dead-pattern", "error"),
    ("    entropy", "    allow: ['a^b']\n    entropy", "dead-pattern", "error"),
    ("    entropy", "    path: '^/etc/acme$'\n    entropy", "dead-path", "error"),
    ("    entropy", "    allow: ['x?']\n    entropy", "allows-all", "error"),
    ("    entropy", "    max_length: 30\n    entropy", "never-reported", "error"),
    ("entropy: 3.0", "entropy: 4.9", "never-reported", "error"),
    ("entropy: 3.0", "entropy: 4.0", "loses-real-ones", "warning"),
    (r"{32})\b'", "{32})'", "open-end", "error"),
    (r"[0-9a-f]{32})\b'", r"[0-9a-f-]{32})\b'", "open-end", "warning"),
    (r"\b(?P<secret>acme_", r"(?P<secret>ac_", "open-start", "warning"),
    ("'key = «acme_", "'key = acme_«", "moving-secret", "error"),
    ('\'{"key": "«acme_[0-9a-f]{32}»"}\'', "'key = «acme_[0-9a-f]{32}»'", "alike", "warning"),
    ("        - 'key = $ACME_KEY'\n", "", "thin", "warning"),
    (", Make another.", "", "thin", "warning"),
    ("    references: [https://acme.example/docs]\n", "", "thin", "warning"),
    ("acme_[0-9a-f]{12}'\n        - 'key = $ACME_KEY'", "x'\n        - 'y'", "no-near-miss", "warning"),
    ("name: Acme key", "name: A key", "not-the-providers", "warning"),
    ("    entropy", "    requires: {rule: acme-key, within: 3}\n    entropy", "own-partner", "error"),
    (
        "    entropy",
        f"    verify: {{{ASKS}, companions: {{shop: {{rule: acme-shop, within: 1}}}}}}\n    entropy",
        "lost-companion",
        "error",
    ),
    ("key = acme_[0-9a-f]{12}", "key = acme_[0-9a-f]{32}", "examples", "error"),
    ("acme_[0-9a-f]{32})", "self[0-9a-zA-Z_. ]{3})", "common-literal", "warning"),
    ("name: Acme key", "name: Acme ___", "blank", "error"),
    ("severity: high", "severity: grave", "loads", "error"),
    ("    entropy", "    requires: {rule: nowhere, within: 3}\n    entropy", "loads", "error"),
]
Check = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def complaints(tmp_path: Path) -> Check:
    def check(*texts: str) -> list[tuple[str, str]]:
        for number, text in enumerate(texts):
            (tmp_path / f"{number}.yaml").write_text(text, "utf-8")
        loaded, unread = lint.read(rules.files(tmp_path))
        return [(it.check, it.severity) for it in unread + lint.check(loaded)]

    return check


def test_no_built_in_rule_has_an_error() -> None:
    loaded, unread = lint.read(rules.files(builtin.folder()))
    found = [str(it) for it in unread + lint.check(loaded) if it.severity == lint.ERROR]
    assert found == []


def test_a_good_rule_is_not_complained_of(complaints: Check) -> None:
    assert complaints(GOOD) == []


def test_the_rule_in_the_documents_is_not_complained_of(complaints: Check) -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "RULES.md").read_text("utf-8")
    whole = page.partition("## A rule file")[2].partition("```yaml\n")[2].partition("```")[0]
    assert complaints(whole) == []


def test_every_check_is_documented() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "RULES.md").read_text("utf-8")
    table = page.partition("## What lint looks at")[2]
    named = re.findall(r"^\| `([\w-]+)` \| (?:error|warning) \|", table, re.MULTILINE)
    assert sorted(named) == sorted({*alone.CHECKS, *together.CHECKS, "loads", "blank", "examples"})


@pytest.mark.parametrize(("old", "new", "check", "severity"), FLAWS)
def test_a_flaw_is_found(old: str, new: str, check: str, severity: str, complaints: Check) -> None:
    assert old in GOOD
    assert (check, severity) in complaints(GOOD.replace(old, new))


def test_every_check_is_tried_here_or_below() -> None:
    tried = {check for _, _, check, _ in FLAWS}
    below = {"shadowed", "same-pattern", "anothers", "one-name-twice", "provider-spelt-twice"}
    assert set(alone.CHECKS) | set(together.CHECKS) == (tried - {"examples", "blank", "loads"}) | below


def test_a_rule_that_another_always_takes_the_place_of_is_found(complaints: Check) -> None:
    weaker = (
        SECOND.replace("acme-key", "acme-weak").replace("Acme key", "Acme weak").replace("dence: high", "dence: low")
    )
    found = complaints(GOOD + weaker.replace("[0-9a-f]{32})", "[0-9a-e]?[0-9a-f]{31,32})"))
    assert ("shadowed", "error") in found


def test_one_pattern_in_two_rules_is_found(complaints: Check) -> None:
    found = complaints(GOOD + SECOND.replace("acme-key", "acme-zkey").replace("Acme key", "Acme other key"))
    assert ("same-pattern", "error") in found


def test_two_providers_for_one_form_are_found(complaints: Check) -> None:
    other = GOOD.replace("acme-key", "other-key").replace("Acme", "Other").replace("{32})", "{31,33})")
    assert ("anothers", "warning") in complaints(GOOD, other)


def test_two_rules_of_one_name_and_two_spellings_of_a_provider_are_found(complaints: Check) -> None:
    other = GOOD.replace("acme_", "acmf_").replace("acme-key", "acmf-key").replace("provider: Acme", "provider: ACME")
    assert set(complaints(GOOD, GOOD.replace("acme", "acmg"), other)) >= {
        ("one-name-twice", "warning"),
        ("provider-spelt-twice", "warning"),
    }


def test_complaints_are_in_the_order_of_places_and_name_the_line(tmp_path: Path) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(GOOD.replace("entropy: 3.0", "entropy: 4.9").replace(", Make another.", ""), "utf-8")
    found = lint.check(list(rules.read(file)))
    places = [(it.line, it.check) for it in found]
    assert places == sorted(places)
    assert {(9, "never-reported"), (10, "thin")} <= set(places)
    assert all(str(it).startswith(f"{file}:{it.line}: {it.severity}: rule acme-key: ") for it in found)


@pytest.mark.parametrize(
    ("pattern", "whole"),
    [
        (r"key$\d", True),
        (r"key\Z.", True),
        (r"a^key", True),
        (r"(?m)a^key", True),
        (r"ke\by_", True),
        (r"key\B-", True),
        (r"key(?=[a-f])[0-9]", True),
        (r"key(?![0-9])[0-5]", True),
        (r"key(?<!y)x", True),
        (r"key[^\s\S]", True),
        (r"key(?:-|a\b_)", False),
        (r"key(?:a^b)?", False),
    ],
)
def test_what_cannot_match_is_found(pattern: str, whole: bool) -> None:  # noqa: FBT001
    assert [one for one, _ in dead.parts(pattern)] == [whole]


@pytest.mark.parametrize(
    "pattern",
    [
        r"^key$",
        r"(?m)^key$\n^x",
        r"key$\n?",
        r"(?:^|/)key\b",
        r"\bkey\b-",
        r"\Bkey\B_",
        r"key(?=[a-f])[0-9a]",
        r"key(?![0-9])[0-9a]",
        r"key(?<!x)x",
        r"(?i)key(?=A)a",
        r"(?:key|-)\b-?x",
    ],
)
def test_what_can_match_is_left_alone(pattern: str) -> None:
    assert list(dead.parts(pattern)) == []


@pytest.mark.parametrize(
    ("pattern", "more"),
    [
        (r"key_(?P<secret>[a-f0-9]{20})", "[0-9a-f]"),
        (r"key_(?P<secret>[a-f0-9]{20})(?![a-f])", "[0-9]"),
        (r"(?i)key_(?P<secret>[a-f]{20})", "[A-Fa-f]"),
        (r"key_(?P<secret>[a-z-]{20})\b", "[-a-z]"),
        (r"key_(?P<secret>[a-z0-9]{20}={0,2})", "[0-9a-z]"),
        (r"key_(?:(?P<secret>[a-z0-9]{20})|x)", "[0-9a-z]"),
        (r"key_(?P<secret>[a-z0-9]{20})(?=[\sa]|$)", "[a]"),
    ],
)
def test_a_token_without_an_end_is_found(pattern: str, more: str) -> None:
    found = ends.open_end(pattern)
    assert found
    assert byteclass.shown(found.bytes) == more


@pytest.mark.parametrize(
    "pattern",
    [
        r"key_(?P<secret>[a-f0-9]{20})\b",
        r"key_(?P<secret>[a-f0-9]{20}\b)",
        r"key_(?P<secret>[a-f0-9-]{20})(?![a-f0-9-])",
        r"key_(?P<secret>[a-f0-9]{20})(?=[\s\"]|$)",
        r"key_(?P<secret>[a-f0-9]{20})@host",
        r"key_(?P<secret>[^\s\"]{4,200})",
        r"key_(?P<secret>[a-f0-9]{20}[^\s\"]{0,200})",
        r"key_(?P<secret>[a-f0-9]{20}=)",
        r"(?m)key_(?P<secret>[a-f0-9]{20})$",
        r"key_(?P<secret>[a-f0-9]{20}\n[a-f0-9]{20})",
    ],
)
def test_a_token_with_an_end_is_left_alone(pattern: str) -> None:
    assert ends.open_end(pattern) is None


def test_a_class_is_shown_as_it_is_written() -> None:
    assert [byteclass.shown(byteclass.one(*parse(text)[0], 0) or 0) for text in ("[a-f0-9]", r"[^\s\"]", "x")] == [
        "[0-9a-f]",
        r'[^\s"]',
        "[x]",
    ]
