"""Another scanner's pattern as one of tightlip's: bytes, one group `secret`, an upper bound for every repeat."""

from __future__ import annotations

import re
from collections.abc import Sequence as SequenceOf
from typing import NamedTuple

from tightlip import necessary
from tightlip.interop import characters, syntax
from tightlip.interop.tree import (
    At,
    Chars,
    Either,
    Group,
    Node,
    Repeat,
    Sequence,
    certain_groups,
    children,
    least,
    walk,
)
from tightlip.model import LOOKAROUND

_BOUNDS = (1000, 250, 60, 15, 4)
"""What a repeat without a bound gets, the first with which the pattern is not too wide."""
_ACROSS_LINES = 8
"""So many times that where it goes on over the ends of lines, as a block of a key does."""
_PATH = 4096
_NEAR = 200
_MOST_GROUPS = 12
_ALL = -1
"""In place of a group's number: all of the match."""
_PLACES = {
    "start": "^",
    "end": r"\Z",
    "line start": "(?m:^)",
    "line end": "(?m:$)",
    "boundary": r"\b",
    "inside": r"\B",
}
_WORD = "[A-Za-z0-9_]"


class Translated(NamedTuple):
    """Patterns that together find what one of another scanner's does, and how they differ from it."""

    patterns: tuple[str, ...]
    differences: tuple[str, ...]


def rule_pattern(  # noqa: PLR0913 - as many as decide what a rule looks for
    pattern: str,
    syntax_name: str,
    *,
    group: int = 0,
    group_name: str = "",
    words: bool = False,
    near: SequenceOf[str] = (),
) -> Translated:
    """Translate the pattern of a rule.

    Parameters: `group` and `group_name`, as a ForeignRule has them; `words`, whether whole words must match; `near`,
    words of which one must be in the file, for a pattern that is too vague alone: it then stands shortly before.

    Raises `ValueError`, saying why it cannot be expressed.
    """
    tree = syntax.parse(pattern, syntax_name)
    if not least(tree):
        raise ValueError("matches a text of no character")
    wanted, told = _secret(tree, group, group_name)
    written = [_bounded(tree, index, words=words, near=near) for index in wanted]
    told += [difference for one in written for difference in one.differences if difference not in told]
    return Translated(tuple(one.patterns[0] for one in written), tuple(dict.fromkeys(told)))


def allow_pattern(pattern: str, syntax_name: str) -> Translated:
    """Translate a pattern that is searched for in a secret."""
    tree = trimmed(syntax.parse(pattern, syntax_name))
    written = _Writer(_BOUNDS[0]).node(tree)
    necessary.check(written, secret=False)
    return Translated((written,), tuple(_differences(tree, _BOUNDS[0])))


def words_pattern(words: SequenceOf[str]) -> str:
    """Return a pattern that finds one of some words, in any case."""
    return f"(?i)(?:{'|'.join(map(_literal, words))})"


def path_pattern(path: str, leave_out: SequenceOf[str], syntax_name: str) -> Translated:
    """Translate a pattern of paths, without those in which one of `leave_out` is found.

    Raises `ValueError`, saying why it cannot be expressed.
    """
    told: list[str] = []
    only = ""
    if path:
        tree = trimmed(syntax.parse(path, syntax_name), one_line=True)
        only = _Writer(_BOUNDS[0]).node(tree)
        told += _differences(tree, _BOUNDS[0])
    if not leave_out:
        found = only
    else:
        never = "|".join(_short(it, syntax_name) for it in leave_out)
        step = rf"(?:(?!{never})[\s\S]){{0,{_PATH}}}"
        found = rf"^{step}{rf'?(?:{only}){step}' if only else ''}\Z"
        if only:
            told.append("paths that are left out are not seen within what `path` itself matches")
    necessary.check(found, secret=False)
    return Translated((found,), tuple(told))


def _short(pattern: str, syntax_name: str) -> str:
    """A pattern that a lookahead can take. Raises `ValueError` for one that is too wide."""
    tree = trimmed(syntax.parse(pattern, syntax_name), one_line=True)
    if not least(tree):
        raise ValueError("matches every path")
    for bound in (60, 30, 15, 8):
        written = f"(?:{_Writer(bound, across=1).node(tree)})"
        if _width(written) <= LOOKAROUND:
            return written
    raise ValueError(f"is wider than the {LOOKAROUND} characters that can be looked at")


def _secret(tree: Node, group: int, name: str) -> tuple[list[int], list[str]]:
    """Return the groups to take for the secret, each in a rule of its own."""
    groups = list(certain_groups(tree))
    named = [found.index for found, _ in groups if name and found.name.lower() == name.lower()]
    if named:
        return named[:1], []
    if group > len(groups):
        raise ValueError(f"has {len(groups)} groups, and the secret is to be group {group}")
    if group:
        return [max(group, _ALL)], []
    return _first_that_is_not_empty(groups)


def _first_that_is_not_empty(groups: SequenceOf[tuple[Group, bool]]) -> tuple[list[int], list[str]]:
    wanted: list[int] = []
    certain = False
    for found, certain in groups:
        if any(isinstance(it, Chars) for it in walk(found)):
            wanted.append(found.index)
            if certain and least(found.inner):
                break
    if len(wanted) > _MOST_GROUPS:
        raise ValueError(f"has more than {_MOST_GROUPS} groups of which the first that is not empty is the secret")
    if len(wanted) > 1:
        return wanted, [f"the first of several groups is the secret: {len(wanted)} rules, one for each"]
    if wanted and not certain:
        return wanted, ["where its group takes no part, the whole match is not reported"]
    return wanted or [_ALL], []


def _bounded(tree: Node, index: int, *, words: bool, near: SequenceOf[str]) -> Translated:
    """Write the pattern with the widest bounds that it can have."""
    whole = Group(_ALL, "", tree) if index == _ALL else tree
    tries: list[tuple[Node, tuple[str, ...]]] = [(whole, ())]
    if near:
        either = Either(tuple(map(_word, near)))
        gap = Repeat(Chars(((0, characters.LAST),)), 0, _NEAR, lazy=True)
        tries.append((Sequence((either, gap, whole)), (f"its keyword must stand within {_NEAR} bytes before it",)))
    problem = ""
    for tried, told in tries:
        for bound in _BOUNDS:
            written = _whole(tried, _Writer(bound, secret=index), words=words)
            problem = _problem(written)
            if not problem:
                return Translated((written,), (*told, *_differences(tree, bound)))
            if not problem.startswith("can match more"):
                break
    if problem.startswith("has no literal"):
        problem = "has nothing fixed of three or more characters, and no keyword, to be searched for by"
    raise ValueError(problem)


def _word(text: str) -> Node:
    return Sequence(tuple(Chars(((ord(character), ord(character)),), caseless=True) for character in text))


def _problem(written: str) -> str:
    try:
        necessary.check(written, secret=True)
    except ValueError as error:
        return str(error)
    return ""


def _whole(tree: Node, writer: _Writer, *, words: bool) -> str:
    caseless = _case(tree) == "any"
    text = writer.node(tree, caseless=caseless)
    if isinstance(tree, Either):
        text = f"(?:{text})"
    if words:
        text = f"(?<!{_WORD}){text}(?!{_WORD})"
    return f"(?i){text}" if caseless else text


def _width(written: str) -> int:
    return int(necessary.parse(written).getwidth()[1])


def trimmed(tree: Node, *, one_line: bool = False) -> Node:
    """Leave out, at both ends, what may match nothing and anything: a search finds the same without.

    Parameters: `one_line`, whether what is searched is one line, so that the same goes for what is behind its start.
    """
    if not isinstance(tree, Sequence):
        return tree
    items = list(tree.items)
    while len(items) > 1 and _is_idle(items[0]):
        items.pop(0)
    while len(items) > 1 and _is_idle(items[-1]):
        items.pop()
    if one_line and len(items) > 2 and isinstance(items[0], At) and items[0].what == "start" and _is_idle(items[1]):
        del items[:2]
    if one_line and len(items) > 2 and isinstance(items[-1], At) and items[-1].what == "end" and _is_idle(items[-2]):
        del items[-2:]
    return Sequence(tuple(items))


def _is_idle(node: Node) -> bool:
    return (
        isinstance(node, Repeat)
        and (node.low, node.high) == (0, None)
        and isinstance(node.inner, Chars)
        and sum(high - low for low, high in node.inner.ranges) > characters.LAST - 9
    )


def _differences(tree: Node, bound: int) -> list[str]:
    told = []
    endless = [node for node in walk(tree) if isinstance(node, Repeat) and node.high is None]
    bounds = sorted({bound * (_ACROSS_LINES if _goes_across(node) else 1) for node in endless})
    if bounds:
        told.append(f"a repeat without an upper bound ends at {' or '.join(map(str, bounds))}")
    if any(isinstance(node, Chars) and characters.is_vague(node.ranges) for node in walk(tree)):
        told.append("a class of letters beyond ASCII takes any character beyond ASCII")
    return told


def _literal(text: str) -> str:
    return "".join(characters.written(((ord(character), ord(character)),)) for character in text)


class _Writer:
    """Writes a tree. Parameters: `bound`, of repeats that have none; `across`, how many times that over lines."""

    def __init__(self, bound: int, *, secret: int = 0, across: int = _ACROSS_LINES) -> None:
        self.bound, self.secret, self.across = bound, secret, across
        self.branching = 0
        """In how many choices between branches what is written stands: `regex` takes `[^a]|[^b]` for `[^ab]`."""

    def node(self, node: Node, *, caseless: bool = False) -> str:
        """Parameters: `caseless`, whether what is around it is written so that case does not matter."""
        if isinstance(node, Chars):
            text = characters.written(node.ranges, as_listed=self.branching > 0)
            return f"(?i:{text})" if _case(node) == "any" and not caseless else text
        if isinstance(node, At):
            return _PLACES[node.what]
        if isinstance(node, Group):
            inner = self.node(node.inner, caseless=caseless)
            return f"(?P<secret>{inner})" if node.index == self.secret else f"(?:{inner})"
        if isinstance(node, Either):
            return self.either(node, caseless=caseless)
        if isinstance(node, Repeat):
            return self.repeat(node, caseless=caseless)
        return self.sequence(node.items, caseless=caseless)

    def either(self, node: Either, *, caseless: bool) -> str:
        is_wrapped = not caseless and _case(node) == "any"
        self.branching += 1
        text = "|".join(self.node(it, caseless=caseless or is_wrapped) for it in node.branches)
        self.branching -= 1
        return f"(?i:{text})" if is_wrapped else text

    def repeat(self, node: Repeat, *, caseless: bool) -> str:
        inner = self.node(node.inner, caseless=caseless)
        if not _is_one(node.inner, inner):
            inner = f"(?:{inner})"
        high = node.high
        if high is None:
            high = max(node.low, self.bound * (self.across if _goes_across(node) else 1))
        counts = {(0, 1): "?", (1, 1): ""}.get((node.low, high))
        if counts is None:
            counts = f"{{{node.low}}}" if node.low == high else f"{{{node.low},{high}}}"
        return f"{inner}{counts}{'?' if node.lazy and node.low != high else ''}"

    def sequence(self, items: SequenceOf[Node], *, caseless: bool) -> str:
        if caseless:
            return "".join(self.inside(it, caseless=True) for it in items)
        parts: list[str] = []
        at = 0
        while at < len(items):
            end = at
            while end < len(items) and _case(items[end]) in ("any", "none"):
                end += 1
            while end > at and _case(items[end - 1]) == "none":
                end -= 1
            if end > at:
                run = "".join(self.inside(it, caseless=True) for it in items[at:end])
                parts.append(f"(?i:{run})")
                at = end
            else:
                parts.append(self.inside(items[at], caseless=False))
                at += 1
        return "".join(parts)

    def inside(self, node: Node, *, caseless: bool) -> str:
        """A node between others."""
        text = self.node(node, caseless=caseless)
        is_wrapped = not caseless and _case(node) == "any"
        return f"(?:{text})" if isinstance(node, Either) and not is_wrapped else text


def _case(node: Node) -> str:
    """Whether case matters in a node: `any` case will do, it is `fixed`, `mixed`, or there are `none` that have one."""
    if isinstance(node, Chars):
        return ("any" if node.caseless else "fixed") if characters.is_cased(node.ranges) else "none"
    kinds = {_case(child) for child in children(node)} - {"none"}
    if len(kinds) > 1:
        return "mixed"
    return next(iter(kinds), "none")


def _goes_across(node: Repeat) -> bool:
    """Whether it goes on over the ends of lines, and is not just blank."""
    return any(
        isinstance(it, Chars) and all(any(low <= code <= high for low, high in it.ranges) for code in (0x0A, 0x41))
        for it in walk(node.inner)
    )


def _is_one(node: Node, text: str) -> bool:
    """Whether a repeat behind the text is of all of it."""
    if isinstance(node, Group):
        return True
    if isinstance(node, Chars):
        return text.startswith(("[", "(")) or re.fullmatch(r"\\?.|\\x..", text, re.DOTALL) is not None
    return False
