"""Policies of HashiCorp Vault and OpenBao, in HCL or JSON: which paths they let somebody read.

As its documentation has it (concepts/policies, Priority matching): the most specific path decides, whichever policy it
is in, and a `deny` there counts more than what other policies give.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from tightlip.known.asking import mapping, texts

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|#[^\n]*|//[^\n]*|/\*.*?\*/', re.DOTALL)
_PATH = re.compile(r'\bpath"?\s+"((?:[^"\\]|\\.)*)"\s*\{')
_BRACES = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL)
_STRING = r'"(?:[^"\\]|\\.)*"(?!\s*=)'
"""Which is no name of a setting, and has none in it."""
_CAPABILITIES = re.compile(_STRING + r'|\bcapabilities"?\s*=\s*\[([^\]]*)\]', re.DOTALL)
_SHORT = re.compile(_STRING + r'|\bpolicy"?\s*=\s*"(\w+)"', re.DOTALL)
_TEXT = re.compile(r'"([^"]*)"')
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_ANYTHING = "\0"
"""Put where a template stands: it is not known what that becomes."""
_SEGMENT = re.compile(r"(?:^|(?<=/))\+(?=/|$)")
_READS_SHORT = frozenset(("read", "write", "sudo"))


class Rule(NamedTuple):
    """What a policy says of some paths."""

    path: str
    """With `+` for one whole part of it, and `*` at its end for the rest."""
    capabilities: frozenset[str]


def rules(text: str) -> list[Rule]:
    """Return the rules of a policy; nothing for what is none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return list(_hcl(_COMMENT.sub(lambda found: found[1] or " ", text)))
    found = mapping(said).get("path")
    every = found if isinstance(found, list) else [found]
    return [
        _rule(path, texts(mapping(body).get("capabilities")), str(mapping(body).get("policy", "")))
        for each in every
        for path, body in mapping(each).items()
    ]


def reads(given: Iterable[Rule], path: str) -> bool:
    """Whether somebody who has all of these rules may read a path. What a template stands for is taken to match."""
    matching = [rule for rule in given if _expression(rule.path).fullmatch(path)]
    if not matching:
        return False
    best = max(map(_priority, matching))
    decides = [rule.capabilities for rule in matching if _priority(rule) == best]
    return any("read" in it for it in decides) and not any("deny" in it for it in decides)


def _hcl(text: str) -> Iterator[Rule]:
    for found in _PATH.finditer(text):
        body = _outermost(text, found.end())
        yield _rule(_unescaped(found[1]), _TEXT.findall(_setting(_CAPABILITIES, body)), _setting(_SHORT, body))


def _setting(pattern: re.Pattern[str], body: str) -> str:
    """Return what a pattern's group finds first, or nothing."""
    return next((found[1] for found in pattern.finditer(body) if found[1] is not None), "")


def _outermost(text: str, start: int) -> str:
    """Return what is in braces that have opened, without what is in braces in them, up to where they close."""
    depth, after, parts = 1, start, []
    for brace in _BRACES.finditer(text, start):
        if depth == 1:
            parts.append(text[after : brace.start()])
        after = brace.start() if brace[0][0] == '"' else brace.end()
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if not depth:
            break
    return "".join(parts)


def _unescaped(text: str) -> str:
    """Return what a text of HCL stands for: it has the escapes of JSON."""
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _rule(path: str, capabilities: list[str], short: str) -> Rule:
    """Return a rule. Parameters: `short`, what stands for several capabilities: `policy = "write"`."""
    more = {"read"} if short in _READS_SHORT else {"deny"} if short == "deny" else set[str]()
    return Rule(_TEMPLATE.sub(_ANYTHING, path.removeprefix("/")), frozenset(capabilities) | more)


@lru_cache(4096)
def _expression(path: str) -> re.Pattern[str]:
    parts = (
        "[^/]+" if part == "+" else re.escape(part).replace(_ANYTHING, "[^/]*")
        for part in path.removesuffix("*").split("/")
    )
    return re.compile("/".join(parts) + (".*" if path.endswith("*") else ""), re.DOTALL)


def _priority(rule: Rule) -> tuple[int, bool, int, int, str]:
    path, is_open = rule.path, rule.path.endswith("*")
    segments = [found.start() for found in _SEGMENT.finditer(path)]
    first = min([*segments, len(path) - 1 if is_open else len(path) + 1])
    return first, not is_open, -len(segments), len(path), path
