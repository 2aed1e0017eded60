"""Set a repository up: hooks, .gitignore, .env.example, .sops.yaml and a CI file, asking before each.

Nothing that is there is written over. What is in place already is not asked for, so that it can be run again.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tightlip.cli.install import program, say
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.setup.offer import Wishes

EXAMPLES = """\
examples:
  tightlip init                          ask before each
  tightlip init --dry-run                what would be done
  tightlip init --yes --only gitignore --only example
  tightlip init --age age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p --ci github

exit code: 0 all that was agreed to is done, 2 it is not: what is in the way is said
"""
_NAMES = ("hooks", "gitignore", "example", "sops", "ci")
_YES = ("y", "yes")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--yes", action="store_true", help="do all of it, and ask nothing")
    group.add_argument("--dry-run", action="store_true", help="tell what would be done, and do nothing")
    parser.add_argument("--only", action="append", choices=_NAMES, default=[], help="offer only this; may be repeated")
    parser.add_argument(
        "--age", action="append", default=[], metavar="KEY", help="a public age key to encrypt for; may be repeated"
    )
    parser.add_argument("--ci", choices=("github", "gitlab"), help="whose CI file (default: where origin is)")


def run(args: Namespace) -> int:
    """Offer, do what is agreed to, and return the exit code."""
    from tightlip import setup
    from tightlip.setup.offer import Offer

    asks = not args.yes and not args.dry_run
    is_heard = sys.stdin.isatty() and sys.stdout.isatty()
    offered = 0
    for _, it in setup.offers(_wishes(args)):
        if not isinstance(it, Offer):
            say(_hidden(f"note: {it.text}"))
            continue
        offered += 1
        if args.yes:
            it.act()
            say(_hidden(it.done))
            continue
        say(_hidden(it.what if asks and is_heard else f"would: {it.what}"))
        for line in it.detail:
            say(f"    {line}")
        answer = _answer() if asks and is_heard else "\n"
        if answer.strip().lower() in _YES:
            it.act()
            say(_hidden(it.done))
        if not answer:
            say("\nthe rest is left as it is")
            break
    if not offered:
        say("nothing to do: all of it is there")
    if offered and asks and not is_heard:
        raise UsageError("nothing was done, as nobody can be asked here: tightlip init --yes does it")
    return 0


def _hidden(text: str) -> str:
    """Return a text without a secret that a file's name holds."""
    from tightlip.report.options import PLAIN
    from tightlip.report.redact import redactor
    from tightlip.scan import scan_bytes

    return redactor(scan_bytes(text.encode("utf-8", "surrogateescape")), PLAIN).name(text)


def _answer() -> str:
    """Return the line that is typed; nothing where no more will be."""
    sys.stdout.write("do it? [y/N] ")
    sys.stdout.flush()
    return sys.stdin.readline()


def _wishes(args: Namespace) -> Wishes:
    from tightlip.config.repository import top_of
    from tightlip.git.plumbing import Git
    from tightlip.setup.offer import Wishes

    where = args.repo or os.curdir
    top = top_of(Git(where))
    if top is None:
        raise UsageError(f"{where} has no working tree; name a repository that has one")
    return Wishes(Git(top), top, program(), frozenset(args.only), tuple(args.age), args.ci or "")
