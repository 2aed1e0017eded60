"""The report as one JSON document. `report.schema.json` describes it; `schema_version` changes when its meaning does.

ASCII only, so that it survives every terminal, pipe and code page. Fields may be added within a version.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, TextIO

from tightlip.finding import Occurrence
from tightlip.report.document import document
from tightlip.report.options import PLAIN, Options

if TYPE_CHECKING:
    from tightlip.finding import Report
    from tightlip.report.document import Document, Told

SCHEMA_VERSION = "1"
_PLACE = tuple(field.name for field in fields(Occurrence))


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted unless the options say otherwise."""
    json.dump(as_json(document(report, options)), out, indent=2)
    out.write("\n")


def as_json(made: Document) -> dict[str, object]:
    """Return the document in dictionaries and lists: the same for the same report."""
    return {
        **head(made),
        "findings": [finding(told) for told in made.findings],
    }


def head(made: Document) -> dict[str, object]:
    """Return what is said of the scan."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "tightlip", "version": made.version, "rules_hash": made.rules_hash},
        "scan": {
            "kind": made.kind,
            "target": made.target,
            **outcome(made),
        },
    }


def outcome(made: Document) -> dict[str, object]:
    """Return how the scan went."""
    return {
        "complete": made.complete,
        "scanned": made.scanned,
        "unscanned": [missed._asdict() for missed in made.unscanned],
        "allowed": made.allowed,
        "baselined": made.baselined,
        "notes": made.notes,
        "seconds": made.seconds,
    }


def finding(told: Told) -> dict[str, object]:
    """Return a finding."""
    return told._asdict() | {
        "taken_out": told.taken_out and told.taken_out._asdict(),
        "occurrences": [_occurrence(place) for place in told.occurrences],
    }


def _occurrence(place: Occurrence) -> dict[str, object]:
    return {name: getattr(place, name) for name in _PLACE}
