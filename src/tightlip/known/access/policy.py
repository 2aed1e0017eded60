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
_BRACES = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]')
_CAPABILITIES = re.compile(r'\bcapabilities"?\s*=\s*\[([^\]]*)\]')
_SHORT = re.compile(r'\bpolicy"?\s*=\s*"(\w+)"')
_TEXT = re.compile(r'"([^"]*)"')
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_READS_SHORT = frozenset(("read", "write", "sudo"))


class Rule(NamedTuple):
    """What a policy says of some paths."""

    path: str
    """With `+` for one part of it, and `*` at its end for the rest."""
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
        depth, end = 1, len(text)
        for brace in _BRACES.finditer(text, found.end()):
            depth += {"{": 1, "}": -1}.get(brace[0], 0)
            if not depth:
                end = brace.start()
                break
        body = text[found.end() : end]
        lists, short = _CAPABILITIES.search(body), _SHORT.search(body)
        yield _rule(found[1], _TEXT.findall(lists[1]) if lists else [], short[1] if short else "")


def _rule(path: str, capabilities: list[str], short: str) -> Rule:
    """Return a rule. Parameters: `short`, what stands for several capabilities: `policy = "write"`."""
    more = {"read"} if short in _READS_SHORT else {"deny"} if short == "deny" else set[str]()
    return Rule(_TEMPLATE.sub("+", path.removeprefix("/")), frozenset(capabilities) | more)


@lru_cache(4096)
def _expression(path: str) -> re.Pattern[str]:
    is_open = path.endswith("*")
    parts = (
        "[^/]+" if part == "+" else re.escape(part).replace(r"\+", "[^/]*")
        for part in path.removesuffix("*").split("/")
    )
    return re.compile("/".join(parts) + (".*" if is_open else ""), re.DOTALL)


def _priority(rule: Rule) -> tuple[int, bool, int, int, str]:
    path = rule.path
    wild = [at for at, letter in enumerate(path) if letter == "+" or (letter == "*" and at == len(path) - 1)]
    return (wild[0] if wild else len(path) + 1, not path.endswith("*"), -path.count("+"), len(path), path)
