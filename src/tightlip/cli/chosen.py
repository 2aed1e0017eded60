"""What the commands for one finding share: they all mean by FINDING what `incident` means by it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from tightlip.cli import options
from tightlip.cli.progress import Progress
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from tightlip.engine import Scanner
    from tightlip.finding import Finding, Report
    from tightlip.git.plumbing import Git

_MOST = 1 << 20
"""Bytes of standard input; more is no value, and is not cut to be one."""
MISSING = "name a finding: its fingerprint, its rule, or its number, quoted as '#3' or just 3"


class Chosen(NamedTuple):
    """The finding that is meant, and the scan that it is of."""

    finding: Finding
    report: Report


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments that say which finding, and of which repository."""
    parser.add_argument(
        "finding", nargs="?", metavar="FINDING", help="a fingerprint, a rule, or the number in scan-history's report"
    )
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")


def add_scan(parser: ArgumentParser) -> None:
    """Add the options of the scan that finds it."""
    options.add_rules(parser)
    options.add_jobs(parser)
    options.add_cache(parser)


def scan_as_told(args: Namespace, git: Git) -> tuple[Scanner, Callable[[Report], Report]]:
    """Return what to scan with, and what leaves out of a report what scan-history does not tell and has no number."""
    from tightlip import policy
    from tightlip.baseline.place import of_working_tree
    from tightlip.cli.scanning import plain_scanner, without

    place = policy.of(git)
    said = policy.Policy(place, least=args.min_confidence) if policy.has_any(place) else None
    scanner = said.scanner(args.rules) if said else plain_scanner(args.rules, args.min_confidence)

    def told(report: Report) -> Report:
        left = said.applied(report, scanner) if said else report
        return without(left, of_working_tree(git, said.baseline if said else None))

    return scanner, told


def value() -> bytes:
    """Return the value on standard input, without the newline at its end. Raises `UsageError` for one too long."""
    if sys.stdin.isatty():
        from getpass import getpass

        try:
            return getpass("Value, which is not shown: ").encode("utf-8", "surrogateescape")
        except EOFError:
            return b""
    given = sys.stdin.buffer.read(_MOST + 1)
    if len(given) > _MOST:
        raise UsageError("what is on standard input is longer than any value: more than 1 MiB")
    return given[: -2 if given.endswith(b"\r\n") else -1] if given.endswith(b"\n") else given


def finding(args: Namespace) -> Chosen:
    """Scan the history and return the finding that is meant. Raises `UsageError` where none is, or several could be."""
    from tightlip.git.repo import git_for
    from tightlip.incident.choice import choose, numbered
    from tightlip.scan import scan_history

    if args.finding is None:
        raise UsageError(MISSING)
    scanner, told = scan_as_told(args, git_for(args.repo))
    with Progress(sys.stderr) as progress:
        report = scan_history(
            args.repo, jobs=args.jobs or None, cache=not args.no_cache, progress=progress, scanner=scanner
        )
    return Chosen(choose(numbered(report, told(report)), args.finding, report).finding, report)
