"""A YAML file's texts, each with its keys and its line: so CI files, compose files and manifests are read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import yaml

from tightlip.sops import plainyaml
from tightlip.sops.plainyaml import NotYaml

_DEEPEST = 60
__all__ = ["NotYaml", "Scalar", "documents", "walk"]


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
    """Return the documents of a file. Raises `NotYaml`."""
    return list(plainyaml.documents(data))


def walk(node: yaml.Node) -> Iterator[Scalar]:
    """Yield every text of a document; what an alias repeats counts once."""
    waiting: list[tuple[yaml.Node, tuple[str, ...]]] = [(node, ())]
    seen = set[int]()
    while waiting:
        part, path = waiting.pop()
        if isinstance(part, yaml.ScalarNode):
            if part.tag != "tag:yaml.org,2002:null":
                yield Scalar(path, str(part.value), part.start_mark.line + 1)
        elif id(part) not in seen and len(path) < _DEEPEST:
            seen.add(id(part))
            if isinstance(part, yaml.MappingNode):
                inner = [(value, (*path, str(getattr(key, "value", "")))) for key, value in part.value]
            else:
                inner = [(item, (*path, str(number))) for number, item in enumerate(part.value)]
            waiting += reversed(inner)
