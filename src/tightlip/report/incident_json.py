"""An incident as one JSON document. docs/incident.md names its fields; ASCII only, as all JSON of tightlip's is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

import tightlip
from tightlip.report.document import quoted
from tightlip.report.incident_facts import Facts
from tightlip.report.options import PLAIN, Options
from tightlip.report.redact import redactor

if TYPE_CHECKING:
    from tightlip.finding import Occurrence
    from tightlip.incident import Commit, Incident, Numbered
    from tightlip.report.redact import Redactor

SCHEMA_VERSION = "1"


def write(incident: Incident, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report. Values are redacted, whatever the options say."""
    hide = redactor(incident.report, options._replace(show_secrets=False))
    json.dump(document(incident, hide), out, indent=2)
    out.write("\n")


def document(incident: Incident, hide: Redactor) -> dict[str, object]:
    """Return the document."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "incident",
        "tool": {"name": "tightlip", "version": tightlip.__version__},
        "made": incident.made,
        **_scan(incident, hide),
        "found": incident.found,
        "secret": incident.secret.redacted(),
        "findings": [_finding(each) for each in incident.findings],
        "remediation": list(incident.remediation),
        **_past(incident, hide),
        **_now(incident, hide),
        "next": _next(incident, hide),
    }


def _scan(incident: Incident, hide: Redactor) -> dict[str, object]:
    report = incident.report
    return {
        "target": quoted(hide.name(report.target)),
        "complete": report.complete,
        "scanned": dict(sorted(report.scanned.items())),
        "unscanned": [
            {"what": quoted(hide.name(what)), "why": _plain(hide.name(why))} for what, why in sorted(report.unscanned)
        ],
    }


def _finding(each: Numbered) -> dict[str, object]:
    finding = each.finding
    return {
        "number": each.number,
        "rule": finding.rule,
        "name": finding.name,
        "provider": finding.provider,
        "severity": finding.severity,
        "confidence": round(finding.confidence, 3),
        "fingerprint": finding.fingerprint,
    }


def _past(incident: Incident, hide: Redactor) -> dict[str, object]:
    return {
        "first": _commit(incident.first, hide),
        "last": _commit(incident.last, hide),
        "taken_out": _commit(incident.taken_out, hide),
        "still_there": incident.still_there,
        "brought": [_commit(commit, hide) for commit in incident.brought],
        "authors": [
            {"name": _plain(hide.prose(it.name)), "email": _plain(hide.prose(it.email)), "commits": it.commits}
            for it in incident.authors
        ],
        "places": [_place(place, hide) for place in incident.places],
        "in_submodules": incident.inside,
        "decoded_through": [list(chain) for chain in incident.through],
    }


def _now(incident: Incident, hide: Redactor) -> dict[str, object]:
    pushed = incident.pushed
    return {
        "reached_by": [quoted(hide.name(name)) for name in incident.reached_by],
        "pushed": {
            "known": pushed.is_known,
            "by": [quoted(hide.name(name)) for name in pushed.by],
            "formerly": [quoted(hide.name(name)) for name in pushed.formerly],
            "remotes": [quoted(hide.name(name)) for name in pushed.remotes],
            "bare": pushed.is_bare,
        },
        "in_head": incident.in_head,
        "held": [
            {
                "where": held.where,
                "name": quoted(hide.name(held.name)),
                "paths": [quoted(hide.name(path)) for path in held.paths],
            }
            for held in incident.held
        ],
    }


def _next(incident: Incident, hide: Redactor) -> list[dict[str, object]]:
    if not incident.found and not incident.held:
        return []
    return [
        {"what": _plain("".join(step.what)), "commands": list(step.commands), "done": step.is_done}
        for step in Facts(incident, hide, 5).steps()
    ]


def _commit(commit: Commit | None, hide: Redactor) -> dict[str, object] | None:
    if commit is None:
        return None
    return {
        "kind": commit.kind,
        "id": commit.id,
        "author": _plain(hide.prose(commit.author)),
        "email": _plain(hide.prose(commit.email)),
        "date": commit.date or None,
        "subject": _plain(hide.prose(commit.subject)),
    }


def _place(place: Occurrence, hide: Redactor) -> dict[str, object]:
    return {
        "part": place.part,
        "path": quoted(hide.name(place.path)),
        "line": place.line,
        "column": place.column,
        "blob": place.blob,
        "commit": place.commit,
    }


def _plain(text: str) -> str:
    """Return prose that JSON can hold: what was not UTF-8 becomes the replacement character."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
