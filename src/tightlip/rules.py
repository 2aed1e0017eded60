"""Rule files in, a `RuleSet` out. A complaint names the file, the line, the rule and the key."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tightlip import asking, builtin, necessary, notation
from tightlip.errors import RuleError, UsageError
from tightlip.model import FILTERS
from tightlip.request import Request
from tightlip.rule import Example, Requires, Rule
from tightlip.rulenode import Node, compose

SEVERITIES = ("critical", "high", "medium", "low")
CONFIDENCES = {"high": 0.9, "medium": 0.6, "low": 0.3}

_FILE_KEYS = {"provider", "define", "rules"}
_RULE_KEYS = {
    *("id", "name", "provider", "severity", "confidence", "pattern", "path", "entropy", "allow", "filters"),
    *("requires", "max_length", "remediation", "references", "examples", "service", "token", "verify", "revoke"),
}
_REQUIRED = ("id", "name", "severity", "confidence", "remediation", "examples")
_FRAGMENT = re.compile(r"\(\?&(\w+)\)")
_SHORTEST_TOKEN = 8
_USUAL_FILTERS = {False: ("placeholder",), True: ("placeholder", "reference", "random")}
"""By whether the rule goes by the name of a service: the filters of a rule that names none."""


class RuleSet(NamedTuple):
    """Rules, in the order of their files."""

    rules: tuple[Rule, ...]
    hash: str
    """SHA-256 of all that decides what the rules find, in hexadecimal."""


class LoadedRule(NamedTuple):
    """A rule with what proves it, and where it stands."""

    rule: Rule
    match: tuple[Example, ...]
    no_match: tuple[Example, ...]
    file: str
    line: int
    verify: Request | None = None
    """What asks the provider whether a secret still works."""
    revoke: Request | None = None
    """What has the provider make a secret worthless."""


def load_rules(*paths: str | os.PathLike[str], with_builtin: bool = True) -> RuleSet:
    """Load the built-in rules and those of `paths` (files or folders).

    Raises `RuleError` for a rule that cannot be used and `UsageError` for a path that is not there.
    """
    sources = [builtin.folder(), *paths] if with_builtin else list(paths)
    return rule_set(loaded.rule for path in sources for loaded in read(path))


def rule_set(rules: Iterable[Rule]) -> RuleSet:
    """Make a set of rules that are already loaded; ids must be unique and `requires` must name one of them."""
    found: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in found:
            raise RuleError("this id is taken by another rule", rule=rule.id)
        found[rule.id] = rule
    for rule in found.values():
        if rule.requires and rule.requires.rule not in found:
            raise RuleError(f"requires names a rule that is not there: {rule.requires.rule}", rule=rule.id)
    digest = sha256("\n".join(map(repr, found.values())).encode()).hexdigest()
    return RuleSet(tuple(found.values()), digest)


def read(path: str | os.PathLike[str]) -> Iterator[LoadedRule]:
    """Read a rule file, or every `*.yaml` and `*.yml` file below a folder, in the order of their names."""
    for file in files(path):
        yield from read_file(file)


def files(path: str | os.PathLike[str]) -> list[str]:
    """Return the rule files that `path` stands for, sorted."""
    if not os.path.isdir(path):
        return [os.fspath(path)]
    return sorted(
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
        if name.endswith((".yaml", ".yml"))
    )


def read_file(path: str | os.PathLike[str]) -> list[LoadedRule]:
    """Read one rule file. Raises `RuleError`, or `UsageError` where the file cannot be read."""
    file = os.fspath(path)
    try:
        text = Path(file).read_text("utf-8")
    except OSError as error:
        raise UsageError(f"{file}: cannot read the rule file: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RuleError("the file is not UTF-8", file=file) from None
    top = Node(file, compose(file, text)).mapping(_FILE_KEYS)
    if "rules" not in top:
        raise RuleError("the file has no `rules` list", file=file, line=1)
    provider = top["provider"].text() if "provider" in top else ""
    fragments = _fragments(top["define"]) if "define" in top else {}
    return [_rule(node, provider, fragments) for node in top["rules"].sequence()]


def _fragments(node: Node) -> dict[str, str]:
    """Parts of patterns by name; one may name those before it."""
    found: dict[str, str] = {}
    for name, part in node.pairs():
        found[name] = _filled(part, part.text(), found)
    return found


def _filled(node: Node, pattern: str, fragments: Mapping[str, str]) -> str:
    """A pattern with the parts that it names as `(?&name)`."""

    def part(match: re.Match[str]) -> str:
        if match[1] not in fragments:
            raise node.error(f"names (?&{match[1]}), which `define` does not have")
        return f"(?:{fragments[match[1]]})"

    return _FRAGMENT.sub(part, pattern)


def _rule(node: Node, provider: str, fragments: Mapping[str, str]) -> LoadedRule:
    node.rule = node.peek("id")
    keys = node.mapping(_RULE_KEYS)
    for key in _REQUIRED:
        if key not in keys:
            raise node.error(f"`{key}` is missing")
    _check_kind(node, keys)
    by_service = "service" in keys
    rule = Rule(
        id=_identifier(keys["id"]),
        name=keys["name"].text(),
        provider=keys["provider"].text() if "provider" in keys else provider,
        severity=keys["severity"].one_of(SEVERITIES),
        confidence=_confidence(keys["confidence"]),
        pattern="" if by_service else _pattern(keys["pattern"], secret=True, fragments=fragments),
        remediation=keys["remediation"].texts(),
        path=_pattern(keys["path"]) if "path" in keys else "",
        entropy=keys["entropy"].number(0, 8) if "entropy" in keys else 0.0,
        allow=tuple(map(_pattern, keys["allow"].sequence())) if "allow" in keys else (),
        filters=_filters(keys["filters"]) if "filters" in keys else _USUAL_FILTERS[by_service],
        service=_service(keys["service"]) if by_service else (),
        token=_token(keys["token"]) if by_service else "",
        requires=_requires(keys["requires"]) if "requires" in keys else None,
        max_length=int(keys["max_length"].number(1, 1_000_000)) if "max_length" in keys else 0,
        references=keys["references"].texts() if "references" in keys else (),
    )
    match, no_match = _examples(keys["examples"], rule.id)
    return LoadedRule(
        rule,
        match,
        no_match,
        node.file,
        node.line,
        verify=asking.verify(keys["verify"]) if "verify" in keys else None,
        revoke=asking.revoke(keys["revoke"]) if "revoke" in keys else None,
    )


def _identifier(node: Node) -> str:
    value = node.text()
    if not value.replace("-", "").isalnum() or value != value.lower() or not value.isascii():
        raise node.error("must be of small letters, digits and hyphens")
    return value


def _confidence(node: Node) -> float:
    known = CONFIDENCES.get(node.text())
    return node.number(0, 1) if known is None else known


def _check_kind(node: Node, keys: Mapping[str, Node]) -> None:
    """A rule has a pattern, or names a service and the form of its tokens."""
    if "service" not in keys and "token" not in keys:
        if "pattern" not in keys:
            raise node.error("`pattern` is missing, or `service` and `token` in its place")
        return
    for key in ("service", "token"):
        if key not in keys:
            raise node.error(f"`{key}` is missing: `service` and `token` go together")
    for key in ("pattern", "path"):
        if key in keys:
            raise keys[key].error("does not go with `service` and `token`")


def _service(node: Node) -> tuple[str, ...]:
    for item in node.sequence():
        name = item.text()
        if not name.isascii() or not name.isalnum() or name != name.lower() or len(name) < 3:
            raise item.error(f"must name services in three or more small letters and digits, not as {name!r}")
    if not node.texts():
        raise node.error("must name at least one service")
    return node.texts()


def _token(node: Node) -> str:
    form = _pattern(node)
    low, high = necessary.parse(form).getwidth()
    if low < _SHORTEST_TOKEN:
        raise node.error(f"may be as short as {low} characters; at least {_SHORTEST_TOKEN} tell a token from a word")
    if high > necessary.MAX_WIDTH:
        raise node.error("has a repeat without an upper bound")
    return form


def _pattern(node: Node, *, secret: bool = False, fragments: Mapping[str, str] | None = None) -> str:
    pattern = _filled(node, node.text(), fragments or {})
    try:
        necessary.check(pattern, secret=secret)
    except ValueError as error:
        raise node.error(str(error)) from None
    return pattern


def _filters(node: Node) -> tuple[str, ...]:
    return tuple(item.one_of(FILTERS) for item in node.sequence())


def _requires(node: Node) -> Requires:
    keys = node.mapping({"rule", "within"})
    for key in ("rule", "within"):
        if key not in keys:
            raise node.error(f"needs the key `{key}`")
    return Requires(_identifier(keys["rule"]), int(keys["within"].number(0, 10_000)))


def _examples(node: Node, rule: str) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    keys = node.mapping({"match", "no_match"})
    match = (
        tuple(_example(item, f"{rule}:{n}") for n, item in enumerate(keys["match"].sequence()))
        if "match" in keys
        else ()
    )
    if not match or not all(example.secrets for example in match):
        raise node.error("needs at least one `match`, each with its secret marked as «secret»")
    no_match = (
        tuple(_example(item, f"{rule}:no:{n}") for n, item in enumerate(keys["no_match"].sequence()))
        if "no_match" in keys
        else ()
    )
    return match, no_match


def _example(node: Node, seed: str) -> Example:
    path = ""
    text = node
    if node.is_mapping:
        keys = node.mapping({"path", "text"})
        if "text" not in keys:
            raise node.error("needs the key `text`")
        text, path = keys["text"], keys["path"].text() if "path" in keys else ""
    try:
        whole, secrets = notation.expand(text.text(), seed)
    except ValueError as error:
        raise text.error(str(error)) from None
    return Example(whole, secrets, path, node.line)
