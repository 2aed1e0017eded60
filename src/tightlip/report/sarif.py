"""The report as SARIF 2.1.0, above all for GitHub's code scanning.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and https://docs.github.com/code-security/reference/code-scanning/sarif-files

A result is a finding, with all of its places. No value is in it, nor anything of the lines around it, and of a commit
only its id and date: who made it and what they wrote stays in the repository. What the baseline knows is in it, and
suppressed. ASCII only.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, NamedTuple, TextIO

from tightlip.report.document import document
from tightlip.report.options import PLAIN, Options
from tightlip.report.sarif_result import BASE, MOST_PLACES, result
from tightlip.report.sarif_rule import rule
from tightlip.report.sarif_text import message
from tightlip.report.style import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tightlip.finding import Report
    from tightlip.report.document import Document, Told

    Object = dict[str, object]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://github.com/tightlip/tightlip"
MOST_RESULTS, MOST_BYTES = 25_000, 10_000_000
"""What GitHub takes of a run, and of a file once it is compressed. There are never more rules than results."""
_MOST_UNSCANNED = 1000
_NOT_SCANNED, _LEFT_OUT, _NOTE = "not-scanned", "left-out", "note"
_NOTIFICATIONS = {
    _NOT_SCANNED: "Something should have been scanned and was not.",
    _LEFT_OUT: "Something was found and is not in this file, which GitHub would refuse otherwise.",
    _NOTE: "What else a person should hear.",
}


class _Result(NamedTuple):
    """A finding, and whether the baseline knows it."""

    told: Told
    known: bool


def write(report: Report, out: TextIO, options: Options = PLAIN) -> str | None:
    """Write the report, with the secrets redacted whatever the options say.

    Returns what had to be left out, in a sentence, if anything had to.
    """
    made = document(report, options._replace(show_secrets=False), with_known=True)
    every = [*(_Result(told, known=False) for told in made.findings), *(_Result(it, known=True) for it in _known(made))]
    kept = every[:MOST_RESULTS]
    text = _text(made, every, kept)
    while kept and len(text) > MOST_BYTES < (size := len(zlib.compress(text.encode("ascii")))):
        kept = kept[: int(len(kept) * 0.9 * MOST_BYTES / size)]
        text = _text(made, every, kept)
    out.write(text)
    return " ".join(_left_out(every, kept)) or None


def _known(made: Document) -> Iterator[Told]:
    """Yield what the baseline knows, with the places that it knows: others of the same secret may be findings."""
    left = {told.fingerprint: set(told.occurrences) for told in made.findings}
    for told in made.known:
        places = tuple(place for place in told.occurrences if place not in left.get(told.fingerprint, ()))
        if places:
            yield told._replace(occurrences=places)


def _text(made: Document, every: Sequence[_Result], kept: Sequence[_Result]) -> str:
    run = _run(made, kept, _left_out(every, kept))
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _run(made: Document, kept: Sequence[_Result], left_out: Sequence[str]) -> Object:
    of: dict[str, list[Told]] = {}
    for it in kept:
        of.setdefault(it.told.rule, []).append(it.told)
    numbers = {name: number for number, name in enumerate(of)}
    return {
        "tool": {
            "driver": {
                "name": "tightlip",
                "semanticVersion": made.version,
                "informationUri": _HOME,
                "rules": [rule(found) for found in of.values()],
                "notifications": [
                    {"id": it, "shortDescription": {"text": _NOTIFICATIONS[it]}} for it in _NOTIFICATIONS
                ],
            }
        },
        "automationDetails": {"id": f"tightlip/{made.kind}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"description": {"text": "What the paths are counted from."}}},
        "invocations": [
            {
                "executionSuccessful": made.complete,
                "toolExecutionNotifications": [*_notifications(made, left_out)],
            }
        ],
        "results": [result(it.told, numbers[it.told.rule], made, known=it.known) for it in kept],
    }


def _notifications(made: Document, left_out: Sequence[str]) -> Iterator[Object]:
    for what, why in made.unscanned[:_MOST_UNSCANNED]:
        yield _notification(_NOT_SCANNED, "error", f"{what} was not scanned: {why}")
    if (left := len(made.unscanned) - _MOST_UNSCANNED) > 0:
        yield _notification(_NOT_SCANNED, "error", f"{left:,} more were not scanned.")
    yield from (_notification(_LEFT_OUT, "warning", text) for text in left_out)
    yield from (_notification(_NOTE, "note", text) for text in made.notes)


def _notification(name: str, level: str, text: str) -> Object:
    return {"descriptor": {"id": name}, "level": level, "message": message(text)}


def _left_out(every: Sequence[_Result], kept: Sequence[_Result]) -> list[str]:
    found = []
    if missing := len(every) - len(kept):
        are = "is" if missing == 1 else "are"
        found.append(
            f"{missing:,} of {len(every):,} results {are} left out, the least urgent: "
            f"GitHub takes {MOST_RESULTS:,} results, and {MOST_BYTES // 1_000_000} MB."
        )
    if cut := sum(len(it.told.occurrences) > MOST_PLACES for it in kept):
        found.append(f"Of {count(cut, 'result')} only {MOST_PLACES:,} places are told, which is what GitHub takes.")
    return found
