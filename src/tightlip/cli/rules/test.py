"""Run the examples of rules through each stage and the whole engine.

Your own rules are tested beside the built-in ones, in whose place those of the same id are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.cli import options, output
from tightlip.cli.rules import choose, outcome
from tightlip.model import LOW
from tightlip.rules import LoadedRule, rule_set

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.engine import Scanner

EXAMPLES = """\
examples:
  tightlip rules test                         every built-in rule
  tightlip rules test acme.yaml my-rules/     your own
  tightlip rules test acme.yaml -v            for each example, the stage that decided

exit code: 0 all examples are as they should be, 1 some are not
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    choose.add_paths(parser)
    choose.add_beside(parser)
    options.add_report(parser)


def run(args: Namespace) -> int:
    """Test the rules and return the exit code."""
    from tightlip import examples

    destinations = output.checked(args.report)
    paths = [*args.paths, *args.rules]
    tested = choose.named(paths)
    scanner = _scanner(paths, tested)
    failures = examples.check(tested, scanner)

    def deliver(name: str, out: TextIO) -> None:
        if name == "json":
            outcome.write_tuples_json(failures, out)
            return
        shown = output.shown(out, args)
        if args.detail > 0:
            outcome.write_stages(tested, scanner, out, shown)
        outcome.write_failures(failures, tested, out, shown)

    output.deliver(destinations, deliver)
    return 1 if failures else 0


def _scanner(paths: list[str], tested: list[LoadedRule]) -> Scanner:
    from tightlip.engine import Scanner

    if not paths:
        return Scanner(min_confidence=LOW)
    every = [*choose.company(paths, tested), *tested]
    return Scanner(rule_set(loaded.rule for loaded in every), min_confidence=LOW)
