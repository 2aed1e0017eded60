"""What the scan commands share: a scanner from the options before, reports and an exit code after."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from tightlip.cli import output
from tightlip.report import FORMATS, options_for

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from tightlip.engine import Scanner
    from tightlip.finding import Report

INCOMPLETE = 3


def run(args: Namespace, scan: Callable[[Scanner], Report]) -> int:
    """Scan, report, and return the exit code."""
    from tightlip.engine import Scanner

    destinations = output.checked(args.report, show_secrets=args.show_secrets)
    report = scan(Scanner(paths=tuple(args.rules), min_confidence=args.min_confidence))

    def write(name: str, out: TextIO) -> None:
        color = (
            "never" if args.color == "auto" and out is not sys.stdout else args.color
        )  # FORCE_COLOR means the screen
        options = options_for(out, os.environ, color)
        FORMATS[name](report, out, options._replace(show_secrets=args.show_secrets, detail=args.detail))

    output.deliver(destinations, write, private=args.show_secrets)
    if all(destination.file for destination in destinations) and args.detail >= 0:
        _say_where(report, destinations)
    if report.interrupted:
        _say_interrupted(report)
        return INCOMPLETE
    if report.findings and args.exit_code:
        return int(args.exit_code)
    return 0 if report.complete else INCOMPLETE


def _say_interrupted(report: Report) -> None:
    left = next((what for what, why in report.unscanned if "interrupted" in why), "the rest")
    sys.stderr.write(f"tightlip: interrupted, the scan is not complete: {left} not scanned\n")


def _say_where(report: Report, destinations: list[output.Destination]) -> None:
    """Tell a person what the files hold: nothing else is printed."""
    from tightlip.report.style import count
    from tightlip.report.visible import visible

    found = count(len({finding.secret for finding in report.findings}), "secret")
    missed = "" if report.complete else f", {count(len(report.unscanned), 'thing')} not scanned"
    files = ", ".join(visible(destination.file or "") for destination in destinations)
    sys.stderr.write(f"tightlip: {found}{missed}; see {files}\n")
