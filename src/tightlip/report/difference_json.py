"""What has changed between two reports, as JSON. ASCII only; findings are as in the JSON report, values redacted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

import tightlip
from tightlip.report.document import document, quoted
from tightlip.report.json import SCHEMA_VERSION
from tightlip.report.json import finding as told
from tightlip.report.options import PLAIN, Options
from tightlip.report.redact import Redactor, redactor

if TYPE_CHECKING:
    from tightlip.finding import Finding, Occurrence
    from tightlip.report.difference import Difference, Kept, Side


def write(difference: Difference, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report. Values are redacted, whatever the options say."""
    del options
    hide = redactor(difference.telling().with_known(), PLAIN)
    notes = document(difference.telling(), PLAIN).notes
    made = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "tightlip", "version": tightlip.__version__},
        "from": _side(difference.old, hide),
        "to": _side(difference.new, hide),
        "notes": notes,
        "new": _findings(difference, difference.found),
        "fixed": _findings(difference, difference.fixed),
        "not_looked_at": _findings(difference, difference.unseen),
        "unchanged": [_kept(kept, hide) for kept in difference.kept],
    }
    json.dump(made, out, indent=2)
    out.write("\n")


def _side(side: Side, hide: Redactor) -> dict[str, object]:
    report = side.report
    return {
        "file": quoted(side.name),
        "kind": report.kind,
        "target": quoted(hide.name(report.target)),
        "complete": report.complete,
        "rules_hash": report.rules_hash,
        "findings": len(report.findings),
    }


def _findings(difference: Difference, findings: tuple[Finding, ...]) -> list[dict[str, object]]:
    return [told(one) for one in document(difference.telling(*findings), PLAIN).findings]


def _kept(kept: Kept, hide: Redactor) -> dict[str, object]:
    finding = kept.finding
    return {
        "fingerprint": finding.fingerprint,
        "rule": finding.rule,
        "name": finding.name,
        "severity": finding.severity,
        "secret": finding.secret.redacted(),
        "in_head": finding.in_head,
        "head_changed": kept.head is not None,
        "moved": [{"from": _place(start, hide), "to": _place(to, hide)} for start, to in kept.moved],
        "more": [_place(place, hide) for place in kept.more],
        "gone": [_place(place, hide) for place in kept.gone],
    }


def _place(place: Occurrence, hide: Redactor) -> dict[str, object]:
    return {
        "path": quoted(hide.name(place.path)),
        "line": place.line,
        "column": place.column,
        "part": place.part,
        "commit": place.commit,
    }
