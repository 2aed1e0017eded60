"""The configuration: whether it loads, and what of it looks for less than somebody may think."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tightlip import wholefile
from tightlip.config import choosing
from tightlip.config.complaint import ConfigError, did_you_mean
from tightlip.doctor.told import MEND, NOTE, OK, Told
from tightlip.errors import RuleError
from tightlip.model import MEDIUM
from tightlip.report.style import count, listed

if TYPE_CHECKING:
    from tightlip.config.settings import Config, Origin
    from tightlip.doctor.here import Here
    from tightlip.rule import Rule

_CRITICAL = "critical"
_MOST = 5
"""Rules that are named."""


def look(here: Here) -> Iterator[Told]:
    """Tell whether it can be read, and what it says of rules."""
    if here.trouble and not here.is_elsewhere:
        return
    try:
        settings = here.policy.config
        if not settings.files:
            yield Told(OK, "there is no configuration, and every rule is on")
            return
        every = list(here.scanner.compiled.rules)
    except ConfigError as error:
        yield Told(MEND, "the configuration cannot be read, and nothing is scanned", str(error), "mend that line")
        return
    except RuleError as error:
        yield Told(MEND, "a rule file cannot be used, and nothing is scanned", str(error), "tightlip rules lint")
        return
    yield Told(OK, "the configuration can be read", listed(settings.files, _MOST))
    yield from _strangers(settings, every)
    yield from _without(settings, every)
    if settings.min_confidence is not None and settings.min_confidence > MEDIUM:
        evidence = f"{_at(settings.origins['min_confidence'])}: {settings.min_confidence:g}, and medium is {MEDIUM:g}"
        yield Told(NOTE, "findings that are fairly sure are not reported", evidence, "set min_confidence: medium")


def _strangers(settings: Config, every: Sequence[Rule]) -> Iterator[Told]:
    """Tell what names rules that there are not."""
    ids = [rule.id for rule in every] + [*wholefile.RULES]
    named = [(choice.pattern, choice.origin) for choice in settings.choices]
    named += [(key.split(".")[1], origin) for key, origin in settings.origins.items() if key.startswith("override.")]
    named += [(pattern, allow.origin) for allow in settings.allow for pattern in allow.rules]
    for pattern, origin in dict.fromkeys(named):
        if choosing.strangers([pattern], every):
            how = f"correct it{did_you_mean(pattern, ids)}" if did_you_mean(pattern, ids) else "tightlip rules list"
            yield Told(MEND, "a setting that is about no rule that there is", f"{_at(origin)}: {pattern}", how)


def _without(settings: Config, every: Sequence[Rule]) -> Iterator[Told]:
    """Tell the critical rules that are off, by what turns them off."""
    off: dict[str, list[str]] = {}
    used = {rule.id for rule in choosing.choose(settings, every)}
    for rule in every:
        if rule.severity == _CRITICAL and rule.id not in used:
            off.setdefault(_turned_off_by(settings, rule), []).append(rule.id)
    for by, ids in off.items():
        evidence = f"{by}: {count(len(ids), 'rule')}, {listed(ids, _MOST)}"
        yield Told(NOTE, "critical rules are off, and what they would find is not reported", evidence, "enable them")


def _turned_off_by(settings: Config, rule: Rule) -> str:
    choice = next((it for it in reversed(settings.choices) if choosing.is_about(it.pattern, rule)), None)
    if choice and not choice.on:
        return _at(choice.origin)
    return _at(settings.origins["min_severity"])


def _at(origin: Origin) -> str:
    return f"{origin.file}:{origin.line} ({origin.key})"
