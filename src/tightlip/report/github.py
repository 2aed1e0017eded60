"""The report as workflow commands of GitHub Actions: printed in a step, they annotate the files of a pull request.

What could be taken for a command, or for the end of one, is escaped as GitHub's own toolkit does.
https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from tightlip.report.options import PLAIN, Options
from tightlip.report.remark import Remark, escaped, findings, put, remarks, rest
from tightlip.report.wording import published

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tightlip.finding import Report
    from tightlip.report.document import Document

_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = _IN_TEXT | {":": "%3A", ",": "%2C"}


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted whatever the options say."""
    put(_lines(published(report, options)), out)


def _lines(made: Document) -> Iterator[str]:
    shown = remarks(made)
    yield from (_command(it.level, _properties(it), it.text) for it in shown)
    yield _command("notice", {"title": "tightlip"}, rest(made, findings(shown)))


def _properties(it: Remark) -> dict[str, str | int]:
    about: dict[str, str | int] = {}
    if it.at:
        about["file"] = it.at.path
    if it.at and it.at.part == "content":
        about |= {"line": it.at.line, "endLine": it.at.end_line}
        # GitHub takes columns of one line only.
        about |= {"col": it.at.column, "endColumn": it.at.end_column} if it.at.line == it.at.end_line else {}
    return about | {"title": f"{it.title} [{it.rule}]" if it.rule else it.title}


def _command(name: str, properties: Mapping[str, str | int], text: str) -> str:
    said = ",".join(f"{key}={escaped(str(value), _IN_PROPERTY)}" for key, value in properties.items())
    return f"::{name} {said}::{escaped(text, _IN_TEXT)}"
