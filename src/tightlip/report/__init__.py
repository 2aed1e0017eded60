"""Reports: findings in, one format out. A format is a file with `write(report, out, options)` and a line in FORMATS."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO

from tightlip.report.options import PLAIN, Options, is_terminal, options_for

if TYPE_CHECKING:
    from tightlip.finding import Report


class Write(Protocol):
    """Writes a report in one format."""

    def __call__(self, report: Report, out: TextIO, options: Options = ...) -> None:
        """Write the report; by default redacted, plain, for 80 columns."""


def _by(module: str) -> Write:
    """Return what loads a format's file once it is wanted."""

    def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
        import_module(f"tightlip.report.{module}").write(report, out, options)

    return write


FORMATS: dict[str, Write] = {
    "text": _by("text"),
    "json": _by("json"),
}

__all__ = ["FORMATS", "Options", "Write", "is_terminal", "options_for"]
