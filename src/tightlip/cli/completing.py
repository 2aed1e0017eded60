"""What can stand at the cursor of a command line: computed from the commands' own parsers, which say all of it.

An option or argument tells with its `choices` or its `metavar` what its value is: FILE, FOLDER, FORMAT[:FILE], ...
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

from tightlip.cli import COMMANDS
from tightlip.cli.parser import Parser

_FILES, _FOLDERS = "files", "folders"
_PATHS = {
    **dict.fromkeys(("FILE", "PATH", "REPORT", "OLD", "NEW", "FILE|PATTERN"), _FILES),
    **dict.fromkeys(("FOLDER", "DIR", "REPO", "BACKUP"), _FOLDERS),
}
"""By the metavar of an argument, what kind of path it is."""
_HOOKS = {
    "pre-commit": "what the next commit adds",
    "commit-msg": "the message of a commit",
    "prepare-commit-msg": "the message that a merge or squash takes over",
    "pre-push": "what a push brings",
    "pre-receive": "on a server: what is pushed",
    "update": "the same, of one ref",
    "history": "what scan-history does",
}
_RULE = re.compile(rb"\n  - id: (\S+)\n    name: (.*)")
_LONGEST = 70


class Answer(NamedTuple):
    """What can stand at the cursor."""

    kind: str = "words"
    """`words`, or `files` or `folders` where the shell is to complete a path."""
    before: str = ""
    """What of the word stands before that path."""
    words: Sequence[tuple[str, str]] = ()
    """Whole words that begin as the word at the cursor does, each with what it means."""


def answer(words: Sequence[str]) -> Answer:
    """Return what can stand at the cursor.

    Parameters: `words`, those after the program's name up to the cursor; the last is the one at the cursor, and may be
    empty.
    """
    *before, current = words
    if not before or before == ["help"]:
        options = {"--help": "every command", "--version": "the version"} if not before else {}
        return _words({**COMMANDS, **options}, current)
    name, *rest = before
    if name == "hook":
        return _words(_HOOKS, current) if not rest else Answer(_FILES)
    if name not in COMMANDS:
        return Answer()
    command = import_module(f"tightlip.cli.{name.replace('-', '_')}")
    if hasattr(command, "ACTIONS"):
        if not rest and not current.startswith("-"):
            return _words(command.ACTIONS, current)
        action = rest.pop(0) if rest and rest[0] in command.ACTIONS else command.DEFAULT
        command = import_module(f"{command.__name__}.{action}")
    parser = Parser(allow_abbrev=False)
    command.add_arguments(parser)
    return _Line(parser, vars(command)).read(rest).at(current)


class _Line:
    """How far a command line is read."""

    def __init__(self, parser: argparse.ArgumentParser, names: Mapping[str, object]) -> None:
        """Parameters: `names`, what the command's module defines."""
        actions = [action for action in parser._actions if action.help != argparse.SUPPRESS]  # noqa: SLF001 - no other way
        self._options = {name: action for action in actions for name in action.option_strings}
        self._arguments = [action for action in actions if not action.option_strings]
        self._names = names
        self._given: list[argparse.Action] = []
        self._waiting: argparse.Action | None = None
        """The option whose value comes next."""
        self._ended = False
        """Whether `--` has ended the options."""

    def read(self, words: Iterable[str]) -> _Line:
        """Read whole words and return the line."""
        for word in words:
            if self._waiting:
                self._waiting = None
            elif not self._ended and word.startswith("-") and word != "-":
                self._read_option(word)
            elif self._arguments and self._arguments[0].nargs not in ("*", "+"):
                self._arguments.pop(0)
        return self

    def _read_option(self, word: str) -> None:
        self._ended = word == "--"
        name, equals, _ = word.partition("=")
        if action := self._options.get(name):
            self._given.append(action)
            self._waiting = action if not equals and action.nargs != 0 else None

    def at(self, current: str) -> Answer:
        """Return what can stand there."""
        if self._waiting:
            return self._value(self._waiting, current, "")
        if current.startswith("-") and not self._ended:
            name, equals, value = current.partition("=")
            if equals and name in self._options:
                return self._value(self._options[name], value, f"{name}=")
            return _words(self._left(), current)
        if self._arguments:
            return self._value(self._arguments[0], current, "")
        return _words({} if self._ended else self._left(), current)

    def _left(self) -> dict[str, str]:
        """Return the options that are not given yet, or may be given again; in full where they have a long name."""
        return {
            name: action.help or ""
            for name, action in self._options.items()
            if name.startswith("--") or len(action.option_strings) == 1
            if action not in self._given or isinstance(action, argparse._AppendAction)  # noqa: SLF001 - no other way
        }

    def _value(self, action: argparse.Action, value: str, before: str) -> Answer:
        """Return what the value of an argument can be. Parameters: `before`, what stands before it in the word."""
        if action.choices is not None:
            return _words(dict.fromkeys(map(str, action.choices), ""), value, before)
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        if metavar == "FORMAT[:FILE]":
            name, colon, _ = value.partition(":")
            formats: Collection[str] = getattr(action.type, "keywords", {}).get("formats", ())
            return Answer(_FILES, f"{before}{name}:") if colon else _words(dict.fromkeys(formats, ""), value, before)
        if metavar == "ACTION":
            actions = self._names.get("_ACTIONS")
            return _words(dict.fromkeys(actions, "") if isinstance(actions, tuple) else {}, value, before)
        if metavar == "LEVEL":
            return _words(dict.fromkeys(("high", "medium", "low"), ""), value, before)
        if action.dest == "ids":
            return _words(dict(_rules()), value, before)
        return Answer(_PATHS[metavar], before) if metavar in _PATHS else Answer()


def _words(known: Mapping[str, str], current: str, before: str = "") -> Answer:
    found = ((word, " ".join(told.replace("%%", "%").split())) for word, told in known.items())
    return Answer(
        words=[
            (before + word, told if len(told) <= _LONGEST else f"{told[: _LONGEST - 3]}...")
            for word, told in found
            if word.startswith(current)
        ]
    )


def _rules() -> Iterator[tuple[str, str]]:
    """Yield ids and names of the built-in rules, as their files say: to load them takes a second."""
    from tightlip import builtin, wholefile

    for folder, _, files in os.walk(builtin.folder()):
        for name in files:
            if name.endswith(".yaml"):
                with open(os.path.join(folder, name), "rb", buffering=0) as file:  # hundreds of small files
                    found = _RULE.findall(file.read())
                yield from ((rule.decode(), told.decode().strip()) for rule, told in found)
    yield from ((rule.id, rule.name) for rule in wholefile.RULES.values())
