"""A value in a file of configuration that knows where it stands, so that a complaint can say so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from tightlip.config.complaint import ConfigError, did_you_mean
from tightlip.config.settings import Origin

TEXT, NUMBER, FLAG, LIST, MAPPING, OTHER = "text", "number", "flag", "list", "mapping", "other"
"""What kinds of value there are; a number and a flag are kept as they are written."""

Content: TypeAlias = "str | list[Node] | dict[str, Node]"


class Node:
    """A value, with its file, line (from 1; 0 where it is not known) and the path of keys that leads to it."""

    __slots__ = ("content", "file", "key", "kind", "line")

    def __init__(self, kind: str, content: Content, file: str, line: int, key: str) -> None:
        self.kind, self.content, self.file, self.line, self.key = kind, content, file, line, key

    @property
    def origin(self) -> Origin:
        """Where it stands."""
        return Origin(self.file, self.key, self.line)

    def error(self, problem: str) -> ConfigError:
        """Return a complaint about it."""
        return ConfigError(problem, file=self.file, line=self.line, key=self.key)

    def pairs(self) -> dict[str, Node]:
        """Return the values of a mapping whose keys are the file's own."""
        if not isinstance(self.content, dict):
            raise self.error("must be a mapping of keys to values")
        return self.content

    def mapping(self, known: Iterable[str]) -> dict[str, Node]:
        """Return the values of a mapping. Raises `ConfigError` for a key that is not known."""
        pairs, names = self.pairs(), list(known)
        for name, node in pairs.items():
            if name not in names:
                hint = did_you_mean(name, names) or f"; known are {', '.join(names)}"
                raise node.error(f"is not a key that is known here{hint}")
        return pairs

    def items(self) -> list[Node]:
        """Return the values of a list."""
        if not isinstance(self.content, list):
            raise self.error("must be a list, such as [one, another]")
        return self.content

    def text(self) -> str:
        """Return a text that is not empty."""
        if self.kind != TEXT or not isinstance(self.content, str) or not self.content.strip():
            raise self.error("must be a text")
        if "\0" in self.content:
            raise self.error("has a NUL character in it")
        return self.content

    def word(self) -> str:
        """Return a text, also one that reads as a number: an id such as 1234567."""
        return self.content if self.kind == NUMBER and isinstance(self.content, str) else self.text()

    def flag(self) -> bool:
        """Return true or false."""
        if self.kind != FLAG:
            raise self.error("must be true or false")
        return self.content == "true"

    def one_of(self, choices: Iterable[str]) -> str:
        """Return a text that is one of some."""
        every = list(choices)
        if (value := self.text()) not in every:
            raise self.error(f"must be one of {', '.join(every)}{did_you_mean(value, every)}")
        return value

    def level(self, levels: dict[str, float]) -> float:
        """Return a number from 0 to 1, or what the name of a level stands for."""
        if self.kind == TEXT and self.content in levels:
            return levels[str(self.content)]
        try:
            value = float(str(self.content)) if self.kind == NUMBER else -1.0
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise self.error(f"must be {', '.join(levels)} or a number from 0 to 1")
        return value

    def size(self) -> int:
        """Return a number of bytes, which may be written with a unit: 500 kB, 16 MiB."""
        number, unit = str(self.content).strip(), ""
        if self.kind == TEXT:
            number, unit = number.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), ""
            unit = str(self.content).strip()[len(number) :]
        number = number.strip()
        if not number.isascii() or not number.isdigit() or unit not in _UNITS or not 0 < int(number) <= _LARGEST:
            raise self.error(f"must be a number of bytes from 1 on, with a unit or without ({', '.join(_UNITS)})")
        return int(number) * _UNITS[unit]


_UNITS = {"": 1, "kB": 1000, "KiB": 1 << 10, "MB": 10**6, "MiB": 1 << 20, "GB": 10**9, "GiB": 1 << 30}
_LARGEST = 1 << 50
