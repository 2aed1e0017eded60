"""Say what is wrong with rules, or could be better: what the loader does not refuse and examples do not show.

Your own rules are looked at beside the built-in ones, in whose place those of the same id are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.cli import options, output
from tightlip.cli.rules import choose, outcome

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip rules lint                         every built-in rule
  tightlip rules lint acme.yaml my-rules/     your own
  tightlip rules lint -q                      errors only
  tightlip rules lint --report json

exit code: 0 no errors, whatever warnings there are, 1 errors
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    choose.add_paths(parser)
    options.add_report(parser)


def run(args: Namespace) -> int:
    """Look at the rules and return the exit code."""
    from tightlip import lint

    destinations = output.checked(args.report)
    rules, unread = lint.read(choose.named_files(args.paths))
    complaints = unread + lint.check(rules, choose.company(args.paths, rules))
    errors = sum(it.severity == lint.ERROR for it in complaints)

    def deliver(name: str, out: TextIO) -> None:
        if name == "json":
            outcome.write_tuples_json(complaints, out)
        else:
            shown = output.shown(out, args)
            outcome.write_complaints(complaints, len(rules), out, shown)

    output.deliver(destinations, deliver)
    return 1 if errors else 0
