"""Which rules a configuration turns on and off, and what it makes of them."""

from __future__ import annotations

from tightlip.config import choosing
from tightlip.config.settings import Choice, Config, Origin, Override
from tightlip.model import Secret
from tightlip.rule import Match, Requires, Rule

AT = Origin("f", "k")


def rule(name: str, provider: str = "Acme", severity: str = "high", requires: Requires | None = None) -> Rule:
    return Rule(name, name, provider, severity, 0.6, "x", ("Revoke it.",), requires=requires)


def choices(*patterns: str) -> tuple[Choice, ...]:
    return tuple(Choice(pattern[0] == "+", pattern[1:], AT) for pattern in patterns)


def ids(config: Config, *rules: Rule) -> list[str]:
    return [rule.id for rule in choosing.choose(config, rules)]


def test_the_last_choice_that_is_about_a_rule_counts() -> None:
    every = rule("aws-a"), rule("aws-b"), rule("other", "Git Hub")
    assert ids(Config(), *every) == ["aws-a", "aws-b", "other"]
    assert ids(Config(choices=choices("-aws-*", "+aws-b")), *every) == ["aws-b", "other"]
    assert ids(Config(choices=choices("+aws-b", "-aws-*")), *every) == ["other"]
    assert ids(Config(choices=choices("-*", "+provider:git*")), *every) == ["other"]


def test_severities_choose_too() -> None:
    every = rule("a", severity="low"), rule("b", severity="critical")
    assert ids(Config(choices=choices("-severity:low")), *every) == ["b"]
    assert ids(Config(min_severity="high"), *every) == ["b"]
    assert ids(Config(min_severity="high", overrides={"a": Override("high")}), *every) == ["a", "b"]


def test_what_a_rule_requires_stays() -> None:
    key = rule("key", requires=Requires("id", 3))
    chosen = choosing.choose(Config(choices=choices("-id")), [rule("id"), key, rule("alone")])
    assert [rule.id for rule in chosen] == ["id", "key", "alone"]


def test_a_match_is_judged_as_its_rule_would_have_been() -> None:
    match = Match(rule("a"), Secret(b"x"), 0, 1, 0.7, ())
    assert choosing.judged(Config(), match) is match
    assert choosing.judged(Config(), match, 0.8) is None
    assert choosing.judged(Config(min_confidence=0.8), match) is None
    assert choosing.judged(Config(choices=choices("-a")), match) is None
    changed = choosing.judged(Config(overrides={"a": Override("critical", 0.9)}), match)
    assert changed is not None
    assert (changed.rule.severity, changed.confidence) == ("critical", 1.0)
    assert choosing.judged(Config(overrides={"a": Override("", 0.3)}), match) is None


def test_a_scanner_lets_through_what_an_override_may_make_surer() -> None:
    assert choosing.threshold(Config()) == 0.5
    assert choosing.threshold(Config(min_confidence=0.8)) == 0.8
    assert choosing.threshold(Config(min_confidence=0.8), 0.2) == 0.2
    assert choosing.threshold(Config(overrides={"a": Override(confidence=0.9)})) == 0.0


def test_patterns_that_are_about_no_rule_are_known() -> None:
    assert choosing.strangers(["aws-*", "none", "provider:acme"], [rule("aws-a")]) == ["none"]
