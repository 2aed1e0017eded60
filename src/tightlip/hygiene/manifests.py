"""Kubernetes manifests: `kind: Secret` is base64, which encrypts nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml

from tightlip.hygiene import tree
from tightlip.hygiene.naming import is_value
from tightlip.hygiene.problem import Problem
from tightlip.sops.encrypted import is_encrypted

_SIGN = re.compile(rb"^[ \t-]*\"?kind\"?[ \t]*:[ \t]*[\"']?Secret\b", re.MULTILINE)
_DATA = ("data", "stringData")


def may_be_one(path: str, data: bytes) -> bool:
    """Whether a file may hold such a manifest."""
    return path.endswith((".yaml", ".yml")) and _SIGN.search(data) is not None


def look(path: str, data: bytes) -> Iterator[Problem]:
    """Yield each secret that a manifest has in clear. Raises `NotYaml`."""
    for document in tree.documents(data):
        for node in _secrets(document):
            for key, value in node.value:
                if getattr(key, "value", "") in _DATA and isinstance(value, yaml.MappingNode):
                    yield from _values(path, key.value, value)


def _secrets(document: yaml.Node) -> Iterator[yaml.MappingNode]:
    """Yield the manifests of a document that are Secrets, also those in a list."""
    if not isinstance(document, yaml.MappingNode):
        return
    kinds = {getattr(key, "value", ""): value for key, value in document.value}
    kind = getattr(kinds.get("kind"), "value", "")
    if kind == "Secret":
        yield document
    elif kind == "List" and isinstance(kinds.get("items"), yaml.SequenceNode):
        yield from (item for inner in kinds["items"].value for item in _secrets(inner))


def _values(path: str, under: str, node: yaml.MappingNode) -> Iterator[Problem]:
    for key, value in node.value:
        if isinstance(value, yaml.ScalarNode) and not is_encrypted(value.value) and is_value(str(value.value)):
            name = str(getattr(key, "value", ""))
            yield Problem(f"{path}:{key.start_mark.line + 1}", f"kind: Secret has {under}.{name} in clear")
