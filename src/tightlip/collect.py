"""From matches to findings: each secret once, with every place that holds it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tightlip.finding import Finding, Occurrence
from tightlip.model import Secret
from tightlip.rule import Match

Group = tuple[str, Secret]
"""Rule and value: what makes a secret one."""


class Found(NamedTuple):
    """A match, and the blob that holds it."""

    path: bytes
    oid: str
    part: str
    match: Match


def grouped(found: Iterable[Found]) -> dict[Group, list[Found]]:
    """Put together what is the same secret by the same rule, in the order of first sight."""
    groups: dict[Group, list[Found]] = {}
    for item in found:
        groups.setdefault((item.match.rule.id, item.match.secret), []).append(item)
    return groups


def findings(found: Iterable[Found]) -> list[Finding]:
    """Return the findings of a scan that has no history."""
    return [finding(items, [place(item) for item in items]) for items in grouped(found).values()]


def finding(items: Sequence[Found], occurrences: Sequence[Occurrence], *, in_head: bool | None = None) -> Finding:
    """Make one finding of one secret's matches, as sure as the surest of them."""
    match = max((item.match for item in items), key=lambda match: match.confidence)
    rule = match.rule
    return Finding(
        rule=rule.id,
        name=rule.name,
        provider=rule.provider,
        severity=rule.severity,
        confidence=round(match.confidence, 2),
        reasons=match.reasons,
        secret=match.secret,
        remediation=rule.remediation,
        occurrences=tuple(occurrences),
        decoded_through=match.decoded_through,
        encoded=tuple(dict.fromkeys(item.match.encoded for item in items if item.match.encoded)),
        in_head=in_head,
    )


def place(item: Found, **history: object) -> Occurrence:
    """Return the place of a match; `history` are the fields of an occurrence that a commit gives."""
    match = item.match
    make: Callable[..., Occurrence] = Occurrence
    return make(
        path=os.fsdecode(item.path),
        line=match.line,
        column=match.column,
        end_line=match.end_line,
        end_column=match.end_column,
        part=item.part,
        blob=item.oid or None,
        **history,
    )
