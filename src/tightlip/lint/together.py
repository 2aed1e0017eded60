"""What can be said of rules beside each other. A check is a function here, and a line in the table at the end."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tightlip.engine import Scanner
from tightlip.engine.resolve import resolve
from tightlip.lint.complaint import ERROR, WARNING, Found
from tightlip.rule import Match, Rule
from tightlip.rules import LoadedRule
from tightlip.sourcetext import source_text


class Example(NamedTuple):
    """One secret that a rule marks, and what all rules make of it."""

    winner: Rule | None
    """Whose match stands at its place."""
    others: frozenset[str]
    """The rules that match there too, and would report it if they were alone."""


class Company(NamedTuple):
    """All rules, and what became of their examples."""

    checked: Sequence[LoadedRule]
    """Those that are to be complained of."""
    every: Mapping[str, LoadedRule]
    examples: Mapping[str, Sequence[Example]]
    scanner: Scanner


Check = Callable[[Company], Iterator[tuple[LoadedRule, Found]]]
_MOST_HITS = 5
"""In a million bytes of source text; each is looked at by the rule itself."""


def company(checked: Sequence[LoadedRule], every: Sequence[LoadedRule], scanner: Scanner) -> Company:
    """Run the examples of the checked rules past all rules."""
    examples = {loaded.rule.id: list(_run(loaded, scanner)) for loaded in checked}
    return Company(checked, {loaded.rule.id: loaded for loaded in every}, examples, scanner)


def _run(loaded: LoadedRule, scanner: Scanner) -> Iterator[Example]:
    for example in loaded.match:
        path = os.fsencode(example.path)
        matches = [
            match
            for form in scanner.judged(example.text.encode())
            for index, match in form.matches
            if scanner.compiled.applies(index, path)
        ]
        own = [match for match in matches if match.rule.id == loaded.rule.id]
        standing = resolve(matches)
        for match in own:
            winner = next((it.rule for it in standing if _overlap(it, match)), None)
            present = {it.rule.id for it in matches}
            others = frozenset(
                it.rule.id
                for it in matches
                if (it.start, it.end) == (match.start, match.end)
                and (it.rule.requires is None or it.rule.requires.rule in present)
            )
            yield Example(winner, others - {loaded.rule.id})


def _overlap(one: Match, other: Match) -> bool:
    return one.start < other.end and other.start < one.end


def shadowed(them: Company) -> Iterator[tuple[LoadedRule, Found]]:
    """A rule that another one always takes the place of."""
    for loaded in them.checked:
        examples = them.examples[loaded.rule.id]
        winners = {it.winner.id if it.winner else "" for it in examples}
        if winners and loaded.rule.id not in winners and "" not in winners:
            what = f"{' and '.join(sorted(winners))} takes its place in every `match` example"
            advice = "make one of the two narrower, give the better one more confidence, or drop this rule"
            yield loaded, Found(ERROR, "examples", what, advice)


def same_pattern(them: Company) -> Iterator[tuple[LoadedRule, Found]]:
    """Two rules that match the same."""
    first: dict[tuple[object, ...], str] = {}
    for loaded in them.every.values():
        rule = loaded.rule
        form = (rule.pattern, rule.token, rule.service, rule.path, rule.requires)
        other = first.setdefault(form, rule.id)
        if other != rule.id and loaded in them.checked:
            what = f"it looks for just what {other} does"
            yield (
                loaded,
                Found(
                    ERROR,
                    "pattern" if rule.pattern else "token",
                    what,
                    "drop one of the two, or say in both what tells them apart",
                ),
            )


def anothers(them: Company) -> Iterator[tuple[LoadedRule, Found]]:
    """A rule of which every example is as good as one of another provider's."""
    for loaded in them.checked:
        examples = them.examples[loaded.rule.id]
        shared = frozenset.intersection(*(it.others for it in examples)) if examples else frozenset()
        for other in sorted(shared):
            provider = them.every[other].rule.provider
            if provider and loaded.rule.provider and provider != loaded.rule.provider:
                what = f"every `match` example is also one of {other}, of {provider}"
                advice = "ask for the provider's name near by in both, or make the rarer form narrower"
                yield loaded, Found(WARNING, "pattern", what, advice)


def own_partner(them: Company) -> Iterator[tuple[LoadedRule, Found]]:
    """A rule that requires itself, or one that requires it."""
    for loaded in them.checked:
        requires = loaded.rule.requires
        if requires and requires.rule == loaded.rule.id:
            yield loaded, Found(ERROR, "requires", "the rule requires itself", "name another rule, or leave it out")


def one_name_twice(them: Company) -> Iterator[tuple[LoadedRule, Found]]:
    """Two rules that a report would call the same."""
    names: dict[str, str] = {}
    for loaded in them.every.values():
        other = names.setdefault(loaded.rule.name.lower(), loaded.rule.id)
        if other != loaded.rule.id and loaded in them.checked:
            what = f"{other} has the same name, {loaded.rule.name!r}"
            yield loaded, Found(WARNING, "name", what, "say in the name what tells them apart")


def provider_spelt_twice(them: Company) -> Iterator[tuple[LoadedRule, Found]]:
    """A provider that is written in two ways."""
    spellings: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for loaded in them.every.values():
        spellings[re.sub(r"\W", "", loaded.rule.provider.lower())][loaded.rule.provider] += 1
    for loaded in them.checked:
        known = spellings[re.sub(r"\W", "", loaded.rule.provider.lower())]
        usual = max(sorted(known), key=known.__getitem__)
        if loaded.rule.provider != usual:
            what = f"the provider is {usual!r} elsewhere, and {loaded.rule.provider!r} here"
            yield loaded, Found(WARNING, "provider", what, "write it in one way, as the provider does")


def common_literal(them: Company) -> Iterator[tuple[LoadedRule, Found]]:
    """A pattern that the prefilter finds all over source text. Without Hyperscan nobody can say, and nobody does."""
    text = source_text()
    hits = them.scanner.compiled.prefilter.candidates(text)
    checked = {loaded.rule.id: loaded for loaded in them.checked}
    for index, rule in enumerate(them.scanner.compiled.rules):
        loaded = checked.get(rule.id)
        rate = len(hits.get(index) or ()) / len(text) * 1_000_000
        if loaded and loaded.rule.provider and rate > _MOST_HITS:
            what = f"the prefilter has {rate:.0f} hits in a million bytes of source text"
            advice = "anchor it on a longer or rarer literal; tightlip rules bench shows what it costs"
            yield loaded, Found(WARNING, "pattern", what, advice)


def lost_companion(them: Company) -> Iterator[tuple[LoadedRule, Found]]:
    """A `verify` or `revoke` that needs what no rule finds, and so never asks."""
    for loaded in them.checked:
        for key, request in (("verify", loaded.verify), ("revoke", loaded.revoke)):
            for companion in request.companions if request else ():
                if companion.rule not in them.every:
                    what = f"`{key}` needs what the rule {companion.rule} finds, and there is none"
                    yield loaded, Found(ERROR, key, what, "name the rule that finds it, or add one")


CHECKS: dict[str, Check] = {
    "shadowed": shadowed,
    "same-pattern": same_pattern,
    "anothers": anothers,
    "own-partner": own_partner,
    "one-name-twice": one_name_twice,
    "provider-spelt-twice": provider_spelt_twice,
    "common-literal": common_literal,
    "lost-companion": lost_companion,
}
"""Each check by the name that complaints show."""
