"""The values in what a file of secrets holds, by what kind of file it is."""

from __future__ import annotations

import configparser
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import StringIO

from tightlip.errors import UsageError
from tightlip.known.asking import MOST
from tightlip.known.reading import text
from tightlip.known.secret import flat

YAML, JSON, DOTENV, INI, BINARY = "yaml", "json", "dotenv", "ini", "binary"
"""As SOPS calls its stores."""
_SUFFIXES = {".yaml": YAML, ".yml": YAML, ".json": JSON, ".env": DOTENV, ".ini": INI}
_ASSIGNMENT = re.compile(rb"(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
_QUOTES = (b'"', b"'")
_MOST_NODES = 10 * MOST
"""Values of a YAML file, those without a name as well."""


def format_of(path: str) -> str:
    """Return which kind of file it is, by its name."""
    name = os.path.basename(path)
    return _SUFFIXES.get(os.path.splitext(name)[1] or (name if name == ".env" else ""), BINARY)


def leaves_of(source: str, format_: str, data: bytes) -> dict[str, bytes]:
    """Return the values of a file by their paths in it. Raises `UsageError`.

    Parameters: `format_`, one of the above.
    """
    found: dict[str, bytes] = {}
    again: Counter[str] = Counter()
    for path, value in _every(source, format_, data):
        again[path] += 1
        found[path if again[path] == 1 else f"{path} ({again[path]})"] = value
        if len(found) > MOST:
            raise UsageError(f"{source}: more than {MOST:,} values, which is no file of secrets")
    return found


def _every(source: str, format_: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    if format_ == DOTENV:
        yield from assignments(data.split(b"\n"))
    elif format_ == INI:
        yield from _ini(source, text(source, data))
    elif format_ in (YAML, JSON):
        documents = yaml_documents(source, data) if format_ == YAML else [_json(source, data)]
        for number, document in enumerate(documents):
            for path, value in flat(document):
                yield f"{number}.{path}" if number else path, value
    else:
        yield "", data


def assignments(lines: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the value of each line `NAME=VALUE`, without quotes around it."""
    for line in lines:
        if found := _ASSIGNMENT.fullmatch(line.strip()):
            value = found[2].strip()
            is_quoted = len(value) > 1 and value[:1] in _QUOTES and value[-1:] == value[:1]
            yield found[1].decode("ascii"), value[1:-1] if is_quoted else value


def yaml_documents(source: str, data: bytes) -> list[object]:
    """Return the documents of a YAML file, each scalar as it is written. Raises `UsageError`."""
    import yaml

    try:
        documents: list[object] = list(yaml.load_all(text(source, data), Loader=yaml.BaseLoader))
        if _nodes(documents, {}) > _MOST_NODES:
            raise UsageError(f"{source}: its aliases make more than {_MOST_NODES:,} values of it")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1} " if mark else ""
        raise UsageError(f"{source}: {where}is no YAML; is this the right file?") from None
    except RecursionError:
        raise UsageError(f"{source}: it is nested too deeply") from None
    return documents


def _nodes(value: object, known: dict[int, int]) -> int:
    """Return how many values there are in one, each as often as aliases name it. Parameters: `known`, by `id`."""
    if not isinstance(value, (dict, list)):
        return 1
    if id(value) not in known:
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_nodes(it, known) for it in inner)
    return known[id(value)]


def _json(source: str, data: bytes) -> object:
    try:
        return json.loads(text(source, data), parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno} " if isinstance(error, json.JSONDecodeError) else ""
        raise UsageError(f"{source}: {where}is no JSON; is this the right file?") from None


class _Ini(configparser.RawConfigParser):
    """Names are as they are written."""

    def optionxform(self, optionstr: str) -> str:
        """Return the name."""
        return optionstr


def _ini(source: str, written: str) -> Iterator[tuple[str, bytes]]:
    parser = _Ini(strict=False, delimiters=("=",), comment_prefixes=(";", "#"))
    try:
        parser.read_file(StringIO(written))
    except configparser.Error:
        raise UsageError(f"{source}: it is no INI file; is this the right file?") from None
    for section in parser.sections():
        for name, value in parser.items(section):
            yield f"{section}.{name}", value.encode("utf-8", "surrogatepass")


def lines_or_assignments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the values of `NAME=VALUE` on each line, or else the lines; the leaves of a JSON object or list."""
    if data.lstrip()[:1] in (b"{", b"["):
        try:
            yield from flat(json.loads(data))
        except (ValueError, RecursionError):
            pass
        else:
            return
    lines = [line.rstrip(b"\r") for line in data.split(b"\n") if line.strip()]
    if all(map(_ASSIGNMENT.fullmatch, lines)):
        yield from assignments(lines)
    else:
        yield from ((f"line {number}", line) for number, line in enumerate(lines, 1))
