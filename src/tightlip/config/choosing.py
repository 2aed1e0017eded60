"""What a configuration makes of rules: which are on, how severe and how sure they are."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tightlip import wholefile
from tightlip.config.keys import SEVERITIES
from tightlip.model import MEDIUM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tightlip.config.settings import Config
    from tightlip.rule import Match, Rule


def is_about(pattern: str, rule: Rule) -> bool:
    """Whether a pattern of `disable`, `enable` or an allow's `rules` is about a rule."""
    kind, colon, rest = pattern.partition(":")
    if not colon:
        return fnmatchcase(rule.id, pattern)
    return rule.severity == rest if kind == "severity" else fnmatchcase(rule.provider.lower(), rest)


def is_on(config: Config, rule: Rule) -> bool:
    """Whether a rule is on: as the last choice says that is about it."""
    return next((choice.on for choice in reversed(config.choices) if is_about(choice.pattern, rule)), True)


def overridden(config: Config, rule: Rule) -> Rule:
    """Return a rule with what it has in place of its own."""
    given = config.overrides.get(rule.id)
    if given is None:
        return rule
    confidence = rule.confidence if given.confidence is None else given.confidence
    return rule.but(severity=given.severity or rule.severity, confidence=confidence)


def choose(config: Config, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return what there is to scan with of all rules: those that are on, and what they require near by."""
    every = {rule.id: rule for rule in rules}
    on = {rule.id for rule in every.values() if is_on(config, rule) and _is_severe(config, rule)}
    waiting, wanted = list(on), set(on)
    while waiting:
        requires = every[waiting.pop()].requires
        if requires and requires.rule in every and requires.rule not in wanted:
            wanted.add(requires.rule)
            waiting.append(requires.rule)
    return tuple(overridden(config, rule) for rule in every.values() if rule.id in wanted)


def threshold(config: Config, least: float | None = None) -> float:
    """Return the `min_confidence` of a scanner whose matches go through `judged`.

    Parameters: `least`, what the call itself says.
    """
    wanted = _least(config, least)
    return 0.0 if any(given.confidence is not None for given in config.overrides.values()) else wanted


def judged(config: Config, match: Match, least: float | None = None) -> Match | None:
    """Return a match of a rule as it is without configuration as the configuration has it, or None: it is not wanted.

    A rule that is surer, or less sure, makes its matches so. For a scan whose rules are compiled already.
    """
    rule = match.rule
    if not is_on(config, rule) or not _is_severe(config, rule):
        return None
    changed = overridden(config, rule)
    if changed is not rule:
        confidence = min(1.0, max(0.0, match.confidence + changed.confidence - rule.confidence))
        match = match.but(rule=changed, confidence=confidence)
    return match if match.confidence >= _least(config, least) else None


def strangers(patterns: Iterable[str], rules: Iterable[Rule]) -> list[str]:
    """Return the patterns that are about no rule at all: mistyped, or of a rule that is gone."""
    every = [*rules, *wholefile.RULES.values()]
    return [pattern for pattern in patterns if not any(is_about(pattern, rule) for rule in every)]


def _is_severe(config: Config, rule: Rule) -> bool:
    severity = overridden(config, rule).severity
    return SEVERITIES.index(severity) <= SEVERITIES.index(config.min_severity)


def _least(config: Config, least: float | None) -> float:
    if least is not None:
        return least
    return MEDIUM if config.min_confidence is None else config.min_confidence
