"""The secrets of a report, each once, in the order in which they have to be rotated, with what speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tightlip.report.levels import SEVERITIES, confidence_word
from tightlip.report.style import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.report.document import Document, Told

_SURE = ("high", "medium", "low")
_NO_DATE = "9999"


class Secret(NamedTuple):
    """One value, and what every rule says of it: the most urgent first."""

    findings: tuple[Told, ...]
    why: tuple[str, ...]
    """What speaks for its place in the order."""


def rotation(made: Document) -> list[Secret]:
    """Return the secrets: by severity, then by how sure it is, then what is easiest to get at, then the oldest."""
    groups: dict[str, list[Told]] = {}
    for told in made.findings:
        groups.setdefault(told.same_value_as or told.fingerprint, []).append(told)
    return [Secret(tuple(group), tuple(_why(group, made.kind))) for group in sorted(groups.values(), key=_urgency)]


def _urgency(group: list[Told]) -> tuple[object, ...]:
    first = group[0]
    sure = min(_SURE.index(confidence_word(told.confidence)) for told in group)
    in_head = any(told.in_head for told in group)
    return (SEVERITIES.index(first.severity), sure, not in_head, not _refs(group), _since(group) or _NO_DATE)


def _why(group: list[Told], kind: str) -> Iterator[str]:
    first = group[0]
    yield f"{first.severity} severity, {confidence_word(max(told.confidence for told in group))} confidence"
    if kind == "history":
        yield _head(group)
        refs = _refs(group)
        yield (
            f"reached by {count(len(refs), 'branch or tag', 'branches and tags')}"
            if refs
            else "reached by no branch or tag"
        )
    if kind == "staged":
        yield "about to be committed"
    if since := _since(group):
        yield f"there since {since[:10]}"
    places = {(place.path, place.line, place.column, place.commit) for told in group for place in told.occurrences}
    if len(places) > 1:
        yield f"in {count(len(places), 'place')}"


def _head(group: list[Told]) -> str:
    if any(told.in_head for told in group):
        return "HEAD still has it"
    out = [told.taken_out for told in group if told.taken_out]
    if out:
        return f"taken out on {max(it.date for it in out)[:10]}, but in the history for good"
    return "not in HEAD, but in the history"


def _refs(group: list[Told]) -> set[str]:
    return {ref for told in group for place in told.occurrences for ref in place.refs}


def _since(group: list[Told]) -> str | None:
    return min((place.date for told in group for place in told.occurrences if place.date), default=None)
