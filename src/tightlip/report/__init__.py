"""Reports: findings in, one format out. A format is a file with `write(report, out, options)` and a line in FORMATS."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TextIO

from tightlip.report.options import PLAIN, Options, is_terminal, options_for

if TYPE_CHECKING:
    from tightlip.finding import Report


class Write(Protocol):
    """Writes a report in one format."""

    def __call__(self, report: Report, out: TextIO, options: Options = ...) -> str | None:
        """Write the report; by default redacted, plain, for 80 columns.

        Returns what a person should hear of it, in a sentence, such as that the format has no place for all of it.
        """


def _by(module: str) -> Write:
    """Return what loads a format's file once it is wanted."""

    def write(report: Report, out: TextIO, options: Options = PLAIN) -> str | None:
        format_: Write = import_module(f"tightlip.report.{module}").write
        return format_(report, out, options)

    return write


FORMATS: dict[str, Write] = {
    "text": _by("text"),
    "json": _by("json"),
    "jsonl": _by("jsonl"),
    "sarif": _by("sarif"),
    "gitlab": _by("gitlab"),
    "junit": _by("junit"),
    "csv": _by("csv"),
    "markdown": _by("markdown"),
    "github": _by("github"),
    "azure": _by("azure"),
    "html": _by("html"),
    "template": _by("template"),
}

__all__ = ["FORMATS", "Options", "Write", "is_terminal", "options_for"]
