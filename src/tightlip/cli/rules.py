"""List the rules, explain one, or run the examples of all through the engine."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tightlip import builtin
from tightlip.cli import options, output, rules_text
from tightlip.cli.parser import did_you_mean
from tightlip.errors import UsageError
from tightlip.model import LOW
from tightlip.report import options_for
from tightlip.rules import LoadedRule, read, rule_set

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = """\
examples:
  tightlip rules                              every rule
  tightlip rules list --provider github       those of one service
  tightlip rules show aws-access-key-id       what it looks for, and what to do about a find
  tightlip rules test                         the examples of every rule
  tightlip rules test my-rules/               the examples of your own
"""
_ACTIONS = ("list", "show", "test")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "action", nargs="?", type=_action, default="list", metavar="ACTION", help="list (the default), show or test"
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="show: rule ids; test: rule files or folders")
    group = parser.add_argument_group("which rules to list")
    group.add_argument("--provider", metavar="NAME", help="the rules of this service")
    group.add_argument("--area", metavar="NAME", help="the rules of this folder: cloud, payment, keys, ...")
    group.add_argument(
        "--rules", action="append", default=[], metavar="PATH", help="rule files to add; may be repeated"
    )
    options.add_report(parser)


def run(args: Namespace) -> int:
    """List, show or test, and return the exit code."""
    if args.action == "test":
        return _test(args)
    if args.action == "list" and args.names:
        raise UsageError(f"rules list takes no names; to see one rule: tightlip rules show {args.names[0]}")
    rules = _shown(args) if args.action == "show" else _listed(args)
    write = rules_text.write_details if args.action == "show" else rules_text.write_table
    destinations = output.checked(args.report)

    def deliver(name: str, out: TextIO) -> None:
        if name == "json":
            rules_text.write_json(rules, out)
        else:
            write(rules, out, options_for(out, os.environ, args.color)._replace(detail=args.detail))

    output.deliver(destinations, deliver)
    return 0


def _action(text: str) -> str:
    if text not in _ACTIONS:
        raise ArgumentTypeError(f"{text!r} is not list, show or test{did_you_mean(text, _ACTIONS)}")
    return text


def _every(paths: list[str]) -> Iterator[LoadedRule]:
    for path in [builtin.folder(), *paths]:
        yield from read(path)


def _listed(args: Namespace) -> list[LoadedRule]:
    every = list(_every(args.rules))
    for option, of in (("provider", lambda it: it.rule.provider), ("area", rules_text.area)):
        wanted = getattr(args, option)
        if wanted is None:
            continue
        known = sorted({of(loaded) for loaded in every} - {""})
        every = [loaded for loaded in every if wanted.lower() in of(loaded).lower()]
        if not every:
            raise UsageError(
                f"no rule has the {option} {wanted!r}{did_you_mean(wanted, known)}; there are: {', '.join(known)}"
            )
    return every


def _shown(args: Namespace) -> list[LoadedRule]:
    if not args.names:
        raise UsageError("rules show needs the id of a rule; tightlip rules list names them")
    every = {loaded.rule.id: loaded for loaded in _every(args.rules)}
    for name in args.names:
        if name not in every:
            raise UsageError(f"there is no rule {name}{did_you_mean(name, every)}; tightlip rules list names them")
    return [every[name] for name in args.names]


def _test(args: Namespace) -> int:
    """Test the given rules beside the built-in ones; those of the same id take their place."""
    from tightlip.engine import Scanner
    from tightlip.examples import check

    paths = [*args.names, *args.rules]
    for path in paths:
        if not Path(path).exists():
            raise UsageError(f"there is no rule file or folder {path}")
    tested = [loaded for path in paths or [builtin.folder()] for loaded in read(path)]
    own = {loaded.rule.id for loaded in tested}
    others = (loaded.rule for loaded in read(builtin.folder()) if loaded.rule.id not in own) if paths else ()
    rules = rule_set([*others, *(loaded.rule for loaded in tested)])
    failures = check(tested, Scanner(rules, min_confidence=LOW))
    examples = sum(len(loaded.match) + len(loaded.no_match) for loaded in tested)

    def deliver(name: str, out: TextIO) -> None:
        if name == "json":
            rules_text.write_failures_json(failures, out)
        else:
            shown = options_for(out, os.environ, args.color)
            rules_text.write_failures(failures, len(tested), examples, out, shown)

    output.deliver(output.checked(args.report), deliver)
    return 1 if failures else 0
