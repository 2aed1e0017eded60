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
_PUBLIC = (".crt", ".pub")
"""How keys of certificates and public keys end."""
_TOP = re.compile(r"(data|stringData):\s*$")
_LINE = re.compile(r"\s+[\"']?([\w.-]+)[\"']?:\s+(?![|>][-+]?\s*$)(\S.*)")


def may_be_one(path: str, data: bytes) -> bool:
    """Whether a file may hold such a manifest."""
    return path.endswith((".yaml", ".yml")) and _SIGN.search(data) is not None


def look(path: str, data: bytes) -> Iterator[Problem]:
    """Yield each secret that a manifest has in clear. Raises `NotYaml`."""
    try:
        documents = tree.documents(data)
    except tree.NotYaml:
        if b"{{" not in data:
            raise
        yield from _template(path, data)
        return
    for document in documents:
        for node in _secrets(document):
            for key, value in node.value:
                if getattr(key, "value", "") in _DATA and isinstance(value, yaml.MappingNode):
                    yield from _values(path, key.value, value)


def _template(path: str, data: bytes) -> Iterator[Problem]:
    """Yield what a template that is no YAML until it is filled in has below `data`, line by line."""
    under = ""
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        if found := _TOP.match(line):
            under = found[1]
        elif line[:1].strip() and not line.startswith(("{{", "#")):
            under = ""
        elif under and (found := _LINE.fullmatch(line)) and is_value(found[2]) and not found[1].endswith(_PUBLIC):
            yield Problem(f"{path}:{number}", f"kind: Secret has {under}.{found[1]} in clear")


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
            if name.endswith(_PUBLIC):
                continue
            yield Problem(f"{path}:{key.start_mark.line + 1}", f"kind: Secret has {under}.{name} in clear")
