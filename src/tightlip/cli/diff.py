"""Tell what is new, what is fixed and what has moved between two saved reports, by fingerprint.

What the new scan did not look at is not called fixed. Values are never shown.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from tightlip.cli import options, output, savedfile
from tightlip.cli.scanning import INCOMPLETE
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip diff monday.json friday.json
  tightlip diff main.json branch.json --report text --report markdown:comment.md
  tightlip scan --report json | tightlip diff last.json -
  tightlip diff gitleaks-old.json gitleaks-new.json    two reports of another scanner

exit code: 0 nothing is new, 1 secrets are new (--exit-code chooses another), 2 wrong use, 3 nothing is new, but the
second scan is not complete
"""
_FORMATS = ("text", "json", "markdown")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    savedfile.add_file(parser, "old", "OLD")
    savedfile.add_file(parser, "new", "NEW")
    savedfile.add_from(parser)
    options.add_report(parser, _FORMATS)
    options.add_exit_code(parser.add_argument_group("outcome"), "when secrets are new")


def run(args: Namespace) -> int:
    """Compare, report, and return the exit code."""
    from tightlip.report.difference import Side, compare

    if args.old == args.new == savedfile.STDIN:
        raise UsageError("- is standard input, which holds one report: name a file for the other")
    destinations = output.checked(args.report)
    sides = [Side(name, savedfile.read(name, args.scanner)) for name in (args.old, args.new)]
    difference = compare(*sides)

    def write(name: str, out: TextIO) -> None:
        import_module(f"tightlip.report.difference_{name}").write(difference, out, output.shown(out, args))

    output.deliver(destinations, write)
    if difference.found and args.exit_code:
        return int(args.exit_code)
    return 0 if difference.new.report.complete else INCOMPLETE
