"""Write what is known as another scanner's file: for those who go on using that one as well.

The files that git tracks are scanned as they are on disk. What is judged in .tightlip-baseline.yaml becomes a label.
What the file holds already stays, with its labels and settings. No value is in it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from tightlip.cli import options
from tightlip.cli.baseline import work
from tightlip.errors import UsageError
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor
from tightlip.report.style import count, listed
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.finding import Finding, Report
    from tightlip.interop.detect_secrets_export import Exported, Label

EXAMPLES = """\
examples:
  tightlip export detect-secrets                  .secrets.baseline at the top of the repository
  tightlip export detect-secrets --output -       on standard output

exit code: 0 written, or nothing is new, 2 wrong use or a file that cannot be read, 3 not everything could be scanned
"""
_SCANNERS = ("detect-secrets",)
_NAME = ".secrets.baseline"
_MOST_SHOWN = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("scanner", metavar="TO", choices=_SCANNERS, help="detect-secrets")
    parser.add_argument(
        "--output", metavar="FILE", help=f"the file to write (default: {_NAME} at the top; - is standard output)"
    )
    parser.add_argument("--baseline", metavar="FILE", help="another file of what is known and judged")
    options.add_rules(parser)
    parser.set_defaults(repo=None, history=False)


def run(args: Namespace) -> int:
    """Write the file and return the exit code."""
    from tightlip.interop import detect_secrets_export, known, reading

    home = work.home(args)
    if home.top is None:
        raise UsageError("a repository without a working tree has no files to look at")
    (report,) = work.reports(args, home)
    missed = work.missed([report])
    if missed == work.INTERRUPTED:
        return missed
    path = os.path.join(home.top, _NAME) if args.output is None else args.output
    is_there = path != "-" and os.path.lexists(path)
    there = detect_secrets_export.before(path) if is_there else None
    inside = _NAME if path == "-" else known.plain(path, home.top)
    exported = detect_secrets_export.export(report, there, inside, home.top, _labels(report, home))
    if path == "-":
        sys.stdout.write(exported.text)
        return missed
    name = _NAME if args.output is None else args.output
    if there is None or exported.text != reading.text(path, reading.MOST_REPORT_BYTES):
        work.replace_file(path, exported.text.encode(), name)
    _tell(exported, report, name)
    return missed


def _labels(report: Report, home: work.Home) -> Label:
    """Return what tells whether a finding was judged a secret."""
    from tightlip.baseline import matching
    from tightlip.baseline.entry import FALSE_ALARM, TEST_VALUE, UNJUDGED

    if not os.path.lexists(home.path):
        return lambda _: None
    labels: dict[tuple[str, object], bool] = {}
    for it in matching.known(report, home.read(), home.top):
        states = {entry.judgement.state for entry in it.entries} - {UNJUDGED}
        if states:
            # Also what is revoked was one: detect-secrets counts how often a plugin was right.
            labels[it.finding.rule, it.finding.secret] = bool(states - {FALSE_ALARM, TEST_VALUE})

    def label(finding: Finding) -> bool | None:
        return labels.get((finding.rule, finding.secret))

    return label


def _tell(exported: Exported, report: Report, name: str) -> None:
    hide = redactor(report, PLAIN).name
    said = [f"{count(exported.new, 'entry', 'entries')} added"] if exported.new else []
    said += [f"{count(exported.labelled, 'label')} added"] if exported.labelled else []
    print(f"{visible(name)}: {', '.join(said) or 'nothing is new'}")
    _list("a label in it that is not what is judged here, and stays", map(hide, exported.kept))
    _list("left out, since detect-secrets does not find it", map(hide, exported.alone))
    _list("found by detect-secrets alone, and not in it", map(hide, exported.theirs))
    if not exported.is_sure:
        print(
            "detect-secrets is not installed here, so types are what tightlip takes them for: its hook may know better"
        )


def _list(title: str, places: Iterable[str]) -> None:
    if told := listed(places, _MOST_SHOWN):
        print(f"{title}: {visible(told)}")
