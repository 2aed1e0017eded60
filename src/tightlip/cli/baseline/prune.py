"""Take out the entries that match nothing any more, and tell which.

An entry that came from the history, of a secret that HEAD did not have, is left alone unless --history looks there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.cli import options
from tightlip.cli.baseline import work
from tightlip.report.style import count

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip baseline prune                what the files that git tracks do not hold any more
  tightlip baseline prune --history      what the history does not hold any more either, after a purge

exit code: 0 done, 2 wrong use, 3 not everything could be scanned, and nothing was taken out
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    work.add_arguments(parser, scans="keep what any version of a file holds; take out what is nowhere")
    options.add_rule_files(parser)


def run(args: Namespace) -> int:
    """Write the file, if there is something to take out, and return the exit code."""
    home = work.home(args)
    baseline = home.read()
    compared, missed = work.compared(args, home, baseline)
    if missed:
        print("nothing is taken out: what was not scanned may hold what an entry is about")
        return missed
    if compared.stale:
        gone = {entry.key for entry in compared.stale}
        home.write(baseline.but(entry for entry in baseline.entries if entry.key not in gone))
    print(f"{count(len(compared.stale), 'entry', 'entries')} taken out{':' if compared.stale else ''}")
    work.tell(compared.stale)
    work.tell_aside(compared.aside)
    return 0
