"""Scan what the next commit adds: the index against HEAD, never the working tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.cli import options, scanning

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip import policy
    from tightlip.baseline.place import Place
    from tightlip.engine import Scanner
    from tightlip.finding import Report

EXAMPLES = """\
examples:
  tightlip scan-staged                   the repository of the current folder
  tightlip scan-staged ../other -v       another one, with every place
  tightlip scan-staged --known dotenv:.env --known sops:secrets/    and exactly what stands there
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    options.add_lfs(parser)
    options.add_scan(parser)


def run(args: Namespace) -> int:
    """Scan and return the exit code."""
    from tightlip.scan import scan_staged

    def known(file: str | None) -> Place:
        from tightlip.baseline.place import of_working_tree
        from tightlip.git.repo import git_for

        return of_working_tree(git_for(args.repo), file)

    def repository() -> policy.Place:
        from tightlip import policy
        from tightlip.git.repo import git_for

        return policy.of(git_for(args.repo))

    def scan(scanner: Scanner) -> Report:
        return scan_staged(args.repo, lfs=args.lfs, scanner=scanner)

    return scanning.run(args, scan, known, repository, ask=True)
