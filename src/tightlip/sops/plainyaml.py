"""YAML that a stranger wrote, as lists, mappings and texts: depth, size and what aliases repeat are bounded."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LARGEST = 4 << 20
"""Bytes."""
_DEEPEST = 100
_MOST = 200_000
"""Values of a document, with what its aliases repeat."""
_MERGE = "tag:yaml.org,2002:merge"


class NotYaml(ValueError):
    """It cannot be read. `too_much` says that this is for a limit of ours: others may be able to."""

    def __init__(self, why: str, *, too_much: bool = False) -> None:
        self.too_much = too_much
        super().__init__(why)


def documents(data: bytes) -> Iterator[yaml.Node]:
    """Yield the documents of a file as nodes, which know their lines. Raises `NotYaml`."""
    if len(data) > LARGEST:
        raise NotYaml("it is too large to be read", too_much=True)
    try:
        text = data.decode("utf-8-sig")
        yield from yaml.compose_all(text, Loader=Loader)
    except UnicodeDecodeError:
        raise NotYaml("it is not UTF-8", too_much=True) from None
    except RecursionError:
        raise NotYaml("it is nested too deep", too_much=True) from None
    except (yaml.YAMLError, ValueError):
        raise NotYaml("it is no YAML") from None


def loaded(node: yaml.Node, *, once: bool = False) -> object:
    """Return a node as lists, mappings and texts; null is None, and so is what is too deep.

    Parameters: `once`, whether a key may stand in a mapping only once, as Go has it. Raises `NotYaml` for that, and
    where aliases repeat too much.
    """
    return _Loading(once=once).value(node, 0)


class _Loading:
    """Counts what there is to load: a few aliases of aliases stand for more than any memory holds."""

    def __init__(self, *, once: bool) -> None:
        self._left, self._once = _MOST, once

    def value(self, node: yaml.Node, depth: int) -> object:
        self._left -= 1
        if self._left < 0:
            raise NotYaml("its aliases repeat too much", too_much=True)
        if isinstance(node, yaml.ScalarNode):
            return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)
        if depth > _DEEPEST:
            return None
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        return self._mapping(node, depth) if isinstance(node, yaml.MappingNode) else None

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, object]:
        merged: dict[str, object] = {}
        own: dict[str, object] = {}
        for key, value in node.value:
            found = self.value(value, depth + 1)
            if key.tag == _MERGE:
                for it in reversed(found if isinstance(found, list) else [found]):
                    merged |= it if isinstance(it, dict) else {}
            elif isinstance(key, yaml.ScalarNode):
                if self._once and key.value in own:
                    raise NotYaml(f"line {key.start_mark.line + 1}: a key stands there a second time")
                own[str(key.value)] = found
        return merged | own
