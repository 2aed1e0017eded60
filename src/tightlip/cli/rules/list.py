"""List the rules, by area, provider or a word."""

from __future__ import annotations

from argparse import SUPPRESS
from typing import TYPE_CHECKING, TextIO

from tightlip.cli import options, output
from tightlip.cli.parser import did_you_mean
from tightlip.cli.rules import choose, text
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.rules import LoadedRule

EXAMPLES = """\
examples:
  tightlip rules list                         every rule
  tightlip rules list --provider github       those of one service
  tightlip rules list --area cloud -q         the ids of those in one area
  tightlip rules list --search webhook        those with this word in their id, name or provider
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    parser.add_argument("names", nargs="*", help=SUPPRESS)
    group = parser.add_argument_group("which rules to list")
    group.add_argument("--provider", metavar="NAME", help="the rules of this service")
    group.add_argument("--area", metavar="NAME", help="the rules of this folder: cloud, payment, keys, ...")
    group.add_argument("--search", metavar="WORD", help="the rules with this in their id, name or provider")
    choose.add_beside(group)
    options.add_report(parser)


def run(args: Namespace) -> int:
    """List the rules and return the exit code."""
    if args.names:
        raise UsageError(f"rules list takes no names; to see one rule: tightlip rules show {args.names[0]}")
    destinations = output.checked(args.report)
    every = [*choose.beside(args.rules), *choose.of_files()]
    rules = _searched(_chosen(every, args), args.search)

    def deliver(name: str, out: TextIO) -> None:
        if name == "json":
            text.write_json(rules, out)
        else:
            text.write_table(rules, out, output.shown(out, args))

    output.deliver(destinations, deliver)
    return 0


def _chosen(rules: list[LoadedRule], args: Namespace) -> list[LoadedRule]:
    for option, of in (("provider", lambda it: it.rule.provider), ("area", text.area)):
        wanted = getattr(args, option)
        if wanted is None:
            continue
        known = sorted({of(loaded) for loaded in rules} - {""})
        rules = [loaded for loaded in rules if wanted.lower() in of(loaded).lower()]
        if not rules:
            raise UsageError(f"no rule has the {option} {wanted!r}{_nearest(wanted, known, option)}")
    return rules


def _nearest(wanted: str, known: list[str], option: str) -> str:
    every = f"there are: {', '.join(known)}" if option == "area" else "tightlip rules list names them"
    return did_you_mean(wanted.lower(), [name.lower() for name in known]) or f"; {every}"


def _searched(rules: list[LoadedRule], word: str | None) -> list[LoadedRule]:
    if word is None:
        return rules
    wanted = word.lower()
    found = [it for it in rules if any(wanted in part.lower() for part in (it.rule.id, it.rule.name, it.rule.provider))]
    if not found:
        raise UsageError(f"no rule has {word!r} in its id, name or provider; tightlip rules list names them")
    return found
