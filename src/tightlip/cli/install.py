"""Put in git hooks that call tightlip: for a repository, for each new one, for all, or where others push to.

A hook that is there is kept, and run first. One that pre-commit, prek, lefthook or husky wrote is left alone, and what
to add to the framework's configuration is told. `tightlip uninstall` puts everything back.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from tightlip.install.place import Place
    from tightlip.install.script import Program
    from tightlip.install.step import Step

EXAMPLES = """\
examples:
  tightlip install                                the repository of the current folder
  tightlip install ../shop --dry-run              what would be done
  tightlip install --template ~/.git-template     each repository that is made or cloned from now on
  tightlip install --global                       all repositories of yours
  tightlip install --server /srv/git/shop.git     a bare repository that others push to

exit code: 0 it is installed, 2 it is not: what is in the way is said
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place(parser)
    parser.add_argument("--chain", action="store_true", help="keep and run first what a framework of hooks wrote, too")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")


def add_place(parser: ArgumentParser) -> None:
    """Add what says where hooks go, or are."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--template", metavar="DIR", help="a folder that git copies into each new repository")
    group.add_argument(
        "--global",
        dest="everywhere",
        action="store_true",
        help="all repositories: a folder that core.hooksPath leads to",
    )
    group.add_argument("--server", metavar="REPO.git", help="what is pushed to a bare repository")


def run(args: Namespace) -> int:
    """Install, tell, and return the exit code."""
    from tightlip.install import putting

    place = _place(args)
    steps = putting.steps(place, program(), chain=args.chain)
    tell(steps, dry=args.dry_run)
    if place.note:
        say(f"note: {place.note}")
    if not steps:
        say("nothing to do: it is installed")
    return 0


def check_place(args: Namespace) -> None:
    """Raise `UsageError` where two places are named."""
    if args.repo is not None and (args.everywhere or (args.template, args.server) != (None, None)):
        raise UsageError(f"{args.repo} is one place too many beside --template, --global or --server")


def tell(steps: Sequence[Step], *, dry: bool) -> None:
    """Carry out steps and tell each. Parameters: `dry`, tell them only."""
    for step in steps:
        if not dry:
            step.make()
        say(f"{f'would {step.verb}' if dry else step.done} {_shown(step.path)}{step.more}")


def say(line: str) -> None:
    """Print a line."""
    line, encoding = visible(line), sys.stdout.encoding or "utf-8"
    sys.stdout.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _place(args: Namespace) -> Place:
    from tightlip.install import place

    check_place(args)
    if args.template is not None:
        return place.of_template(args.template)
    if args.everywhere:
        return place.of_everything()
    return place.of_server(args.server) if args.server is not None else place.of_repository(args.repo or os.curdir)


def program() -> Program:
    """Return what hooks are to run: the program beside this one, however a graphical git program sets the PATH."""
    from tightlip.install.script import Program

    name = "tightlip-hook.exe" if sys.platform == "win32" else "tightlip-hook"
    this = shutil.which(sys.argv[0]) or sys.argv[0]
    folders = (os.path.dirname(os.path.abspath(this)), sysconfig.get_path("scripts"))
    hooks = (shutil.which(os.path.join(folder, name)) for folder in folders)
    return Program(next(filter(None, hooks), ""), sys.executable)


def _shown(path: str) -> str:
    """Return a path as one from the current folder, where it is below it."""
    below = os.path.join(os.getcwd(), "")
    return path.removeprefix(below)
