"""A YAML file's texts, each with its keys and its line: so CI files, compose files and manifests are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import yaml

from tightlip.sops import plainyaml
from tightlip.sops.plainyaml import NotYaml

_DEEPEST = 60
_MOST = 300_000
"""Nodes of one document: aliases make of a few lines as many as they like."""
_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ACTION_ALONE = re.compile(r"^[ \t]*(?:\{\{[^{}]*\}\}[ \t]*)+$", re.MULTILINE)
__all__ = ["NotYaml", "Scalar", "documents", "pairs", "walk"]


class Scalar(NamedTuple):
    """A text, and the keys that lead to it; a place in a list is its number."""

    path: tuple[str, ...]
    value: str
    line: int

    @property
    def key(self) -> str:
        """The last key that is none of a list."""
        return next((it for it in reversed(self.path) if not it.isdigit()), "")


def documents(data: bytes) -> list[yaml.Node]:
    """Return the documents of a file; one that Helm or the like fills in, with references in these places.

    Raises `NotYaml`.
    """
    try:
        return list(plainyaml.documents(data))
    except NotYaml:
        if b"{{" not in data:
            raise
        return list(plainyaml.documents(_filled(data)))


def _filled(data: bytes) -> bytes:
    text = _ACTION_ALONE.sub(_blank, data.decode("utf-8", "replace"))
    return _ACTION.sub(lambda found: "$(template)" + _blank(found), text).encode()


def _blank(found: re.Match[str]) -> str:
    """Return as many ends of lines as there were: lines keep their numbers."""
    return "\n" * found[0].count("\n")


def walk(node: yaml.Node) -> Iterator[Scalar]:
    """Yield every text of a document, null as an empty one; one that an alias repeats, at each of its places.

    Raises `NotYaml` where these are too many, or lie too deep.
    """
    waiting: list[tuple[yaml.Node, tuple[str, ...]]] = [(node, ())]
    for _ in range(_MOST):
        if not waiting:
            return
        part, path = waiting.pop()
        if len(path) > _DEEPEST:
            raise NotYaml("it is nested too deep")
        if isinstance(part, yaml.ScalarNode):
            text = "" if part.tag == "tag:yaml.org,2002:null" else str(part.value)
            yield Scalar(path, text, part.start_mark.line + 1)
        elif isinstance(part, yaml.MappingNode):
            waiting += reversed([(value, (*path, str(getattr(key, "value", "")))) for key, value in part.value])
        else:
            waiting += reversed([(item, (*path, str(number))) for number, item in enumerate(part.value)])
    raise NotYaml("it holds too much")


def pairs(scalars: Iterable[Scalar]) -> Iterator[tuple[Scalar, Scalar]]:
    """Yield what is written as `{name: ..., value: ...}`: the text of the name, and that of the value."""
    by_parent: dict[tuple[str, ...], dict[str, Scalar]] = {}
    for it in scalars:
        if it.path:
            by_parent.setdefault(it.path[:-1], {})[it.path[-1].lower()] = it
    for keys in by_parent.values():
        if "name" in keys and "value" in keys:
            yield keys["name"], keys["value"]
