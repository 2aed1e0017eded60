"""What other scanners allow for all rules, or in ways that no rule file can say, as `allow` of a `.tightlip.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tightlip.interop import characters, syntax, translate
from tightlip.interop.foreign import Foreign, ForeignAllow, NotCarried
from tightlip.interop.tree import At, Chars, Either, Group, Node, Repeat
from tightlip.interop.tree import Sequence as OneByOne

_MOST_CHARACTERS = 1000
_SHORTEST_STOPWORD, _SHORTEST_COMMIT = 3, 7
_SLASH = "/"
_SPECIAL = "\\*?[]!# "
_IN_A_NAME = characters.inverted(((ord(_SLASH), ord(_SLASH)),))


class Entry(NamedTuple):
    """One entry of `allow`."""

    what: str
    """Where it is from, as a message of what is not carried over would name it."""
    conditions: dict[str, list[str]]


class Allowed(NamedTuple):
    """Entries, and what cannot be one."""

    entries: tuple[Entry, ...]
    left: tuple[NotCarried, ...]


def allowed(foreign: Foreign, names: Mapping[str, Sequence[str]]) -> Allowed:
    """Return what a configuration is to allow.

    Parameters: `names`, by the other scanner's id of a rule: the ids of what it became.
    """
    entries: list[Entry] = []
    left: list[NotCarried] = []
    for allow in foreign.allows:
        rules = [name for rule in allow.rules for name in names.get(rule, ())]
        if bool(rules) == bool(allow.rules):
            entries += _entries(allow, allow.what, rules, left, whole=not rules)
    for rule in foreign.rules:
        for allow in rule.allows:
            if ids := names.get(rule.id):
                entries += _entries(allow, f"rule {rule.id}: {allow.what}", list(ids), left, whole=False)
    return Allowed(tuple(entries), tuple(left))


def written(entries: Iterable[Entry], scanner: str) -> str:
    """Return the text of a configuration with these entries."""
    import yaml

    rows = [{**entry.conditions, "reason": f"{entry.what}, of {scanner}"} for entry in entries]
    return yaml.safe_dump({"allow": rows}, sort_keys=False, allow_unicode=True, width=10_000)


def _entries(allow: ForeignAllow, what: str, rules: list[str], left: list[NotCarried], *, whole: bool) -> list[Entry]:
    """Return an entry for all conditions that hold together, or one for each.

    Parameters: `whole`, whether also for what rule files have said of their own rules, since it is about all rules.
    """
    kinds = [kind for kind in ("regexes", "stopwords", "paths", "commits") if getattr(allow, kind)]
    together = allow.together and len(kinds) > 1
    groups = [kinds] if together else [[kind] for kind in kinds if whole or _is_not_of_a_rule(allow, kind)]
    found: list[Entry] = []
    for group in groups:
        name = what if together else f"{what}: {group[0]}"
        try:
            given = dict(_condition(allow, kind) for kind in group)
        except ValueError as error:
            left.append(NotCarried(name, str(error)))
            continue
        found.append(Entry(name, {**({"rules": rules} if rules else {}), **given}))
    return found


def _is_not_of_a_rule(allow: ForeignAllow, kind: str) -> bool:
    return kind == "commits" or (kind == "regexes" and allow.target == "line")


def _condition(allow: ForeignAllow, kind: str) -> tuple[str, list[str]]:
    """Return the key of a condition and its values. Raises `ValueError` for what cannot be said."""
    if kind == "stopwords":
        if any(len(word) < _SHORTEST_STOPWORD for word in allow.stopwords):
            raise ValueError(f"a stopword has fewer than {_SHORTEST_STOPWORD} characters, and is in too many secrets")
        return kind, list(allow.stopwords)
    if kind == "commits":
        if any(len(it) < _SHORTEST_COMMIT or it.lower().strip("0123456789abcdef") for it in allow.commits):
            raise ValueError("names a commit by something else than its id")
        return kind, list(allow.commits)
    if kind == "paths":
        return kind, [one for path in allow.paths for one in glob(path)]
    if allow.target == "match":
        raise ValueError("is matched against the match, of which tightlip knows the secret and the line")
    patterns = [one for regex in allow.regexes for one in translate.allow_pattern(regex, "re2").patterns]
    if any(len(one) > _MOST_CHARACTERS for one in patterns):
        raise ValueError(f"has an expression of more than {_MOST_CHARACTERS} characters")
    return {"secret": "values", "line": "lines"}[allow.target], patterns


def glob(path: str) -> list[str]:
    """Return patterns as in a `.gitignore` for a regular expression that is searched for in paths.

    Raises `ValueError` for one that says more than these can.
    """
    tree = translate.trimmed(syntax.parse(path, "re2"), one_line=True)
    items = list(tree.items) if isinstance(tree, OneByOne) else [tree]
    if isinstance(items[0], At) and items[0].what == "start":
        start, items = _SLASH, items[1:]
    elif _is_start_of_a_name(items[0]):
        start, items = "**/", items[1:]
    else:
        start = "**/" if items and _text(items[0]) == _SLASH else "**/*"
        items = items[1:] if start == "**/" else items
    is_end = bool(items) and isinstance(items[-1], At) and items[-1].what == "end"
    body = "".join(map(_text, items[:-1] if is_end else items))
    if not body.strip("*/?"):
        raise ValueError("says of a path nothing that is fixed")
    return [start + body if is_end or body.endswith(_SLASH) else f"{start}{body}*"]


def _is_start_of_a_name(node: Node) -> bool:
    """Whether it is `(^|/)`."""
    inner = node.inner if isinstance(node, Group) else node
    if not isinstance(inner, Either) or len(inner.branches) != 2:
        return False
    first, second = sorted(inner.branches, key=lambda it: not isinstance(it, At))
    return isinstance(first, At) and first.what == "start" and isinstance(second, Chars) and _text(second) == _SLASH


def _text(node: Node) -> str:
    """Return a part of a path as a pattern has it. Raises `ValueError`."""
    if isinstance(node, Chars):
        character = characters.single(node.ranges)
        cased = node.caseless and characters.is_cased(node.ranges)
        if character and character.isprintable() and not cased:
            return f"\\{character}" if character in _SPECIAL else character
    elif isinstance(node, Repeat) and node.inner == Chars(_IN_A_NAME) and node.high is None and node.low < 2:
        return "?*" if node.low else "*"
    raise ValueError("says more of a path than a pattern as in a .gitignore can")
