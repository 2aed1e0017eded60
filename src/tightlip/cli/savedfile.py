"""A saved report that a person names: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from tightlip.finding import Report

STDIN = "-"


def add_file(parser: ArgumentParser, name: str, metavar: str) -> None:
    """Add the argument that names a report."""
    parser.add_argument(name, metavar=metavar, help="a saved report, or - for standard input")


def add_from(parser: ArgumentParser) -> None:
    """Add the option that says whose report it is."""
    from tightlip.interop.reported import SCANNERS

    parser.add_argument(
        *("--from",),
        dest="scanner",
        choices=tuple(SCANNERS),
        metavar="SCANNER",
        help=f"whose report it is, where that is not recognised: {', '.join(SCANNERS)}",
    )


def read(file: str, scanner: str | None = None) -> Report:
    """Return the report. Raises `UsageError`. Parameters: `scanner`, whose it is, where a person says so."""
    from tightlip.interop import reports

    if file == STDIN:
        return reports.read(sys.stdin.buffer.read(), "standard input", scanner)
    try:
        content = Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have such a name"
        raise UsageError(f"{file}: cannot read it: {reason}") from None
    return reports.read(content, file, scanner)
