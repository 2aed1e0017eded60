"""Scan files, folders with all that is below them, or standard input."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import TYPE_CHECKING

from tightlip.cli import options, scanning, verifying
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip import policy
    from tightlip.baseline.place import Place
    from tightlip.engine import Scanner
    from tightlip.finding import Report

EXAMPLES = """\
examples:
  tightlip scan                          the current folder
  tightlip scan src config/prod.env      some folders and files
  git diff main | tightlip scan -        standard input
  tightlip scan --recurse-submodules     and tell which submodules are not here
  tightlip scan --report json:out.json   a report for other tools
  tightlip scan --skip-ignored --known dotenv:.env    and exactly what stands there
  tightlip scan --verify github-pat-classic .env    ask GitHub whether what is found still works
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file, a folder, or - for standard input (default: the current folder)",
    )
    parser.add_argument("--skip-ignored", action="store_true", help="leave out what git ignores in folders")
    options.add_submodules(
        parser,
        "tell which submodules are not checked out; with --skip-ignored, leave out what each of the others ignores",
    )
    options.add_lfs(parser)
    options.add_scan(parser)
    verifying.add_argument(parser)


def run(args: Namespace) -> int:
    """Scan and return the exit code."""
    return scanning.run(args, lambda scanner: _scan(args, scanner), _known, _repository)


def _scan(args: Namespace, scanner: Scanner) -> Report:
    from tightlip.scan import scan_files, scan_stream

    if "-" not in args.paths:
        return scan_files(
            args.paths or ["."],
            skip_ignored=args.skip_ignored,
            recurse_submodules=args.recurse_submodules,
            lfs=args.lfs,
            scanner=scanner,
        )
    if len(args.paths) > 1:
        raise UsageError("- is standard input, which is scanned by itself: name the files in another call")
    if args.recurse_submodules or args.lfs:
        raise UsageError("- is standard input, which is in no repository: leave out --recurse-submodules and --lfs")
    if not args.known:
        return scan_stream(sys.stdin.buffer, scanner=scanner)
    if not hasattr(args, "held"):  # it is read once, and scanned twice
        args.held = sys.stdin.buffer.read(scanner.limit + 1)
    return scan_stream(BytesIO(args.held), scanner=scanner)


def _repository() -> policy.Place:
    from tightlip import policy

    return policy.here()


def _known(file: str | None) -> Place:
    from tightlip.baseline.place import of_current_folder

    return of_current_folder(file)
