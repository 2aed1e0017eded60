"""From a rule's match to a verdict: is it a secret, how surely, and why."""

from __future__ import annotations

from tightlip.engine.entropy import shannon
from tightlip.engine.filters import FILTERS, Surroundings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import regex

    from tightlip.engine.compiled import Compiled
    from tightlip.rule import Rule

    Verdict: TypeAlias = tuple[float, tuple[str, ...]]


def settle(compiled: Compiled, rule: Rule, text: bytes, start: int, end: int) -> tuple[Rule, float, tuple[str, ...]]:
    """Return what a match of `rule` comes to whose value stands from `start` to `end`.

    That is the rule whose it is, which is this one, or one that goes by the name of a service near by; and the verdict.
    """
    value, around = text[start:end], Surroundings(text, start, end)
    if "assignment" in rule.filters and (whose := compiled.services.of(text, start, value)):
        confidence, reasons = judge(whose, value, around, compiled.pattern)
        if confidence:
            return whose, confidence, (*reasons, "the service is named beside it")
    return rule, *judge(rule, value, around, compiled.pattern)


def judge(rule: Rule, value: bytes, around: Surroundings, compiled: Callable[[str], regex.Pattern[bytes]]) -> Verdict:
    """Return the confidence, from 0 (not a secret) to 1, and the reasons for it."""
    if rule.max_length and len(value) > rule.max_length:
        return 0.0, ("longer than such a secret is",)
    if rule.entropy and shannon(value) < rule.entropy:
        return 0.0, ("not random enough",)
    if any(compiled(allow).search(value, timeout=1.0) for allow in rule.allow):
        return 0.0, ("a value that the rule allows",)
    confidence, reasons = rule.confidence, ["it has the form of one"]
    text = value.decode("utf-8", "replace")
    for name in rule.filters:
        verdict = FILTERS[name](text, around)
        if verdict is not None:
            confidence = min(1.0, confidence * verdict[0])
            reasons.append(verdict[1])
            if not confidence:
                return 0.0, (verdict[1],)
    return confidence, tuple(reasons)
