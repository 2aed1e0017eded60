"""Scan every object of a repository, and say who put each secret where, and what still reaches it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tightlip.cli import options, scanning
from tightlip.cli.progress import Progress

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.engine import Scanner
    from tightlip.finding import Report

EXAMPLES = """\
examples:
  tightlip scan-history                        everything that git still holds, deleted or not
  tightlip scan-history ../other --since v1.2  what came after a tag
  tightlip scan-history --branch main --branch release
  tightlip scan-history --report json:history.json --report text
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    group = parser.add_argument_group("which part of the history (default: every object, also what no branch reaches)")
    group.add_argument(
        "--branch", action="append", default=[], metavar="REF", help="what this branch or tag reaches; may be repeated"
    )
    group.add_argument("--since", metavar="REV", help="only what came after this commit, tag or branch")
    options.add_scan(parser)


def run(args: Namespace) -> int:
    """Scan and return the exit code."""
    from tightlip.scan import scan_history

    def scan(scanner: Scanner) -> Report:
        with Progress(sys.stderr, shown=args.detail >= 0) as progress:
            return scan_history(args.repo, branches=args.branch, since=args.since, progress=progress, scanner=scanner)

    return scanning.run(args, scan)
