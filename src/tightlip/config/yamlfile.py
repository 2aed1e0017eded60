"""A YAML file as nodes. Aliases are refused: a few lines of them stand for gigabytes."""

from __future__ import annotations

import yaml

from tightlip.config.complaint import ConfigError
from tightlip.config.node import FLAG, LIST, MAPPING, NUMBER, OTHER, TEXT, Content, Node

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_KINDS = {"str": TEXT, "int": NUMBER, "float": NUMBER, "bool": FLAG}
_TRUE = frozenset(("true", "yes", "on"))


def parse(text: str, file: str) -> Node:
    """Return what is in a file; an empty one is an empty mapping. Raises `ConfigError`."""
    try:
        root = yaml.compose(text, Loader=_Loader)
        return Node(MAPPING, {}, file, 0, "") if root is None else _node(root, file, "", set())
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(f"not YAML: {error.problem}", file=file, line=line) from None
    except yaml.YAMLError:
        raise ConfigError("not YAML: a character that YAML does not allow", file=file) from None
    except RecursionError:
        raise ConfigError("not used: its values are too deep in each other", file=file) from None


def _node(node: yaml.Node, file: str, key: str, seen: set[int]) -> Node:
    line = node.start_mark.line + 1
    if id(node) in seen:  # an alias stands for the very node
        raise ConfigError("is an alias (*name), which is not allowed: write it out", file=file, line=line, key=key)
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        items: Content = [_node(item, file, f"{key}[{n}]", seen) for n, item in enumerate(node.value)]
        return Node(LIST, items, file, line, key)
    if isinstance(node, yaml.MappingNode):
        return Node(MAPPING, _pairs(node, file, key, seen), file, line, key)
    value = str(node.value)
    kind = _KINDS.get(str(node.tag).removeprefix(_TAG), OTHER)
    return Node(kind, str(value.lower() in _TRUE).lower() if kind == FLAG else value, file, line, key)


def _pairs(node: yaml.MappingNode, file: str, key: str, seen: set[int]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for name, value in node.value:
        text = str(name.value) if isinstance(name, yaml.ScalarNode) else "?"
        inner = f"{key}.{text}" if key else text
        if text in found:
            raise ConfigError("is given twice", file=file, line=name.start_mark.line + 1, key=inner)
        found[text] = _node(value, file, inner, seen)
        found[text].line = name.start_mark.line + 1 if found[text].kind in (LIST, MAPPING) else found[text].line
    return found
