"""Reports: findings in, one format out. A format is a file with `write(report, out, options)` and a line in FORMATS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TextIO

from tightlip.report import json, text
from tightlip.report.options import Options, is_terminal, options_for

if TYPE_CHECKING:
    from tightlip.finding import Report


class Write(Protocol):
    """Writes a report in one format."""

    def __call__(self, report: Report, out: TextIO, options: Options = ...) -> None:
        """Write the report; by default redacted, plain, for 80 columns."""


FORMATS: dict[str, Write] = {
    "text": text.write,
    "json": json.write,
}

__all__ = ["FORMATS", "Options", "Write", "is_terminal", "options_for"]
