"""The checklist of a production review: is every secret where it belongs? Each line with evidence and what mends it.

Nothing is changed, but for --fix, which adds to .gitignore what it must cover. No program of the repository is run, and
no value is shown.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, TextIO

from tightlip.cli import options, output
from tightlip.cli.progress import Progress
from tightlip.cli.scanning import INCOMPLETE
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.checkup.review import Review

EXAMPLES = """\
examples:
  tightlip checkup
  tightlip checkup ../shop --no-history          the files alone, which takes less time
  tightlip checkup --fix                         .gitignore covers what it must, afterwards
  tightlip checkup --known vault:secret/shop     and how old the secrets of a vault are, and who can read them
  tightlip checkup --report markdown:review.md --report html:review.html
  tightlip checkup --json                        for other tools

exit code: 0 nothing is to be mended, 1 something is, 2 wrong use, 3 nothing is but not all could be checked
"""
FORMATS = ("text", "json", "markdown", "html")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("repo", nargs="?", metavar="REPO", help="a repository (default: the one of the current folder)")
    parser.add_argument("--fix", action="store_true", help="add to .gitignore what it lacks, and nothing else")
    parser.add_argument("--no-history", action="store_true", help="look at the files alone")
    parser.add_argument(
        *("--known",),
        action="append",
        default=[],
        metavar="KIND:WHERE",
        help="ask a vault how old its secrets are and who can read them, and for no value: vault:secret/shop, "
        "aws-sm:shop/ and others (see `tightlip known`); may be repeated",
    )
    group = options.add_report(parser, FORMATS)
    group.add_argument("--json", action="store_true", help="the same as --report json")
    options.add_jobs(parser)
    options.add_cache(parser)


def run(args: Namespace) -> int:
    """Look, tell, and return the exit code."""
    # NumPy's linear algebra is not used here, and its threads take long to start and are in the way of a fork.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if args.json and args.report:
        raise UsageError("--json is --report json: give one of them")
    wanted = [output.Destination("json")] if args.json else args.report
    destinations = output.checked(wanted)
    review = _review(args)

    def write(name: str, out: TextIO) -> None:
        import_module(f"tightlip.checkup.{name}").write(review, out, output.shown(out, args))

    output.deliver(destinations, write)
    if review.has_failed:
        return 1
    return 0 if review.is_complete else INCOMPLETE


def _review(args: Namespace) -> Review:
    from tightlip import checkup
    from tightlip.checkup.place import Place
    from tightlip.checkup.review import Review
    from tightlip.doctor.here import Wanted
    from tightlip.hygiene import gitignore, ignored
    from tightlip.known.sources import where_of

    known = [where_of(text) for text in args.known]
    with Progress(sys.stderr, shown=args.detail >= 0) as progress:
        wanted = Wanted(not args.no_history, args.jobs or None, not args.no_cache, progress)
        place = Place(args.repo, wanted, known)
        fixed = (
            tuple(gitignore.add(place.top, gitignore.lines_for(ignored.missing(place.git, place.top))))
            if args.fix
            else ()
        )
        return Review(place.top, not args.no_history, checkup.examine(place), fixed)
