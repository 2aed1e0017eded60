"""The options that a hook may be given among its other arguments, as `args:` in a pre-commit configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.cli import options
from tightlip.cli.parser import Parser
from tightlip.hooks import Options

if TYPE_CHECKING:
    from collections.abc import Sequence


def parse(arguments: Sequence[str]) -> Options:
    """Tell options and names apart. Raises `UsageError` for an option's wrong value."""
    parser = Parser(prog="tightlip hook pre-commit", allow_abbrev=False, add_help=False)
    parser.add_argument("names", nargs="*")
    options.add_rules(parser)
    options.add_policy(parser)
    options.add_baseline(parser)
    known, others = parser.parse_known_args(arguments)
    names = [*known.names, *others]
    return Options(
        names,
        rules=known.rules,
        min_confidence=known.min_confidence,
        config=known.config,
        no_allow=known.no_allow,
        baseline=known.baseline,
        no_baseline=known.no_baseline,
    )
