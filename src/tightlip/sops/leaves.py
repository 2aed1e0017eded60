"""The values of a file, each with its keys and its place, in the forms that SOPS knows: YAML, JSON, dotenv and INI."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import yaml

from tightlip.sops import plainyaml

YAML, JSON, DOTENV, INI, BINARY = "yaml", "json", "dotenv", "ini", "binary"
_BY_NAME = {".yaml": YAML, ".yml": YAML, ".json": JSON, ".env": DOTENV, ".ini": INI}
_TOKEN = re.compile(r'[ \t\r\n]*("(?:[^"\\\x00-\x1f]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[{}\[\],:])')
_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|["\\/bfnrt])')
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_NULL = "tag:yaml.org,2002:null"
_COMMENT = re.compile(r"^\s*#(.*)$|\s#(.*)$")
_INI = re.compile(r"([^=:]*)[=:]\s*(.*)")
_INLINE = re.compile(r"\s[#;]\s*(.*)$")
_DEEPEST = 100


class NotReadable(ValueError):
    """It is not of that form."""


class Leaf(NamedTuple):
    """A value that is not empty."""

    path: tuple[str, ...]
    """The keys that lead to it: places in a list are none."""
    value: str
    start: int
    """Where it stands, in characters, half-open."""
    end: int
    comments: tuple[str, ...] = ()
    """Those above it, and above what it is in."""

    @property
    def name(self) -> str:
        """The keys in one word."""
        return ".".join(self.path)


def store_of(path: str) -> str:
    """Return the form that SOPS takes a file for, by its name (`FormatForPath` in its formats.go)."""
    return next((store for end, store in _BY_NAME.items() if path.endswith(end)), BINARY)


def parse(text: str, store: str) -> list[Leaf]:
    """Return the values of a text. Raises `NotReadable`."""
    try:
        return list(_PARSERS[store](text))
    except RecursionError:
        raise NotReadable("its values are too deep in each other") from None


def _yaml(text: str) -> Iterator[Leaf]:
    try:
        nodes = list(plainyaml.documents(text.encode("utf-8", "surrogateescape")))
    except plainyaml.NotYaml as error:
        raise NotReadable(str(error)) from None
    if not all(isinstance(node, yaml.MappingNode) for node in nodes):
        raise NotReadable("it is no mapping")
    lines = text.split("\n")
    seen = set[int]()
    for node in nodes:
        yield from _of_node(node, (), (), lines, seen)


def _of_node(
    node: yaml.Node, path: tuple[str, ...], comments: tuple[str, ...], lines: list[str], seen: set[int]
) -> Iterator[Leaf]:
    if isinstance(node, yaml.ScalarNode):
        if node.value and node.tag != _NULL:
            yield Leaf(path, str(node.value), node.start_mark.index, node.end_mark.index, comments)
        return
    if len(path) > _DEEPEST:
        raise NotReadable("its values are too deep in each other")
    if id(node) in seen:  # what an alias repeats counts once
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            above = comments + _comments(lines, key.start_mark.line)
            yield from _of_node(value, (*path, str(getattr(key, "value", ""))), above, lines, seen)
    else:
        for item in node.value:
            yield from _of_node(item, path, comments + _comments(lines, item.start_mark.line), lines, seen)


def _comments(lines: list[str], at: int) -> tuple[str, ...]:
    """Return the comment of a line, and those above it that begin where the line does; empty lines are passed over."""
    if at >= len(lines):
        return ()
    found = [here[1] or here[2] or ""] if (here := _COMMENT.search(lines[at])) else []
    indent = _indent(lines[at])
    while at and (not lines[at - 1].strip() or lines[at - 1].lstrip().startswith("#")):
        at -= 1
        if lines[at].strip() and _indent(lines[at]) == indent:
            found.append(lines[at].strip()[1:])
    return tuple(found)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _json(text: str) -> Iterator[Leaf]:
    """Go through the tokens: what is in what is a stack of keys, None for a list."""
    keys: list[str | None] = []
    is_key, at, word = False, 0, ""
    while (found := _TOKEN.match(text, at)) is not None:
        at, part = found.end(), found[1]
        if part in "{[":
            keys.append("" if part == "{" else None)
            is_key = part == "{"
        elif part in "}]":
            if not keys:
                break
            keys.pop()
            is_key = False
        elif part == ",":
            is_key = bool(keys) and keys[-1] is not None
        elif part != ":" and keys:
            word = _unescaped(part[1:-1]) if part[0] == '"' else part
            if is_key:
                keys[-1], is_key = word, False
            elif word and part != "null":
                start = found.start(1) + (part[0] == '"')
                yield Leaf(tuple(key for key in keys if key is not None), word, start, start + len(part.strip('"')))
    if not text.lstrip().startswith("{") or text[at:].strip() or keys:
        raise NotReadable("it is no JSON object")


def _unescaped(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        escape = found[1]
        return chr(int(escape[1:], 16)) if escape[0] == "u" else _ESCAPED.get(escape, escape)

    return _ESCAPE.sub(character, text)


def _dotenv(text: str) -> Iterator[Leaf]:
    above: list[str] = []
    for start, line in _lines(text):
        if not line.strip():
            continue
        if line.startswith("#"):
            above.append(line[1:])
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise NotReadable("a line has no =")
        at = start + len(key) + 1
        if value:
            yield Leaf((key,), value, at, at + len(value), tuple(above))
        above = []


def _ini(text: str) -> Iterator[Leaf]:
    """Go through the lines. To SOPS comments of a key are about the next key, those of a section about its first."""
    section = "DEFAULT"
    above: list[str] = []
    counts: tuple[str, ...] = ()
    for start, line in _lines(text):
        words = line.strip()
        if not words:
            continue
        if words[0] in "#;":
            above.append(words.lstrip("#;").strip())
            continue
        if words[0] == "[" and words[-1] == "]":
            section, counts, above = words[1:-1], _one(above), []
            continue
        if not (found := _INI.match(line)):
            raise NotReadable("a line has no =")
        key, value = found[1].strip(), found[2].rstrip()
        if value:
            yield Leaf((section, key), value, start + found.start(2), start + found.start(2) + len(value), counts)
        counts, above = _one(above + _INLINE.findall(value)), []


def _one(comments: list[str]) -> tuple[str, ...]:
    return ("\n".join(comments),) if comments else ()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.split("\n"):
        yield start, line.removesuffix("\r")
        start += len(line) + 1


def _nothing(text: str) -> Iterator[Leaf]:
    del text
    return iter(())


_PARSERS: Mapping[str, Callable[[str], Iterator[Leaf]]] = {
    YAML: _yaml,
    JSON: _json,
    DOTENV: _dotenv,
    INI: _ini,
    BINARY: _nothing,
}
