"""Add the findings that are new, keeping what is there; or judge findings, with --select."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.baseline import judging
from tightlip.baseline.entry import STATES, Entry
from tightlip.baseline.identity import DIGITS
from tightlip.cli.baseline import work
from tightlip.errors import UsageError
from tightlip.report.style import count

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.baseline.entry import Judgement
    from tightlip.baseline.file import Baseline
    from tightlip.finding import Report

EXAMPLES = """\
examples:
  tightlip baseline update                       add what is new, not judged yet
  tightlip baseline update --select 3f2a9c --state false-alarm --why 'documented example' --by Ada
  tightlip baseline update --select 3f2a9c --state accepted --why 'is rotated in spring' --until 2027-01-31
  tightlip baseline update --select 3f2a9c --state test-value --per-place      in the files that hold it now only

states:
  unjudged      nobody has looked yet
  false-alarm   it is no secret
  test-value    it opens nothing that matters
  revoked       it was a secret, and is worthless now
  accepted      it is a secret, and somebody answers for it (--why)
  real          it is a secret that is to be rotated: judged, and reported until it is revoked

exit code: 0 done, 2 wrong use, 3 done, but not everything could be scanned
"""
_FEWEST = 6


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    parser.add_argument(
        *("--select",),
        action="append",
        default=[],
        metavar="ID",
        help="judge this one: its fingerprint in a report, or its id in the file; 6 digits are enough; may be repeated",
    )
    work.add_arguments(parser, scans="what any version of a file holds, too, and messages and names")
    work.add_judgement(parser)


def run(args: Namespace) -> int:
    """Write the file, if there is something new in it, and return the exit code."""
    home = work.home(args)
    before = home.read()
    judgement = work.judgement(args, home.git)
    if args.select:
        if args.state is None:
            raise UsageError(f"--select needs --state: one of {', '.join(STATES)}")
        return _judge(args, home, before, judgement)
    made = work.reports(args, home)
    missed = work.missed(made)
    if missed == work.INTERRUPTED:
        return missed
    after = work.maker(before, home, args).with_new(before, made, judgement)
    known = before.by_key()
    new = [entry for entry in after.entries if entry.key not in known]
    if new:
        home.write(after)
    print(f"{count(len(new), 'finding')} added{':' if new else '; nothing is new'}")
    work.tell(new)
    return missed


def _judge(args: Namespace, home: work.Home, before: Baseline, judgement: Judgement) -> int:
    starts = [_start(text) for text in args.select]
    made: list[Report] = []
    if args.per_place or any(len(judging.ids(before, start)) != 1 for start in starts):
        made = work.reports(args, home)
    missed = work.missed(made)
    if missed == work.INTERRUPTED:
        return missed
    after, judged, maker = before, list[Entry](), work.maker(before, home, args)
    for start in starts:
        after, entries = judging.judge(after, made, start, maker, judgement=judgement)
        judged += entries
    home.write(after)
    work.tell(judged)
    return missed


def _start(text: str) -> str:
    digits = text.lower()
    if not _FEWEST <= len(digits) <= DIGITS or digits.strip("0123456789abcdef"):
        raise UsageError(f"--select: {text!r} is no fingerprint: give {_FEWEST} to {DIGITS} of its hexadecimal digits")
    return digits
