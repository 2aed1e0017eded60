"""Scan, and write down every finding, so that from now on only what is new is reported.

The files that git tracks are scanned as they are on disk; with --history, everything that git holds, too.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.baseline.entry import UNJUDGED
from tightlip.baseline.file import ATTRIBUTES, NAME, Baseline
from tightlip.baseline.identity import new_salt
from tightlip.cli.baseline import work
from tightlip.errors import UsageError
from tightlip.report.style import count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.baseline.entry import Entry
    from tightlip.finding import Report

EXAMPLES = """\
examples:
  tightlip baseline create                     what the files hold; git keeps both sides of it when branches merge
  tightlip baseline create --history           what the history holds, too
  tightlip baseline create --state accepted --why 'found when we began' --until 2027-01-31
  tightlip baseline create --per-place         each known in the files that hold it now, and nowhere else

exit code: 0 written, 2 wrong use, or the file is there already, 3 written, but not everything could be scanned
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    work.add_arguments(parser, scans="what any version of a file holds, too, and messages and names")
    work.add_judgement(parser)
    group = parser.add_argument_group("creation")
    group.add_argument(
        "--from", dest="saved", metavar="FILE", help="no scan: a JSON report that was written with --show-secrets"
    )
    group.add_argument(
        "--no-gitattributes",
        action="store_true",
        help=f"do not add `{ATTRIBUTES}`, without which branches may conflict",
    )


def run(args: Namespace) -> int:
    """Write the file and return the exit code."""
    home = work.home(args)
    if os.path.lexists(home.path):
        raise UsageError(f"{home.name} is there already; `tightlip baseline update` adds what is new")
    judgement = work.judgement(args, home.git)
    made = _reports(args, home)
    missed = work.missed(made)
    if missed == work.INTERRUPTED:
        return missed
    empty = Baseline((new_salt(),))
    baseline = work.maker(empty, home, args).with_new(empty, made, judgement)
    home.write(baseline)
    attributes = home.top is not None and args.baseline is None and not args.no_gitattributes
    if attributes and home.top is not None:
        work.add_attributes(home.top)
    _tell(baseline.entries, home, attributes=attributes)
    return missed


def _reports(args: Namespace, home: work.Home) -> list[Report]:
    if args.saved is None:
        return work.reports(args, home)
    from tightlip.baseline import saved

    return [saved.read(args.saved)]


def _tell(entries: tuple[Entry, ...], home: work.Home, *, attributes: bool) -> None:
    unjudged = sum(entry.judgement.state == UNJUDGED for entry in entries)
    print(f"{visible(home.name)}: {count(len(entries), 'known finding')}, {unjudged or 'none'} not judged")
    if home.name == NAME:
        files = f"{NAME} .gitattributes" if attributes else NAME
        print(f"commit it: git add {files}; from then on only what is new is reported, everywhere")
    if unjudged:
        print("then judge them, one by one: tightlip audit")
