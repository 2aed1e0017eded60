"""YAML that a stranger wrote, as lists, mappings and texts: aliases count once, and depth and size are bounded."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LARGEST = 4 << 20
"""Bytes."""
_DEEPEST = 100


class NotYaml(ValueError):
    """It cannot be read."""


def documents(data: bytes) -> Iterator[yaml.Node]:
    """Yield the documents of a file as nodes, which know their lines. Raises `NotYaml`."""
    if len(data) > LARGEST:
        raise NotYaml("it is too large to be read")
    try:
        text = data.decode("utf-8-sig")
        yield from yaml.compose_all(text, Loader=Loader)
    except UnicodeDecodeError:
        raise NotYaml("it is not UTF-8") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise NotYaml("it is no YAML") from None


def loaded(node: yaml.Node) -> object:
    """Return a node as lists, mappings and texts; null is None, and so is what an alias repeats or is too deep."""
    return _loaded(node, set(), 0)


def _loaded(node: yaml.Node, seen: set[int], depth: int) -> object:
    if id(node) in seen or depth > _DEEPEST:
        return None
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_loaded(item, seen, depth + 1) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        pairs = ((key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode))
        return {str(key.value): _loaded(value, seen, depth + 1) for key, value in pairs}
    return None
