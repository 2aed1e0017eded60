"""Rules as they are written in their file: on which line each key stands, and examples that are still broken."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml

BLANK = "___"
"""What a skeleton has in place of a text that is still to be written."""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Written(NamedTuple):
    """One rule as it is written."""

    lines: dict[str, int]
    """By key, the line that it stands on."""
    match: tuple[str, ...]
    """Texts of examples, in the notation that breaks their secrets."""
    no_match: tuple[str, ...]


class Outline(NamedTuple):
    """What a file has, whether its rules can be used or not."""

    provider: str
    ids: tuple[str, ...]


def outline(text: str) -> Outline | None:
    """Return what a rule file has, from its text; None where it is none."""
    try:
        top = _pairs(yaml.compose(text, Loader=_Loader))
    except yaml.YAMLError:
        return None
    rules = [_pairs(node) for node in _items(top.get("rules"))]
    return Outline(_scalar(top.get("provider")), tuple(_scalar(keys.get("id")) for keys in rules)) if rules else None


def rules_of(file: str) -> dict[int, Written]:
    """Return the rules of a file that has been loaded, by the line that they start on."""
    top = _pairs(_composed(file))
    return {node.start_mark.line + 1: _written(_pairs(node)) for node in _items(top.get("rules"))}


def blanks(file: str) -> list[tuple[int, str]]:
    """Return where a file still has blanks: the line, and the key nearest above. Empty for what is no YAML."""
    try:
        return sorted(set(_blanks(_composed(file), "")))
    except (OSError, ValueError, yaml.YAMLError):
        return []


def _composed(file: str) -> yaml.Node | None:
    return yaml.compose(Path(file).read_text("utf-8"), Loader=_Loader)


def _written(keys: dict[str, yaml.Node]) -> Written:
    examples = _pairs(keys.get("examples"))
    match, no_match = (tuple(map(_text, _items(examples.get(kind)))) for kind in ("match", "no_match"))
    lines = {key: node.start_mark.line + 1 for key, node in keys.items()}
    return Written(lines, match, no_match)


def _text(example: yaml.Node) -> str:
    return _scalar(_pairs(example).get("text", example))


def _scalar(node: yaml.Node | None) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _pairs(node: yaml.Node | None) -> dict[str, yaml.Node]:
    return {str(key.value): value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _blanks(node: yaml.Node | None, key: str) -> list[tuple[int, str]]:
    if isinstance(node, yaml.ScalarNode):
        return [(node.start_mark.line + 1, key)] if BLANK in node.value else []
    inner = [(item, key) for item in _items(node)] + [(value, name) for name, value in _pairs(node).items()]
    return [found for value, name in inner for found in _blanks(value, name)]
