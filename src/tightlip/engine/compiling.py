"""Rules made ready to scan with: their patterns cut down, and all of these in one database."""

from __future__ import annotations

import marshal

from tightlip.engine import prefilter
from tightlip.engine.compiled import Compiled, every_mark
from tightlip.errors import RuleError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.engine.compiled import Behind, Head
    from tightlip.rule import Rule
    from tightlip.rules import RuleSet

_LEAST_REACH = 128
"""How far around a change marks are looked for: no mark is wider, and of a run that is cut off enough is seen."""


def compile_rules(rules: RuleSet, *, literals_only: bool = False) -> Compiled:
    """Compile a rule set in memory. `literals_only` leaves Hyperscan out, as on a platform that has no wheel of it."""
    head, database, behind = compile_parts(rules)
    return Compiled(head, database, lambda: behind, literals_only=literals_only)


def compile_parts(rules: RuleSet) -> tuple[Head, bytes, Behind]:
    """Return what a `Compiled` is made of, in the form that the cache keeps.

    Raises `RuleError` for a rule whose pattern is too much for Hyperscan.
    """
    from tightlip import prepared
    from tightlip.necessary import NOTHING

    found = [prepared.part(rule.pattern) if rule.pattern else NOTHING for rule in rules.rules]
    try:
        patterns = [(part.expressions, part.caseless) for part in found]
        database = prefilter.compile_database(patterns + [(mark.expressions, False) for mark in every_mark()])
    except prefilter.Refused as error:
        raise RuleError(f"`pattern` is too much for Hyperscan: {error}", rule=rules.rules[error.index].id) from None
    literals = [part.literals for part in found]
    apart, unsure = _apart(database, rules, patterns) if database else ([], [])
    paths = {i: (rule.path, prepared.part(rule.path).literals) for i, rule in enumerate(rules.rules) if rule.path}
    reach = max((part.reach for part in found), default=0)
    searched = {index: literals[index] for index in unsure}
    head = (rules.hash, max(reach, _LEAST_REACH), searched, apart, paths, len(found), _paired(rules), _by_name(rules))
    reaches = [(part.before, part.width, part.newlines) for part in found]
    return head, database, (reaches, literals, _by_service(rules), [_row(rule) for rule in rules.rules])


def _paired(rules: RuleSet) -> list[int]:
    needed = {rule.requires.rule for rule in rules.rules if rule.requires}
    return [index for index, rule in enumerate(rules.rules) if rule.requires or rule.id in needed]


def _by_name(rules: RuleSet) -> list[int]:
    """The rules that go by the name before a value; those with `service` go by what these find."""
    return [index for index, rule in enumerate(rules.rules) if "assignment" in rule.filters]


def _by_service(rules: RuleSet) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, rule in enumerate(rules.rules):
        for name in rule.service:
            found.setdefault(name, []).append(index)
    return found


def _row(rule: Rule) -> bytes:
    return marshal.dumps({**rule.as_dict(), "requires": rule.requires and rule.requires.as_dict()})


def _apart(
    database: bytes, rules: RuleSet, expressions: Sequence[tuple[Sequence[bytes], bool]]
) -> tuple[list[bytes], list[int]]:
    """Return databases of the rules that this one loses: one of them together, and one for each that it loses as well.

    The second part are those that are lost even alone.
    """
    from tightlip.engine.selfcheck import missed

    patterns = [rule.pattern for rule in rules.rules]

    def lost(database: bytes, of: Sequence[int]) -> list[int]:
        return missed(prefilter.HyperscanPrefilter(database, {}), patterns, of)

    def only(indexes: Sequence[int]) -> bytes:
        return prefilter.compile_database(
            [(parts if index in indexes else (), caseless) for index, (parts, caseless) in enumerate(expressions)]
        )

    in_company = lost(database, range(len(patterns)))
    if not in_company:
        return [], []
    together = only(in_company)
    alone = {index: only([index]) for index in lost(together, in_company)}
    return [together, *alone.values()], [index for index, own in alone.items() if lost(own, [index])]
