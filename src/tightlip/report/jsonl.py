"""The report as JSON Lines (https://jsonlines.org): one object a line, to read while it is written and to grep.

The first line is of the scan, then each finding has one, and the last says how it ended: without that line the report
is not whole. `report.schema.json` describes them as `line`; what they hold is what the JSON report has.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

from tightlip.report.document import document
from tightlip.report.json import finding, head, outcome
from tightlip.report.options import PLAIN, Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tightlip.finding import Report
    from tightlip.report.document import Document


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted unless the options say otherwise."""
    out.writelines(json.dumps(line) + "\n" for line in _lines(document(report, options)))


def _lines(made: Document) -> Iterator[Mapping[str, object]]:
    yield head(made) | {"scan": {"kind": made.kind, "target": made.target}}
    yield from ({"finding": finding(told)} for told in made.findings)
    yield {"end": {"findings": len(made.findings), **outcome(made)}}
