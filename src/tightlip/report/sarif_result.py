"""A finding in SARIF: where it is, how it came there and went, and what makes it the same in the next scan."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from tightlip.report.document import unquoted
from tightlip.report.sarif_rule import LEVELS
from tightlip.report.sarif_text import message
from tightlip.report.style import count
from tightlip.report.visible import visible
from tightlip.report.wording import head, standing, where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.finding import Occurrence
    from tightlip.report.document import Document, Told

    Object = dict[str, object]

BASE = "%SRCROOT%"
"""What GitHub calls the root of a repository."""
MOST_PLACES = 1000
"""What GitHub takes of a result. It shows a hundred, and draws an alert at the first."""
_MOST_STEPS = 100
_HALF_OF_A_PAIR = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""No path has one; a report that somebody made up may."""
_WINDOWS = re.compile(r"[A-Za-z]:[/\\]")


def result(told: Told, number: int, made: Document, *, known: bool) -> Object:
    """Return a finding.

    Parameters: `number`, that of its rule; `known`, whether the baseline knows it.
    """
    found: Object = {
        "ruleId": told.rule,
        "ruleIndex": number,
        "level": LEVELS[told.severity],
        "message": message(_said(told)),
        "locations": [location(place) for place in _first_to_look(told, made)[:MOST_PLACES]],
        "partialFingerprints": {"secretFingerprint/v1": told.fingerprint},
        "properties": {
            "severity": told.severity,
            "confidence": told.confidence,
            "reasons": [*map(visible, told.reasons)],
            "decodedThrough": [*map(visible, told.decoded_through)],
        },
    }
    if made.kind == "history":
        found |= {"codeFlows": [{"threadFlows": [{"locations": [*_steps(told)]}]}]}
    if known:
        found |= {"suppressions": [{"kind": "external", "status": "accepted"}]}
    return found


def location(place: Occurrence) -> Object:
    """Return a place.

    What is in no file (the message of a commit, the name of a branch, an object that has no name) is at a path in
    `.git` that says so: GitHub refuses a whole report for one place without a path.
    """
    is_in_file = place.part in ("content", "path") and bool(place.path)
    uri = _uri(place.path) if is_in_file else _uri_of_object(place)
    artifact = {"uri": uri} | ({} if uri.startswith("file:") else {"uriBaseId": BASE})
    found: Object = {"physicalLocation": {"artifactLocation": artifact, "region": _region(place)}}
    if not is_in_file or place.part == "path":
        found |= {"logicalLocations": [{"fullyQualifiedName": where(place), "kind": place.part}]}
    return found


def _said(told: Told) -> str:
    places = len(told.occurrences)
    many = f", in {count(places, 'place')}" if places > 1 else ""
    return " ".join(filter(None, (f"{told.name}{many}.", head(told), *told.remediation[:1])))


def _first_to_look(told: Told, made: Document) -> list[Occurrence]:
    first = standing(told, made)
    return [first, *(it for it in told.occurrences if it is not first)] if first else list(told.occurrences)


def _region(place: Occurrence) -> Object:
    if place.part in ("path", "ref"):
        return {"startLine": 1}
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _uri(path: str) -> str:
    """Return the reference (RFC 3986) that a path is, byte by byte, whatever bytes it has."""
    raw = unquoted(path)
    if _WINDOWS.match(raw):
        return f"file:///{_encoded(raw.replace(chr(92), '/'), '/:')}"
    return f"file://{_encoded(raw)}" if raw.startswith("/") else _encoded(raw)


def _uri_of_object(place: Occurrence) -> str:
    if place.part == "ref":
        return f".git/ref/{_encoded(unquoted(place.path))}"
    oid = (place.commit if place.part == "commit" else None) or place.blob
    kind = "object" if place.part == "content" else place.part
    return f".git/{kind}/{oid}" if oid else _encoded("<text>")


def _encoded(raw: str, safe: str = "/") -> str:
    whole = _HALF_OF_A_PAIR.sub("\N{REPLACEMENT CHARACTER}", raw)
    return quote(whole.encode("utf-8", "surrogateescape"), safe)


def _steps(told: Told) -> Iterator[Object]:
    """Yield how it came into the history, where else it is, and how it went."""
    first, *others = told.occurrences[:_MOST_STEPS]
    yield _step(first, f"introduced{_by(first)}")
    yield from (_step(place, f"also here{_by(place)}") for place in others)
    if told.taken_out:
        last = told.occurrences[-1]
        yield _step(last, f"taken out by commit {told.taken_out.commit} on {told.taken_out.date}")


def _by(place: Occurrence) -> str:
    return f" by commit {place.commit} on {place.date or 'an unknown day'}" if place.commit else ""


def _step(place: Occurrence, text: str) -> Object:
    return {"location": location(place) | {"message": message(text)}}
