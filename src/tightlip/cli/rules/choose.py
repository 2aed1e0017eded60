"""Which rules an action is about: paths, and the built-in ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tightlip import builtin, wholefile
from tightlip.errors import UsageError
from tightlip.rules import LoadedRule, files, read

if TYPE_CHECKING:
    from argparse import ArgumentParser, _ActionsContainer
    from collections.abc import Iterable, Sequence


def add_beside(parser: _ActionsContainer) -> None:
    """Add the option that adds rules to the built-in ones."""
    parser.add_argument(
        "--rules", action="append", default=[], metavar="PATH", help="rule files to add; may be repeated"
    )


def add_paths(parser: ArgumentParser) -> None:
    """Add the arguments that name rules in place of the built-in ones."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="rule files or folders; by default the built-in rules")


def beside(paths: Sequence[str]) -> list[LoadedRule]:
    """Return the built-in rules and those of `paths`."""
    return [loaded for path in [builtin.folder(), *paths] for loaded in read(path)]


def of_files() -> list[LoadedRule]:
    """Return the rules about whole files, which no file of rules has and nothing can be put in the place of."""
    return [LoadedRule(rule, (), (), "", 0) for rule in wholefile.RULES.values()]


def named(paths: Sequence[str]) -> list[LoadedRule]:
    """Return the rules of `paths`, or else the built-in ones."""
    return [loaded for path in existing(paths) or [builtin.folder()] for loaded in read(path)]


def named_files(paths: Sequence[str]) -> list[str]:
    """Return the files of `paths`, or else those of the built-in rules."""
    return [file for path in existing(paths) or [builtin.folder()] for file in files(path)]


def existing(paths: Sequence[str]) -> Sequence[str]:
    """Return the paths, if all are there. Raises `UsageError`."""
    for path in paths:
        if not Path(path).exists():
            raise UsageError(f"there is no rule file or folder {path}")
    return paths


def company(paths: Sequence[str], rules: Iterable[LoadedRule]) -> list[LoadedRule]:
    """Return the built-in rules that are used beside `rules`; those of the same id stand back."""
    own = {loaded.rule.id for loaded in rules}
    return [loaded for loaded in read(builtin.folder()) if loaded.rule.id not in own] if paths else []
