"""Take out the git hooks that `tightlip install` put in, and put back what was there before, as it was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.cli.install import add_place, check_place, say, tell

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.install.step import Step

EXAMPLES = """\
examples:
  tightlip uninstall                               the repository of the current folder
  tightlip uninstall ../shop --dry-run             what would be done
  tightlip uninstall --template ~/.git-template    and init.templateDir as it was
  tightlip uninstall --global                      and core.hooksPath as it was
  tightlip uninstall --server /srv/git/shop.git

exit code: 0 nothing of it is there any more, 2 wrong use, or a file that cannot be changed
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    add_place(parser)
    parser.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")


def run(args: Namespace) -> int:
    """Uninstall, tell, and return the exit code."""
    from tightlip.install import taking

    check_place(args)
    folders = _folders(args)
    steps = [*_settings(args), *(step for folder in folders for step in taking.steps(folder))]
    left = [path for folder in folders for path in taking.left(folder)]
    tell(steps, dry=args.dry_run)
    for path in left:
        say(f"note: {path} stays: somebody else's hook has taken the place that it had")
    if not steps:
        say("nothing to do: it is not installed")
    if _is_in_all(args):
        say("note: the hooks for all repositories run here, too: tightlip uninstall --global takes them out")
    return 0


def _is_in_all(args: Namespace) -> bool:
    from tightlip.install import place

    return args.template is None and not args.everywhere and place.is_in_all(_where(args))


def _folders(args: Namespace) -> list[str]:
    from tightlip.install import place

    if args.template is not None:
        return [place.of_template(args.template).folder]
    if args.everywhere:
        return [place.of_user()]
    return place.folders(_where(args))


def _where(args: Namespace) -> str:
    where: str = (args.repo or os.curdir) if args.server is None else args.server
    return where


def _settings(args: Namespace) -> list[Step]:
    from tightlip.git.plumbing import Git
    from tightlip.install import place, taking
    from tightlip.install.setting import HOOKS, TEMPLATE

    if args.template is not None:
        return taking.of_setting(Git(), TEMPLATE, place.of_template(args.template).set_to)
    return taking.of_setting(Git(), HOOKS, place.of_user()) if args.everywhere else []
