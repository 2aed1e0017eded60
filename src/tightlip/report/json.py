"""The report as one JSON document. `report.schema.json` describes it; `schema_version` changes when its meaning does.

ASCII only, so that it survives every terminal, pipe and code page. Fields may be added within a version.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TextIO

import tightlip
from tightlip.finding import prepare_fingerprints
from tightlip.report.levels import most_urgent_first, places
from tightlip.report.options import PLAIN, Options
from tightlip.report.redact import Redactor, redactor

if TYPE_CHECKING:
    from tightlip.finding import Finding, Occurrence, Report

SCHEMA_VERSION = "1"
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_TO_ESCAPE = re.compile('["\\\\\x00-\x1f\x7f\udc80-\udcff]')


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted unless the options say otherwise."""
    json.dump(document(report, options), out, indent=2)
    out.write("\n")


def document(report: Report, options: Options) -> dict[str, object]:
    """Return the document: the same for the same report."""
    hide = redactor(report.with_known(), options)
    prepare_fingerprints(report.findings)
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "tightlip", "version": tightlip.__version__, "rules_hash": report.rules_hash},
        "scan": {
            "kind": report.kind,
            "target": quoted(hide.name(report.target)),
            "complete": report.complete,
            "scanned": dict(sorted(report.scanned.items())),
            "unscanned": [
                {"what": quoted(hide.name(what)), "why": _plain(hide.name(why))}
                for what, why in sorted(report.unscanned)
            ],
            "allowed": report.allowed,
            "baselined": report.baselined,
            "notes": [_plain(hide.name(note)) for note in report.notes],
            "seconds": round(report.seconds, 3),
        },
        "findings": [_finding(finding, report.kind, hide, options) for finding in most_urgent_first(report.findings)],
    }


def quoted(path: str) -> str:
    r"""Return a path as JSON can hold it, so that its bytes can be had back.

    A path in UTF-8 is written as it is. One that is not, or that starts with a double quote, is quoted as git quotes
    it: in double quotes, with `\"`, `\\`, and `\ooo` (octal) for a control character and a byte that is not UTF-8.
    """
    if not path.startswith('"') and not _NOT_UTF8.search(path):
        return path
    return '"' + _TO_ESCAPE.sub(_escape, path) + '"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return f"\\{character}" if character in '"\\' else f"\\{ord(character) & 0xFF:03o}"


def _plain(text: str) -> str:
    """Return prose that JSON can hold: what was not UTF-8 becomes the replacement character."""
    return _NOT_UTF8.sub("\N{REPLACEMENT CHARACTER}", text)


def _finding(finding: Finding, kind: str, hide: Redactor, options: Options) -> dict[str, object]:
    shown = finding.secret.reveal().decode("utf-8", "backslashreplace") if options.show_secrets else None
    return {
        "rule": finding.rule,
        "name": finding.name,
        "provider": finding.provider,
        "severity": finding.severity,
        "confidence": round(finding.confidence, 3),
        "reasons": [_plain(hide.name(reason)) for reason in finding.reasons],
        "fingerprint": finding.fingerprint,
        "secret": finding.secret.redacted() if shown is None else shown,
        "decoded_through": [_plain(hide.name(step)) for step in finding.decoded_through],
        "in_head": finding.in_head,
        "remediation": list(finding.remediation),
        "occurrences": [_occurrence(place, hide) for place in places(finding, kind)],
    }


def _occurrence(place: Occurrence, hide: Redactor) -> dict[str, object]:
    def prose(text: str | None) -> str | None:
        return None if text is None else _plain(hide.prose(text))

    return {
        "path": quoted(hide.name(place.path)),
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "part": place.part,
        "blob": place.blob,
        "commit": place.commit,
        "author": prose(place.author),
        "email": prose(place.email),
        "date": place.date,
        "message_subject": prose(place.message_subject),
        "refs": [quoted(hide.name(ref)) for ref in place.refs],
    }
