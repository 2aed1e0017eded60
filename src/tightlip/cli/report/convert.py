"""Write a saved report in other formats, without a second scan.

It reads what --report json and --report jsonl have written, and the JSON of gitleaks, betterleaks, trufflehog,
kingfisher and detect-secrets. What another scanner does not say is not made up: notes in the report say what is
missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.cli import options, output, savedfile, scanning
from tightlip.errors import UsageError
from tightlip.report import FORMATS
from tightlip.report.masked import Masked

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip report convert out.json --report sarif:out.sarif --report markdown:out.md
  tightlip report convert out.json                     as text, on the terminal
  tightlip report convert gitleaks.json --report json:out.json
  trufflehog git file://. --json | tightlip report convert - --from trufflehog --report text
  tightlip report convert out.json --template team.html --report template:out.html

exit code: 0 it is written, whatever it says; 2 wrong use, or a file that cannot be read
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    savedfile.add_file(parser, "file", "FILE")
    savedfile.add_from(parser)
    options.add_show_secrets(options.add_report(parser, FORMATS))


def run(args: Namespace) -> int:
    """Convert and return the exit code."""
    destinations = output.checked(args.report, show_secrets=args.show_secrets, template=args.template)
    output.spare(destinations, args.file)
    report = savedfile.read(args.file, args.scanner)
    if args.show_secrets and report.findings and all(isinstance(it.secret, Masked) for it in report.findings):
        raise UsageError(f"--show-secrets: {args.file} was saved without the values; scan again to see them")
    scanning.deliver(report, destinations, args)
    return 0
