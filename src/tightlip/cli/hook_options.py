"""The options that a hook may be given among the names of files, as `args:` in a pre-commit configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tightlip.cli import options
from tightlip.cli.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Sequence


class HookOptions(NamedTuple):
    """What a hook was told."""

    names: list[str]
    """Files; also what looks like an option and is none, since a file may be named so."""
    rules: tuple[str, ...]
    min_confidence: float


def parse(arguments: Sequence[str]) -> HookOptions:
    """Tell options and names apart. Raises `UsageError` for an option's wrong value."""
    parser = Parser(prog="tightlip hook pre-commit", allow_abbrev=False, add_help=False)
    parser.add_argument("names", nargs="*")
    options.add_rules(parser)
    known, others = parser.parse_known_args(arguments)
    return HookOptions([*known.names, *others], tuple(known.rules), known.min_confidence)
