"""Take the entries of other people's files into this one.

Where two judge the same secret differently, the later judgement counts, and of two of one day the more careful; each
such conflict is told. A file that was begun by itself has a salt of its own: then what git tracks is scanned, to
recognise in it what this file knows, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.baseline import merging, place
from tightlip.cli import options
from tightlip.cli.baseline import work
from tightlip.errors import UsageError
from tightlip.report.style import count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.baseline.entry import Entry
    from tightlip.baseline.file import Baseline
    from tightlip.baseline.merging import Conflict

EXAMPLES = """\
examples:
  tightlip baseline merge ada.yaml grace.yaml
  tightlip baseline merge ada.yaml --history      recognise what only the history holds, too, in a file of another salt

exit code: 0 done, 1 done, and there were conflicts, 2 wrong use, 3 done, but not everything could be scanned
"""
_CONFLICTS = 1


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a baseline file of somebody else; it is only read")
    work.add_where(parser, scans="look in what any version of a file holds, too, for what a file of another salt knows")
    parser.set_defaults(repo=None)
    options.add_rules(parser)


def run(args: Namespace) -> int:
    """Write the file, tell what came in and each conflict, and return the exit code."""
    home = work.home(args)
    own = home.read()
    files = [(home.name, own), *((name, _named(name)) for name in args.files)]
    missed = 0
    if len({salt for _, baseline in files for salt in baseline.salts}) > 1:
        made = work.reports(args, home)
        missed = work.missed(made)
        if missed == work.INTERRUPTED:
            return missed
        files = [(name, merging.under(own.salts[0], baseline, made, home.top)) for name, baseline in files]
    merged = merging.merge(files)
    if merged.baseline.text != own.text:
        home.write(merged.baseline)
    _tell(own, merged, home.name)
    return _CONFLICTS if merged.conflicts else missed


def _named(name: str) -> Baseline:
    found = place.on_disk(name, name)
    if found is None:
        raise UsageError(f"there is no file {name}")
    return found


def _tell(own: Baseline, merged: merging.Merged, name: str) -> None:
    before, after = own.by_key(), merged.baseline.by_key()
    new = len(after.keys() - before.keys())
    anew = sum(after[key].judgement != entry.judgement for key, entry in before.items() if key in after)
    print(f"{visible(name)}: {count(new, 'entry', 'entries')} more, {anew or 'none'} judged anew")
    for conflict in merged.conflicts:
        print(f"  conflict: {_told(conflict)}")


def _told(conflict: Conflict) -> str:
    kept, dropped = conflict.kept, conflict.dropped
    said = [_judgement(kept, conflict.kept_from), f"not {_judgement(dropped, conflict.dropped_from)}"]
    return visible(f"{kept.id[: work.SHORT]}  {kept.rule}  {kept.path}  {', '.join(said)}")


def _judgement(entry: Entry, name: str) -> str:
    judged = entry.judgement
    by = f" by {judged.by}" if judged.by else ""
    when = f" on {judged.when}" if judged.when else ""
    return f"{judged.state}{by}{when} ({name})"
