"""Tell what is to be done: entries of no use, expired, of secrets that are to be rotated, and not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.baseline import dates
from tightlip.baseline.entry import ACCEPTED, REAL, UNJUDGED
from tightlip.baseline.stale import Compared
from tightlip.cli import options
from tightlip.cli.baseline import work
from tightlip.report.style import count

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from tightlip.baseline.entry import Entry

EXAMPLES = """\
examples:
  tightlip baseline check
  tightlip baseline check --history                     also whether what only the history held is there still
  tightlip baseline check --only stale --only expired   for CI, while there is much to judge

exit code: 0 nothing is to be done, 1 something is, 2 wrong use, 3 not everything could be scanned
"""
_STALE, _EXPIRED = "stale", "expired"
_DO = {
    _EXPIRED: (
        "expired, and its finding counts again: fix it, or judge it anew",
        "expired, and their findings count again: fix them, or judge them anew",
    ),
    REAL: (
        "real, and its finding counts: rotate the secret, then judge it revoked",
        "real, and their findings count: rotate the secrets, then judge them revoked",
    ),
    UNJUDGED: ("not judged yet", "not judged yet"),
    _STALE: (
        "of no use, for nothing matches it any more: tightlip baseline prune",
        "of no use, for nothing matches them any more: tightlip baseline prune",
    ),
}
_ACCEPTED = ("accepted, and critical and surely a secret", "accepted, and critical and surely secrets")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    work.add_arguments(parser, scans="look for each entry in what any version of a file holds, too")
    options.add_rule_files(parser)
    parser.add_argument(
        *("--only",),
        action="append",
        default=[],
        choices=tuple(_DO),
        metavar="WHAT",
        help=f"one of {', '.join(_DO)}: tell, and let fail, nothing else; may be repeated",
    )


def run(args: Namespace) -> int:
    """Look, tell, and return the exit code."""
    home = work.home(args)
    baseline = home.read()
    wanted = args.only or list(_DO)
    today = dates.today()
    compared, missed = work.compared(args, home, baseline) if _STALE in wanted else (Compared([], [], []), 0)
    found = {
        _EXPIRED: [entry for entry in baseline.entries if entry.judgement.is_expired(today)],
        **{state: [it for it in baseline.entries if it.judgement.state == state] for state in (REAL, UNJUDGED)},
        _STALE: [] if missed else compared.stale,
    }
    for what in wanted:
        _tell(found[what], _DO[what], compared.live)
    accepted = [entry for entry in compared.live if entry.judgement.state == ACCEPTED]
    _tell(accepted, _ACCEPTED, [])
    work.tell_aside(compared.aside)
    if any(found[what] for what in wanted):
        if UNJUDGED in wanted and found[UNJUDGED]:
            print(
                "Judge one after the other: tightlip audit; "
                "or one: tightlip baseline update --select ID --state STATE --why TEXT"
            )
        return 1
    print(f"{count(len(baseline.entries), 'known finding')}, nothing to be done")
    return missed


def _tell(entries: Sequence[Entry], what: tuple[str, str], live: Sequence[Entry]) -> None:
    """Tell what is urgent first."""
    if entries:
        print(f"{count(len(entries), 'entry', 'entries')} {what[len(entries) != 1]}:")
    urgent = {entry.key for entry in live}
    work.tell([entry for entry in entries if entry.key in urgent], "critical: ")
    work.tell([entry for entry in entries if entry.key not in urgent])
