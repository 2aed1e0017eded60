"""The table `[tool.tightlip]` of a pyproject.toml as nodes. What reads TOML tells no lines, so they are looked for."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import import_module

from tightlip.config.complaint import ConfigError
from tightlip.config.node import FLAG, LIST, MAPPING, NUMBER, OTHER, TEXT, Content, Node

TABLE = "tool.tightlip"
_PART = r"(?:[\w-]+|\"[^\"\\]*\"|'[^']*')"
_NAME = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_NAME})\s*\]")
_KEY = re.compile(rf"\s*({_NAME})\s*=")
_PARTS = re.compile(_PART)
_DOT = re.compile(r"[\w\"'-][ \t]*\.[ \t]*(?=[\w\"'-])")
_QUOTED = re.compile(r"""'[^'\n]*'|"[^"\n]*\"""")
MOST_PARTS = 300
"""Of a key: the time and the memory that it takes to read one grow with their square."""
_MOST_ASIDE = 200
"""Characters of a line that are looked at."""


def parse(text: str, file: str) -> Node | None:
    """Return the table, or None where there is none. Raises `ConfigError`."""
    toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    if line := crowded(text):
        raise ConfigError(f"not used: a key of more than {MOST_PARTS} parts", file=file, line=line)
    try:
        whole: dict[str, object] = toml.loads(text)
    except toml.TOMLDecodeError as error:
        found = re.search(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        problem, line = (found[1], int(found[2] or 0)) if found else ("it cannot be read", 0)
        raise ConfigError(f"not TOML: {problem[:_MOST_ASIDE].splitlines()[0]}", file=file, line=line) from None
    except RecursionError:
        raise ConfigError("not used: its values are too deep in each other", file=file) from None
    tools = whole.get("tool")
    if not isinstance(tools, dict) or "tightlip" not in tools:
        return None
    return _Reader(file, _lines(text)).node(tools["tightlip"], TABLE, 0)


def crowded(text: str) -> int:
    """Return the first line whose keys have more than `MOST_PARTS` parts, or 0 where there is none."""
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") >= MOST_PARTS and len(_DOT.findall(_QUOTED.sub('""', line))) >= MOST_PARTS:
            return number
    return 0


class _Reader:
    """Values of Python as nodes of a file."""

    def __init__(self, file: str, lines: Mapping[str, int]) -> None:
        self.file, self.lines = file, lines

    def node(self, value: object, key: str, above: int) -> Node:
        """Return a value as a node. Parameters: `above`, the line of what it is in."""
        line = self.lines.get(key, above)
        content: Content
        if isinstance(value, dict):
            kind, content = MAPPING, {name: self.node(part, f"{key}.{name}", line) for name, part in value.items()}
        elif isinstance(value, list):
            kind, content = LIST, [self.node(part, f"{key}[{n}]", line) for n, part in enumerate(value)]
        elif isinstance(value, bool):
            kind, content = FLAG, str(value).lower()
        elif isinstance(value, (int, float)):
            kind, content = NUMBER, str(value)
        else:
            kind, content = (TEXT, value) if isinstance(value, str) else (OTHER, "")
        return Node(kind, content, self.file, line, key)


def _lines(text: str) -> dict[str, int]:
    """Return the line on which each key stands, as far as a look at the lines tells."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole[:_MOST_ASIDE]
        if header := _HEADER.match(line):
            table = _path(header[2])
            if len(header[1]) == 2:
                counts[table] = counts.get(table, -1) + 1
                found.setdefault(table, number)
                table = f"{table}[{counts[table]}]"
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            name = _path(key[1])
            found.setdefault(f"{table}.{name}" if table else name, number)
    return found


def _path(name: str) -> str:
    return ".".join(part.strip("\"'") for part in _PARTS.findall(name))
