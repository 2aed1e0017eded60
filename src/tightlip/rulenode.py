"""A YAML node of a rule file that knows where it stands, so that a complaint can say so."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from tightlip.errors import RuleError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def compose(file: str, text: str) -> yaml.Node:
    """Return the whole of a file, from its text. Raises `RuleError`."""
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise RuleError(f"not YAML: {error.problem}", file=file, line=line) from None
    except yaml.YAMLError:
        raise RuleError("not YAML: a character that YAML does not allow", file=file) from None
    if node is None:
        raise RuleError("the file is empty", file=file)
    return node


class Node:
    """A YAML node that knows its file and rule, so that a complaint can say where."""

    def __init__(self, file: str, node: yaml.Node, key: str = "", rule: str = "") -> None:
        self.file, self.node, self.key, self.rule = file, node, key, rule
        self.line: int = node.start_mark.line + 1

    @property
    def is_list(self) -> bool:
        """Whether there are several values."""
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        """Whether there are keys and values."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_quoted(self) -> bool:
        """Whether it is a text, whatever it looks like."""
        return isinstance(self.node, yaml.ScalarNode) and bool(self.node.style)

    def error(self, problem: str) -> RuleError:
        """Return a complaint about what stands here."""
        named = f"`{self.key}` {problem}" if self.key else problem
        return RuleError(named, file=self.file, line=self.line, rule=self.rule)

    def _child(self, node: yaml.Node, key: str) -> Node:
        return Node(self.file, node, key, self.rule)

    def mapping(self, known: set[str]) -> dict[str, Node]:
        """Return a mapping whose keys are among those that are known, each once."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("must be a mapping of keys to values")
        found: dict[str, Node] = {}
        for key_node, value in self.node.value:
            key = str(key_node.value)
            child = self._child(value, key)
            if key not in known:
                raise self._child(key_node, key).error(
                    f"is not a key that is known here (known: {', '.join(sorted(known))})"
                )
            if key in found:
                raise child.error("is given twice")
            found[key] = child
        return found

    def pairs(self) -> list[tuple[str, Node]]:
        """A mapping of names that are the file's own."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("must be a mapping of names to values")
        return [(str(name.value), self._child(value, str(name.value))) for name, value in self.node.value]

    def peek(self, key: str) -> str:
        """The text under a key of a mapping, or nothing; no complaint yet."""
        pairs = self.node.value if isinstance(self.node, yaml.MappingNode) else []
        return next((str(value.value) for name, value in pairs if name.value == key), "")

    def sequence(self) -> list[Node]:
        """Return the items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("must be a list")
        return [self._child(item, self.key) for item in self.node.value]

    def scalar(self) -> str:
        """Return a text, which may be empty."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error("must be a text")
        return str(self.node.value)

    def text(self) -> str:
        """Return a text that is not empty."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value:
            raise self.error("must be a text")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(item.text() for item in self.sequence())

    def number(self, least: float, most: float) -> float:
        """Return a number of a range."""
        try:
            value = float(self.text())
        except ValueError:
            raise self.error(f"must be a number, not {self.text()!r}") from None
        if not least <= value <= most:
            raise self.error(f"must be between {least:g} and {most:g}")
        return value

    def one_of(self, choices: Iterable[str]) -> str:
        """Return one of a few texts."""
        if (value := self.text()) not in choices:
            raise self.error(f"must be one of {', '.join(choices)}, not {value!r}")
        return value
