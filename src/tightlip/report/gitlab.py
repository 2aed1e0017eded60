"""The report as GitLab's secret detection report (`gl-secret-detection-report.json`, schema 15).

GitLab counts a vulnerability by its rule and its place, so each place of a finding is one. Of a commit there is its id
and its date: who made it and what they wrote stays in the repository. ASCII only.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TextIO
from uuid import UUID, uuid5

from tightlip.report.incident_markdown import code
from tightlip.report.levels import confidence_word
from tightlip.report.markup import prose
from tightlip.report.options import PLAIN, Options
from tightlip.report.visible import visible
from tightlip.report.wording import head, incomplete, published, where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.finding import Occurrence, Report
    from tightlip.report.document import Document, Told

SCHEMA_VERSION = "15.0.4"
"""The oldest that every GitLab from 15 on takes; what is said here means the same in those up to 15.2."""
_IDS = UUID("a41b9e0c-6b1d-5a0e-9a55-3f5f9a4f6d0b")
"""The namespace of the vulnerabilities' ids: never to be changed, or everything is new to GitLab."""
_NO_COMMIT = "0000000"
"""What GitLab's own analyzer says of files that are in no commit."""
_NAME, _SOLUTION = 255, 7000
"""The most characters that the schema allows."""
MOST_PLACES, MOST_MESSAGES = 1000, 1000
_CWE = {"type": "cwe", "name": "CWE-798", "value": "798", "url": "https://cwe.mitre.org/data/definitions/798.html"}


def write(report: Report, out: TextIO, options: Options = PLAIN) -> None:
    """Write the report, with the secrets redacted whatever the options say."""
    out.write(json.dumps(_as_json(published(report, options), now())) + "\n")


def now() -> datetime:
    """Return the time: GitLab wants to know when a scan ended, and a report does not say."""
    return datetime.now(timezone.utc)


def _as_json(made: Document, end: datetime) -> dict[str, object]:
    tool = {"id": "tightlip", "name": "tightlip", "version": made.version, "vendor": {"name": "tightlip"}}
    return {
        "version": SCHEMA_VERSION,
        "scan": {
            "type": "secret_detection",
            "analyzer": tool,
            "scanner": tool,
            "start_time": _time(end - timedelta(seconds=made.seconds)),
            "end_time": _time(end),
            "status": "success" if made.complete else "failure",
            "messages": [{"level": level, "value": visible(text)} for level, text in _messages(made)],
        },
        "vulnerabilities": [it for told in made.findings for it in _vulnerabilities(told)],
    }


def _messages(made: Document) -> Iterator[tuple[str, str]]:
    if not made.complete:
        yield "warn", f"The scan is not complete: {incomplete(made)}."
    for what, why in made.unscanned[:MOST_MESSAGES]:
        yield "warn", f"Not scanned: {what}: {why}"
    if len(made.unscanned) > MOST_MESSAGES:
        yield "warn", f"And {len(made.unscanned) - MOST_MESSAGES:,} more were not scanned."
    yield from (("info", note) for note in made.notes)
    for told in made.findings:
        if len(told.occurrences) > MOST_PLACES:
            left = len(told.occurrences) - MOST_PLACES
            yield "warn", f"{left:,} more places of {told.fingerprint} ({told.name}) are left out."


def _vulnerabilities(told: Told) -> Iterator[dict[str, object]]:
    seen: Counter[str] = Counter()
    for place in told.occurrences[:MOST_PLACES]:
        # Not by the line: a secret that moves in its file stays the same vulnerability.
        name = "\n".join((told.fingerprint, place.part, visible(place.path), visible(place.commit or place.blob or "")))
        seen[name] += 1
        yield {
            "id": str(uuid5(_IDS, f"{name}\n{seen[name]}")),
            "name": visible(told.name)[:_NAME],
            "description": _description(told, place),
            "severity": told.severity.capitalize(),
            "solution": "\n".join(map(visible, told.remediation))[:_SOLUTION],
            "identifiers": [_identifier(told), _CWE],
            "location": _location(place),
            "raw_source_code_extract": visible(told.secret),
            "details": _details(told),
        }


def _description(told: Told, place: Occurrence) -> str:
    more = len(told.occurrences) - 1
    also = f" The same secret is in {more:,} other place{'' if more == 1 else 's'}." if more else ""
    return " ".join(filter(None, (f"{prose(told.name)} at {code(where(place))}.{also}", head(told))))


def _identifier(told: Told) -> dict[str, str]:
    return {"type": "tightlip_rule_id", "name": f"tightlip rule {told.rule}", "value": told.rule}


def _location(place: Occurrence) -> dict[str, object]:
    commit = {"sha": place.commit or _NO_COMMIT} | ({"date": place.date} if place.date else {})
    if place.part not in ("content", "path") or not place.path:
        return {"commit": commit}
    if place.part == "path":
        return {"file": visible(place.path), "commit": commit}
    return {
        "file": visible(place.path),
        "start_line": place.line,
        "end_line": place.end_line,
        "commit": commit,
    }


def _details(told: Told) -> dict[str, object]:
    return {
        "fingerprint": _text("Fingerprint", told.fingerprint),
        "confidence": _text("Confidence", f"{confidence_word(told.confidence)} ({told.confidence:.2f})"),
        "reasons": _text("Why", visible("; ".join(told.reasons))),
    }


def _text(name: str, value: str) -> dict[str, str]:
    return {"type": "text", "name": name, "value": value}


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
