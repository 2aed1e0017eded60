"""The options that hooks may be given among their other arguments, as `args:` of the pre-commit framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.cli import options
from tightlip.cli.parser import Parser
from tightlip.hooks import Options

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence


def parse(arguments: Sequence[str]) -> Options:
    """Tell the options of `pre-commit` and names apart. Raises `UsageError` for an option's wrong value."""
    known, others = parser("pre-commit").parse_known_args(arguments)
    known.names += others
    return told(known)


def parser(hook: str) -> Parser:
    """Return a parser of the options that every hook has."""
    made = Parser(prog=f"tightlip hook {hook}", allow_abbrev=False, add_help=False)
    made.add_argument("names", nargs="*")
    options.add_rules(made)
    options.add_policy(made)
    options.add_baseline(made)
    return made


def told(args: Namespace) -> Options:
    """Return what such a parser has read."""
    return Options(
        args.names,
        rules=args.rules,
        min_confidence=args.min_confidence,
        config=args.config,
        no_allow=args.no_allow,
        baseline=args.baseline,
        no_baseline=args.no_baseline,
    )
