"""Scan every object of a repository, and say who put each secret where, and what still reaches it."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tightlip.cli import options, scanning, verifying
from tightlip.cli.progress import Progress
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from tightlip import policy
    from tightlip.baseline.place import Place
    from tightlip.engine import Scanner
    from tightlip.finding import Report

EXAMPLES = """\
examples:
  tightlip scan-history                        everything that git still holds, deleted or not
  tightlip scan-history main..feature          what the commits of a branch bring in
  tightlip scan-history ../other --since v1.2  what came after a tag
  tightlip scan-history --since '2 weeks ago' --path '**/*.env'
  tightlip scan-history --branch main --branch release
  tightlip scan-history --recurse-submodules --lfs
  tightlip scan-history --report json:history.json --report text
  tightlip scan-history --known dotenv:.env --known vault:secret/myapp    and exactly what stands there
  tightlip scan-history --verify github-pat-classic,npm-access-token

in CI, for what a pull request adds (the checkout needs the history: fetch-depth: 0, or GIT_DEPTH: 0):
  tightlip scan-history --base origin/main
"""
_NARROWER = ("range", "branch", "since", "max_count", "path", "reachable_only", "base", "head")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    parser.add_argument("range", nargs="?", metavar="A..B", help="only commits that B reaches and A does not")
    group = parser.add_argument_group("which part of the history (default: every object, also what no branch reaches)")
    group.add_argument("--all", action="store_true", help="every object; this is the default")
    group.add_argument(
        "--branch", action="append", default=[], metavar="REF", help="what this branch or tag reaches; may be repeated"
    )
    group.add_argument(
        "--since", metavar="REV|DATE", help="what came after this commit, tag or branch, or since this date"
    )
    group.add_argument("--max-count", type=options.positive, metavar="N", help="the newest N commits")
    group.add_argument(
        *("--path",),
        action="append",
        default=[],
        metavar="GLOB",
        help="what was brought to such a path, as src/**/*.env or **/*.pem, from the top; may be repeated",
    )
    group.add_argument("--reachable-only", action="store_true", help="what branches, tags and other refs reach")
    group.add_argument("--base", metavar="REV", help="what a merge into this branch would add")
    group.add_argument("--head", metavar="REV", help="with --base: a merge of this (default: HEAD)")
    more = parser.add_argument_group("what else belongs to the history")
    options.add_submodules(
        more, "scan submodules that are not checked out, too, and tell which are not here (those that are count always)"
    )
    options.add_lfs(more)
    options.add_scan(parser)
    options.add_jobs(parser)
    options.add_cache(parser)
    verifying.add_argument(parser)


def run(args: Namespace) -> int:
    """Scan and return the exit code."""
    # NumPy's linear algebra is not used here, and its threads take long to start and are in the way of a fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tightlip.scan import scan_history

    if args.range is None and args.repo is not None and _is_range(args.repo):
        args.repo, args.range = None, args.repo
    if args.range is not None and ".." not in args.range:
        raise UsageError(f"{args.range!r} is no range A..B; for all that a branch reaches, use --branch {args.range}")
    narrower = [name for name in _NARROWER if getattr(args, name)]
    if args.all and narrower:
        other = "A..B" if narrower[0] == "range" else f"--{narrower[0].replace('_', '-')}"
        raise UsageError(f"--all scans everything and {other} less than that: give one of them")

    def scan(scanner: Scanner) -> Report:
        with Progress(sys.stderr, shown=args.detail >= 0) as progress, _no_collector():
            report = scan_history(
                args.repo,
                branches=args.branch,
                revisions=() if args.range is None else [args.range],
                since=args.since,
                max_count=args.max_count,
                paths=args.path,
                reachable_only=args.reachable_only,
                base=args.base,
                head=args.head,
                recurse_submodules=args.recurse_submodules,
                lfs=args.lfs,
                jobs=args.jobs or None,
                cache=not args.no_cache,
                progress=progress,
                scanner=scanner,
            )
        return _with_changes(report, args) if args.base and not args.no_baseline else report

    return scanning.run(args, scan, lambda file: _known(args, file), lambda: _repository(args))


def _repository(args: Namespace) -> policy.Place:
    """Return where the configuration is: what a merge would bring cannot switch off its own check."""
    from tightlip import policy
    from tightlip.git.repo import git_for

    return policy.of(git_for(args.repo), args.base)


def _known(args: Namespace, file: str | None) -> Place:
    """Return what is known. What a merge would bring cannot switch off its own check: the base says what is known."""
    from tightlip.baseline import place
    from tightlip.config.repository import top_of
    from tightlip.git.repo import git_for

    git = git_for(args.repo)
    if args.base and file is None:
        return place.Place(place.of_revision(git, args.base), top_of(git))
    return place.of_working_tree(git, file)


def _with_changes(report: Report, args: Namespace) -> Report:
    """Return the report with a word on what the merge would do to the baseline."""
    from dataclasses import replace

    from tightlip.baseline import changes
    from tightlip.git.repo import git_for

    said = changes.by_merge(git_for(args.repo), args.base, "HEAD" if args.head is None else args.head)
    return replace(report, notes=(*report.notes, *said))


@contextmanager
def _no_collector() -> Iterator[None]:
    """Do not look for garbage that refers to itself: there is none to speak of, and very much to look through."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _is_range(text: str) -> bool:
    """Whether the one argument is a range of commits and not a repository, there or not."""
    return ".." in text and ".." not in text.replace(os.sep, "/").split("/") and not os.path.lexists(text)
