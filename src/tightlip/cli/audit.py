"""Judge findings one by one in the terminal; or tell, with --stats, how often each rule was right.

What git tracks is scanned, as it is on disk; with --history, all that git holds. Each value is shown once, hidden, with
the lines around it. Each judgement is written at once to .tightlip-baseline.yaml, so that quitting loses nothing, and
starting again goes on where it was. It needs Textual: pip install 'tightlip[audit]'
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.cli import options
from tightlip.cli.baseline import work
from tightlip.errors import UsageError
from tightlip.report import is_terminal
from tightlip.report.style import count
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from tightlip.audit.card import Dealer
    from tightlip.audit.context import Texts
    from tightlip.audit.item import Item
    from tightlip.audit.statistics import Row
    from tightlip.cli.auditing.app import Audit
    from tightlip.finding import Report

EXAMPLES = """\
examples:
  tightlip audit                        judge what the files hold; ? tells the keys
  tightlip audit --history              and what the history holds
  tightlip audit --from report.json     what a saved report says, redacted or not; nothing is scanned
  tightlip audit --no-reveal            where others see the screen: no key shows a value
  tightlip audit --stats                how often each rule was right, the worst first
  tightlip audit --stats --json

exit code: 0 done, or nothing to judge, 2 wrong use, 3 not everything could be scanned, or had back, 130 Ctrl-C
"""
_NEEDED = ("textual", "rich")


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    work.add_arguments(parser, scans="what any version of a file holds, too, and messages and names")
    options.add_rules(parser)
    group = parser.add_argument_group("judging")
    group.add_argument("--from", dest="saved", metavar="FILE", help="no scan: a JSON report of --report json:FILE")
    group.add_argument("--by", metavar="NAME", help="who judges (default: the user.name of git's configuration)")
    group.add_argument("--no-reveal", action="store_true", help="no key shows a value")
    group = parser.add_argument_group("statistics")
    group.add_argument("--stats", action="store_true", help="judge nothing: count what is judged, for each rule")
    group.add_argument("--json", action="store_true", help="with --stats: as JSON")


def run(args: Namespace) -> int:
    """Judge, or count, and return the exit code."""
    if args.json and not args.stats:
        raise UsageError("--json is a form of --stats: add that")
    if args.saved and args.history:
        raise UsageError("--from scans nothing, and so no --history either: leave one of them out")
    home = work.home(args)
    return _count(args, home) if args.stats else _judge(args, home)


def _judge(args: Namespace, home: work.Home) -> int:
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        raise UsageError(
            "this needs a terminal; without one, `tightlip baseline update --select ID --state STATE --why TEXT` judges"
        )
    program = _program()
    from tightlip.audit.card import Dealer
    from tightlip.audit.context import Texts
    from tightlip.audit.item import items
    from tightlip.audit.session import Session
    from tightlip.cli.auditing.store import File

    texts = Texts(home.git, home.top)
    made = [_saved(args, texts)] if args.saved else work.reports(args, home)
    missed = work.missed(made)
    if missed == work.INTERRUPTED:
        return missed
    every, dealer = items(made), Dealer(made, texts, home.top)
    session = Session(File(home), made, every, home.top)
    lost = [item for item in every if item.is_lost]
    code = 0
    if len(lost) < len(every):
        app = program(session, every, dealer, work.judged_by(args, home.git), reveals=not args.no_reveal)
        code = _run(app)
    _tell(every, session.judged, sum(map(session.is_open, every)), home.name)
    _tell_lost(lost, dealer)
    return code or missed or (work.INCOMPLETE if lost else 0)


def _program() -> type[Audit]:
    """Return the program with the screen. Raises `UsageError` where it lacks Textual."""
    for name in [name for name in os.environ if name == "TEXTUAL" or name.startswith("TEXTUAL_")]:
        del os.environ[name]  # they make it log what it shows, or save pictures of it
    try:
        from tightlip.cli.auditing.app import Audit
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in _NEEDED:
            raise
        raise UsageError("tightlip audit needs Textual: pip install 'tightlip[audit]'") from None
    return Audit


def _run(app: Audit) -> int:
    code = app.run(mouse=False)  # the terminal's own selecting and copying goes on to work
    if app.failure is not None:
        raise app.failure
    return code or 0


def _saved(args: Namespace, texts: Texts) -> Report:
    from tightlip.audit.recovered import recovered
    from tightlip.baseline import saved
    from tightlip.cli.scanning import plain_scanner
    from tightlip.model import LOW

    report = replace(saved.read_masked(args.saved), unscanned=())
    return recovered(report, texts, plain_scanner(args.rules, LOW))


def _tell(every: Sequence[Item], judged: int, left: int, name: str) -> None:
    if not every:
        print("nothing was found, so there is nothing to judge")
        return
    written = f", written to {visible(name)}" if judged else ""
    print(f"{count(judged, 'judgement')}{written}; {count(left, 'secret')} of {len(every):,} left to judge")


def _tell_lost(lost: Sequence[Item], dealer: Dealer) -> None:
    if lost:
        print(f"{count(len(lost), 'value')} of the report could not be had back, and so not judged; scan again:")
    for item in lost:
        print(f"  {dealer.name(item)}")


def _count(args: Namespace, home: work.Home) -> int:
    from tightlip.audit import statistics

    rows = statistics.rows(home.read())
    total = statistics.total(rows)
    if args.json:
        import json

        json.dump({"rules": list(map(_as_json, rows)), "total": _as_json(total)}, sys.stdout, indent=2)
        print()
    elif total.judged:
        print("\n".join(_table([*rows, total])))
    else:
        print(f"nothing is judged yet in {visible(home.name)}; {total.unjudged or 'none'} to judge: tightlip audit")
    return 0


def _table(rows: Sequence[Row]) -> list[str]:
    head = ("rule", "judged", "real", "false alarms", "test values", "unjudged", "precision", "95 % interval")
    lines = [head, *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(_padded(line, widths)).rstrip() for line in lines]


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.rjust(width) if at else text.ljust(width)
        for at, (text, width) in enumerate(zip(line, widths, strict=True))
    ]


def _cells(row: Row) -> tuple[str, ...]:
    counts = (row.judged, row.real, row.false_alarms, row.test_values, row.unjudged)
    share, interval = row.precision, row.interval
    return (
        visible(row.rule),
        *(f"{number:,}" for number in counts),
        "-" if share is None else f"{share:.0%}",
        "-" if interval is None else f"{interval.low:.0%} to {interval.high:.0%}",
    )


def _as_json(row: Row) -> dict[str, object]:
    interval = row.interval and row.interval._asdict()
    return row._asdict() | {"judged": row.judged, "precision": row.precision, "interval": interval}
