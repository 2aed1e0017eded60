"""The report as logging commands of Azure Pipelines: printed in a step, they are its errors and warnings.

What could be taken for a command, or for the end of one, is escaped as Microsoft's own task library does.
https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.report.options import PLAIN, Options
from tightlip.report.remark import Remark, escaped, findings, harmless, put, remarks, rest
from tightlip.report.wording import published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.finding import Report
    from tightlip.report.document import Document

_IN_TEXT = {"%": "%AZP25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = _IN_TEXT | {";": "%3B", "]": "%5D"}


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted whatever the options say."""
    put(_lines(published(report, options)), out)


def _lines(made: Document) -> Iterator[str]:
    shown = remarks(made)
    for it in shown:
        said = "".join(f"{key}={escaped(str(value), _IN_PROPERTY)};" for key, value in _properties(it).items())
        yield f"##vso[task.logissue {said}]{escaped(it.text, _IN_TEXT)}"
    yield f"tightlip: {harmless(rest(made, findings(shown)))}"


def _properties(it: Remark) -> dict[str, str | int]:
    about: dict[str, str | int] = {"type": it.level}
    if it.at:
        about |= {"sourcepath": it.at.path}
        about |= {"linenumber": it.at.line, "columnnumber": it.at.column} if it.at.part == "content" else {}
    return about | ({"code": it.rule} if it.rule else {})
