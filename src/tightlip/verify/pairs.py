"""Values that belong together, as an access key's id and its secret: those that stand nearest to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tightlip.finding import Finding, Occurrence
from tightlip.report.masked import Masked
from tightlip.request import SECRET, Companion, Request


def values(finding: Finding, request: Request, every: Sequence[Finding]) -> dict[str, bytes] | None:
    """Return what the request needs, by name, or None where something of it was not found near the secret.

    Parameters: `every`, what was found beside it.
    """
    if isinstance(finding.secret, Masked):
        return None
    made = {SECRET: finding.secret.reveal()}
    for companion in request.companions:
        if (near := _nearest(finding, companion, every)) is None:
            return None
        made[companion.name] = near
    return made


def _nearest(finding: Finding, companion: Companion, every: Sequence[Finding]) -> bytes | None:
    near = [
        (apart, other.secret.reveal())
        for other in every
        if other.rule == companion.rule and not isinstance(other.secret, Masked)
        for apart in _apart(finding.occurrences, other.occurrences)
        if apart <= companion.within
    ]
    nearest = min(near)[1] if near else None
    return nearest if nearest and nearest.startswith(companion.starts.encode()) else None


def _apart(ours: Sequence[Occurrence], theirs: Sequence[Occurrence]) -> Iterator[int]:
    """Yield how many lines apart they are, wherever both stand in the same text."""
    by_text: dict[tuple[str, str | None, str | None, str], list[int]] = {}
    for it in theirs:
        by_text.setdefault(_text(it), []).append(it.line)
    for it in ours:
        yield from (abs(it.line - line) for line in by_text.get(_text(it), ()))


def _text(place: Occurrence) -> tuple[str, str | None, str | None, str]:
    return place.path, place.blob, place.commit, place.part
