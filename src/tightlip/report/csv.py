"""The report as a table (CSV, RFC 4180): a row for each place of each finding, and one for each thing not scanned.

A spreadsheet takes a cell that begins with =, +, -, @ or a control character for a formula, and runs it. Such a cell,
and one that begins with an apostrophe, gets an apostrophe before it; whoever wants the text itself takes that off.
Every cell is quoted, so that a spreadsheet that cuts lines at semicolons makes no new cell out of one. Control
characters are written as in the text report; the JSON report has them as they are.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

from tightlip.report.document import document
from tightlip.report.options import PLAIN, Options
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.finding import Occurrence, Report
    from tightlip.report.document import Document, Told

    Row = dict[str, object]

_PLACE = (
    *("path", "line", "column", "end_line", "end_column", "part", "blob", "commit", "author", "email", "date"),
    *("message_subject", "refs"),
)
_FINDING = (
    *("rule", "name", "provider", "severity", "confidence", "fingerprint", "same_value_as", "secret"),
    *("decoded_through", "in_head", "taken_out_commit", "taken_out_date", "live", "reasons", "remediation"),
)
_FIRST = ("record", "severity", "rule", "name", "path", "line", "column", "secret")
"""What a person looks at."""
COLUMNS = (*_FIRST, *(column for column in (*_FINDING, *_PLACE) if column not in _FIRST))
_FORMULA = ("=", "+", "-", "@", "'", "＝", "＋", "－", "＠")  # noqa: RUF001 - a spreadsheet takes the wide ones, too


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted unless the options say otherwise."""
    encoding = out.encoding or "utf-8"
    rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for row in _rows(document(report, options)):
        cells = (cell(row.get(column)) for column in COLUMNS)
        rows.writerow([text.encode(encoding, "backslashreplace").decode(encoding) for text in cells])


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet runs: nothing for None, and lists with a semicolon between."""
    text = "; ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)
    shown = visible(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def _rows(made: Document) -> Iterator[Row]:
    for told in made.findings:
        about = _about(told)
        yield from (about | _at(place) for place in told.occurrences)
    for what, why in made.unscanned:
        yield {"record": "unscanned", "path": what, "reasons": why}
    for note in made.notes:
        yield {"record": "note", "reasons": note}


def _about(told: Told) -> Row:
    commit, date = told.taken_out or (None, None)
    head = None if told.in_head is None else "yes" if told.in_head else "no"
    return told._asdict() | {
        "record": "finding",
        "in_head": head,
        "taken_out_commit": commit,
        "taken_out_date": date,
    }


def _at(place: Occurrence) -> Row:
    return {name: getattr(place, name) for name in _PLACE}
