"""Write a Markdown page for each rule into a folder, and an index of them; or say which are not as they should be.

Only files that it wrote itself are changed or removed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tightlip.cli.rules import choose, outcome
from tightlip.errors import UsageError
from tightlip.report import options_for

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip rules docs docs/rules              a page for each built-in rule
  tightlip rules docs docs/rules --check      which pages are missing, stale or left over
  tightlip rules docs pages/ my-rules/        pages of your own rules

exit code: 0, or 1 where --check says of a page that it is not as it should be
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    parser.add_argument("folder", metavar="FOLDER", help="where the pages are")
    choose.add_paths(parser)
    parser.add_argument("--check", action="store_true", help="write nothing, say what is not as it should be")


def run(args: Namespace) -> int:
    """Write or check the pages and return the exit code."""
    from tightlip import ruledocs

    if Path(args.folder).exists() and not Path(args.folder).is_dir():
        raise UsageError(f"{args.folder} is not a folder")
    rules = choose.named(args.paths) + ([] if args.paths else choose.of_files())
    found = ruledocs.differences(args.folder, rules) if args.check else ruledocs.write(args.folder, rules)
    shown = options_for(sys.stdout, os.environ)
    outcome.write_differences(found, len(rules), sys.stdout, shown, checked=args.check)
    return 1 if args.check and found else 0
