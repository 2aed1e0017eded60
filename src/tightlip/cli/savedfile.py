"""A saved report that a person names: a file, or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, BinaryIO

from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from tightlip.finding import Report

STDIN = "-"
_MOST_BYTES = 1 << 30
"""Of a report: a device has no end."""


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
        return reports.read(_bounded(sys.stdin.buffer, "standard input"), "standard input", scanner)
    try:
        with open(file, "rb") as stream:
            content = _bounded(stream, file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have such a name"
        raise UsageError(f"{file}: cannot read it: {reason}") from None
    return reports.read(content, file, scanner)


def _bounded(stream: BinaryIO, name: str) -> bytes:
    content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise UsageError(f"{name}: larger than {_MOST_BYTES >> 30} GiB, which no report is")
    return content
