"""Files of other scanners as plain data, whoever wrote them: bounded, and one clear line where they cannot be read."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from tightlip.config import tomlfile
from tightlip.errors import UsageError

Table: TypeAlias = Mapping[str, object]

MOST_BYTES, MOST_REPORT_BYTES = 1 << 20, 1 << 26
_MOST_NESTED = 100


def text(path: str, most: int = MOST_BYTES) -> str:
    """Return the text of a file. Raises `UsageError` where it is no text, too large, or cannot be read."""
    try:
        if not Path(path).is_file():
            raise UsageError(f"{path}: there is no such file")
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file has such a name"
        raise UsageError(f"{path}: cannot read it: {reason}") from None
    if len(data) > most:
        raise UsageError(f"{path}: larger than {most >> 20} MiB, which is no such file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8 text") from None


def toml(path: str) -> Table:
    """Return what a TOML file holds."""
    parser = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    content = text(path)
    if line := tomlfile.crowded(content):
        raise UsageError(f"{path}: line {line} has a key of more than {tomlfile.MOST_PARTS} parts")
    return table(_parsed(path, "TOML", parser.loads, content), path)


def yaml(path: str) -> Table:
    """Return what a YAML file holds."""
    import yaml as pyyaml

    loader = getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)
    content = text(path)
    if any(isinstance(event, pyyaml.AliasEvent) for event in _events(path, content)):
        raise UsageError(f"{path}: has YAML aliases, which are not read: write what they stand for in full")
    return table(_parsed(path, "YAML", lambda it: pyyaml.load(it, Loader=loader), content), path)  # noqa: S506 - a safe one


def _events(path: str, content: str) -> list[object]:
    """Return the events of a YAML text, none of them nested too deep."""
    import yaml as pyyaml

    def parse(it: str) -> list[object]:
        depth, found = 0, list[object]()
        for event in pyyaml.parse(it, Loader=getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)):
            depth += isinstance(event, pyyaml.CollectionStartEvent) - isinstance(event, pyyaml.CollectionEndEvent)
            if depth > _MOST_NESTED:
                raise RecursionError
            found.append(event)
        return found

    events = _parsed(path, "YAML", parse, content)
    return events if isinstance(events, list) else []


def json_file(path: str) -> object:
    """Return what a JSON file holds; reports may be large."""
    return _parsed(path, "JSON", json.loads, text(path, MOST_REPORT_BYTES))


def _parsed(path: str, name: str, parse: Callable[[str], object], content: str) -> object:
    try:
        return parse(content)
    except RecursionError:
        raise UsageError(f"{path}: nested too deep") from None
    except Exception as error:  # noqa: BLE001 - three parsers, each with errors of its own, whose texts may quote values
        raise UsageError(f"{path}: not {name}{_where(error)}") from None


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    line = getattr(error, "lineno", None) or (mark.line + 1 if mark else None)
    if line is None and "(at line " in str(error):
        line = str(error).partition("(at line ")[2].partition(",")[0]
    return f": line {line} cannot be read" if line else ""


def table(value: object, what: str) -> Table:
    """Take a value for a table. Raises `UsageError` where it is none."""
    if not isinstance(value, dict):
        raise UsageError(f"{what}: must be a table of keys and values")
    return {str(key): item for key, item in value.items()}


def tables(value: object, what: str) -> list[Table]:
    """Take a value for a list of tables; one table is a list of one, nothing a list of none."""
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    return [table(item, what) for item in items]


def string(value: object, what: str) -> str:
    """Take a value for a text; nothing is an empty one."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(f"{what}: must be a text")
    return value


def strings(value: object, what: str) -> tuple[str, ...]:
    """Take a value for a list of texts; one text is a list of one."""
    items = [] if value is None else value if isinstance(value, list) else [value]
    return tuple(string(item, what) for item in items)


def number(value: object, what: str) -> float:
    """Take a value for a number; nothing is 0."""
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{what}: must be a number")
    try:
        return float(value)
    except OverflowError:  # hundreds of digits
        raise UsageError(f"{what}: must be a number of a usual size") from None


def whole(value: object, what: str) -> int:
    """Take a value for a whole number from 0 on; nothing is 0."""
    found = number(value, what)
    if found != found or not 0 <= found <= 1_000_000_000 or found != int(found):  # noqa: PLR0124 - what is not a number
        raise UsageError(f"{what}: must be a whole number from 0 on")
    return int(found)
