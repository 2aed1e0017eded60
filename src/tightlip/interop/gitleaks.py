"""gitleaks' configuration, `.gitleaks.toml`, and betterleaks', which adds keys of its own to it.

https://github.com/gitleaks/gitleaks#configuration; https://github.com/betterleaks/betterleaks
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tightlip.errors import UsageError
from tightlip.interop import reading
from tightlip.interop.foreign import Foreign, ForeignAllow, ForeignRule
from tightlip.interop.reading import Table, number, string, strings, table, tables, whole

_MOST_DEEP = 2
"""Configurations that extend each other; as many as gitleaks reads."""
_TOP = {"title", "description", "minVersion", "extend", "rules", "allowlist", "allowlists"}
_EXTEND = {"path", "url", "useDefault", "disabledRules"}
_RULE = {
    *("id", "description", "regex", "path", "secretGroup", "entropy", "keywords", "tags", "allowlist", "allowlists"),
    *("required", "skipReport"),
}
_ALLOW = {"description", "condition", "commits", "paths", "regexes", "regexTarget", "stopwords"}
_REQUIRED = {"id", "withinLines", "withinColumns"}
_EXPRESSION = "an expression of betterleaks' own language, which nothing here evaluates"
_CALLS = "it sends the secret to a server, and tightlip asks none"
_BETTERLEAKS_TOP = {"betterleaksMinVersion": "", "prefilter": _EXPRESSION, "filter": _EXPRESSION, "validate": _CALLS}
_BETTERLEAKS_RULE = {
    "prefilter": _EXPRESSION,
    "filter": f"{_EXPRESSION}; the rule finds more without",
    "validate": _CALLS,
    "revoke": _CALLS,
    "analyze": _CALLS,
    "specificity": "of two rules at one place the surer one is reported",
}


def read(path: str) -> Foreign:
    """Read a configuration. Raises `UsageError` where it cannot be read at all; what is unknown in it is told."""
    found = Foreign()
    _read(path, found, 0)
    return found


def _read(path: str, found: Foreign, depth: int) -> None:
    top = reading.toml(path)
    _unknown(top, _TOP, "", found, _BETTERLEAKS_TOP)
    if "extend" in top:
        _extend(path, table(top["extend"], f"{path}: extend"), found, depth)
    base = {rule.id: rule for rule in found.rules}
    for entry in tables(top.get("rules"), f"{path}: rules"):
        rule = _rule(path, entry, found, base)
        if rule is not None:
            base[rule.id] = rule
    found.rules[:] = base.values()
    for key in ("allowlist", "allowlists"):
        for at, entry in enumerate(tables(top.get(key), f"{path}: {key}"), 1):
            found.allows.append(_allow(path, entry, f"global allowlist {at}", found, names_rules=True))
    if found.allows and _uses_default(top):
        found.leave("global allowlists", "they hold for the rules of this file, not for tightlip's own", lost=False)


def _uses_default(top: Table) -> bool:
    extend = top.get("extend")
    return isinstance(extend, dict) and bool(extend.get("useDefault"))


def _extend(path: str, extend: Table, found: Foreign, depth: int) -> None:
    _unknown(extend, _EXTEND, "extend", found)
    if extend.get("useDefault"):
        found.leave("extend.useDefault", "tightlip's own rules stand in for gitleaks' default ones", lost=False)
    if extend.get("url"):
        found.leave("extend.url", "nothing is fetched, neither here nor by gitleaks")
    if other := string(extend.get("path"), f"{path}: extend.path"):
        if depth >= _MOST_DEEP:
            found.leave("extend.path", f"{_MOST_DEEP} files deep is as far as gitleaks reads")
        else:
            _read(_beside(path, other), found, depth + 1)
    disabled = strings(extend.get("disabledRules"), f"{path}: extend.disabledRules")
    there = {rule.id for rule in found.rules}
    found.rules[:] = [rule for rule in found.rules if rule.id not in disabled]
    for name in disabled:
        if name not in there:
            found.leave(f"extend.disabledRules: {name}", "a rule of gitleaks' own; tightlip's have other ids")


def _beside(path: str, other: str) -> str:
    """Return where another configuration is: gitleaks looks from the current folder; beside this one is next best."""
    near = os.path.join(os.path.dirname(path), other)
    return other if os.path.exists(other) or not os.path.exists(near) else near


def _unknown(
    entry: Table, known: Iterable[str], what: str, found: Foreign, others: dict[str, str] | None = None
) -> None:
    for key in entry:
        where = f"{what}.{key}" if what and not what.startswith("rule ") else f"{what}: {key}" if what else key
        if others and key in others:
            if others[key]:
                found.leave(where, others[key])
        elif key not in known:
            found.leave(where, "gitleaks has no such key, and ignores it too", lost=False)


def _rule(path: str, entry: Table, found: Foreign, base: dict[str, ForeignRule]) -> ForeignRule | None:
    name = string(entry.get("id"), f"{path}: rules.id")
    if not name:
        raise UsageError(f"{path}: a rule has no id; gitleaks does not take that either")
    what, where = f"rule {name}", f"{path}: rule {name}"
    _unknown(entry, _RULE, what, found, _BETTERLEAKS_RULE)
    before = base.get(name, ForeignRule(name, "", ""))
    if entry.get("tags"):
        found.leave(f"{what}: tags", "tightlip's rules have none", lost=False)
    rule = replace(
        before,
        name=string(entry.get("description"), f"{where}: description") or before.name,
        pattern=string(entry.get("regex"), f"{where}: regex") or before.pattern,
        path=string(entry.get("path"), f"{where}: path") or before.path,
        group=whole(entry.get("secretGroup"), f"{where}: secretGroup") or before.group,
        entropy=number(entry.get("entropy"), f"{where}: entropy") or before.entropy,
        keywords=(*before.keywords, *(it for it in strings(entry.get("keywords"), f"{where}: keywords") if it)),
        allows=(*before.allows, *_rule_allows(where, entry, found, what)),
        requires=(*before.requires, *_required(where, entry, found, what)),
        reported=not entry.get("skipReport") and before.reported,
    )
    if rule.pattern:
        return rule
    if rule.path:
        found.leave(what, "reports a file for its name alone; keep such files out with .gitignore")
    else:
        found.leave(what, "changes a rule of gitleaks' own, for which tightlip has one of another id")
    return None


def _rule_allows(where: str, entry: Table, found: Foreign, what: str) -> list[ForeignAllow]:
    every = [
        *tables(entry.get("allowlist"), f"{where}: allowlist"),
        *tables(entry.get("allowlists"), f"{where}: allowlists"),
    ]
    return [
        replace(_allow(where, one, f"{what}: allowlist {at}", found), what=f"allowlist {at}")
        for at, one in enumerate(every, 1)
    ]


def _required(where: str, entry: Table, found: Foreign, what: str) -> Sequence[tuple[str, int | None]]:
    every = []
    for one in tables(entry.get("required"), f"{where}: required"):
        _unknown(one, _REQUIRED, f"{what}: required", found)
        name = string(one.get("id"), f"{where}: required.id")
        lines = whole(one["withinLines"], f"{where}: withinLines") if "withinLines" in one else None
        if "withinColumns" in one:
            found.leave(
                f"{what}: required {name}: withinColumns", "tightlip counts lines between two rules, not columns"
            )
        every.append((name, lines))
    return every


def _allow(where: str, entry: Table, what: str, found: Foreign, *, names_rules: bool = False) -> ForeignAllow:
    _unknown(entry, _ALLOW | ({"targetRules"} if names_rules else set()), what, found)
    condition = string(entry.get("condition"), f"{where}: condition").upper()
    if condition not in ("", "OR", "||", "AND", "&&"):
        raise UsageError(f"{where}: {what}: condition must be OR or AND")
    target = string(entry.get("regexTarget"), f"{where}: regexTarget") or "secret"
    if target not in ("secret", "match", "line"):
        raise UsageError(f"{where}: {what}: regexTarget must be secret, match or line")
    return ForeignAllow(
        what=what,
        regexes=strings(entry.get("regexes"), f"{where}: regexes"),
        target=target,
        stopwords=tuple(it for it in strings(entry.get("stopwords"), f"{where}: stopwords") if it),
        paths=strings(entry.get("paths"), f"{where}: paths"),
        commits=strings(entry.get("commits"), f"{where}: commits"),
        together=condition in ("AND", "&&"),
        rules=strings(entry.get("targetRules"), f"{where}: targetRules"),
    )
