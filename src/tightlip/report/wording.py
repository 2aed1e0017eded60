"""What the formats for servers and build logs say alike, in words: of a document, in which everything is redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.report.block import place
from tightlip.report.document import document
from tightlip.report.levels import by_severity
from tightlip.report.redact import Redactor
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.finding import Occurrence, Report
    from tightlip.report.document import Document, Told
    from tightlip.report.options import Options

_NOTHING = Redactor({}, {})
_AT = {"staged": "staged", "history": "in the history"}


def published(report: Report, options: Options) -> Document:
    """Return what a server or a build log may hold: the values are never in it, whatever the options say."""
    return document(report, options._replace(show_secrets=False))


def where(occurrence: Occurrence) -> str:
    """Return where an occurrence of a document is, on one line of printable characters."""
    return place(occurrence, _NOTHING)


def headline(made: Document) -> str:
    """Return what was found, in one line."""
    severities: dict[str, str] = {}
    for told in made.findings:  # the most urgent of a value comes first
        severities.setdefault(told.same_value_as or told.fingerprint, told.severity)
    if not severities:
        return "nothing was scanned" if is_empty(made) else "no secrets found"
    return f"{count(len(severities), 'secret')} {_AT.get(made.kind, 'found')} ({by_severity(severities.values())})"


def is_empty(made: Document) -> bool:
    """Whether nothing could be scanned, so that nobody knows of any secret."""
    return not made.findings and not made.scanned and bool(made.unscanned)


def incomplete(made: Document) -> str:
    """Return in one line what was found, and how much was not scanned."""
    return headline(made) if is_empty(made) else f"{headline(made)}, but {missed(made)}"


def missed(made: Document) -> str:
    """Return how much was not scanned, in one line."""
    return f"{count(len(made.unscanned), 'thing')} {'was' if len(made.unscanned) == 1 else 'were'} not scanned"


def standing(told: Told, made: Document) -> Occurrence | None:
    """Return the place where somebody who has the files before them can look, if there is one.

    In a history that is the newest place of what HEAD still has; what HEAD has not is in no file.
    """
    if made.kind != "history":
        return told.occurrences[0]
    newest = (it for it in reversed(told.occurrences) if it.part in ("content", "path") and it.path)
    return next(newest, None) if told.in_head else None


def head(told: Told) -> str:
    """Return whether HEAD has it, in a sentence; nothing outside a history."""
    if told.in_head is None:
        return ""
    if told.in_head:
        return "HEAD still has it."
    out = told.taken_out
    return f"HEAD does not have it: {out.commit[:10]} took it out." if out else "HEAD does not have it."
