"""Show everything about a rule: what it looks for, how it is judged, and what to do about a find."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.cli import options, output
from tightlip.cli.parser import did_you_mean
from tightlip.cli.rules import choose, text
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip rules show aws-access-key-id
  tightlip rules show acme-api-key --rules acme.yaml
  tightlip rules show github-pat-classic --report json
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    parser.add_argument("ids", nargs="*", metavar="ID", help="the ids of rules")
    choose.add_beside(parser)
    options.add_report(parser)


def run(args: Namespace) -> int:
    """Show the rules and return the exit code."""
    if not args.ids:
        raise UsageError("rules show needs the id of a rule; tightlip rules list names them")
    destinations = output.checked(args.report)
    every = {loaded.rule.id: loaded for loaded in [*choose.of_files(), *choose.beside(args.rules)]}
    for name in args.ids:
        if name not in every:
            raise UsageError(f"there is no rule {name}{did_you_mean(name, every)}; tightlip rules list names them")
    rules = [every[name] for name in args.ids]

    def deliver(name: str, out: TextIO) -> None:
        if name == "json":
            text.write_json(rules, out)
        else:
            text.write_details(rules, every, out, output.shown(out, args))

    output.deliver(destinations, deliver)
    return 0
