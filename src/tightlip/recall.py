"""What a scan found, without the secrets: enough to report the same again while nothing has changed.

A secret is kept as the place where it stands in an object, and read from there again. What a commit says of itself is
read again as well.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tightlip.engine.text import as_utf8, stands_as_it_is
from tightlip.finding import Finding, Occurrence
from tightlip.git.attribution import commit_details
from tightlip.git.objects import Object, ObjectReader
from tightlip.model import Secret

if TYPE_CHECKING:
    from tightlip.collect import Found
    from tightlip.engine import Scanner
    from tightlip.git.plumbing import Git

_OF_THE_COMMIT = ("author", "email", "date", "message_subject")
_KEPT = [name for name in Occurrence.__slots__ if name not in _OF_THE_COMMIT]


def stored(findings: Sequence[Finding], groups: Sequence[Sequence[Found]], counts: dict[str, int]) -> bytes | None:
    """Return findings as bytes, each with the matches that it was made of.

    None where a secret would be among them, or does not stand in its object as it is.

    Parameters: `counts`, what else there is to say of the scan.
    """
    if not all(stands_as_it_is(items[0].match.decoded_through) for items in groups):
        return None
    rows = [
        {
            "rule": finding.rule,
            "confidence": finding.confidence,
            "reasons": finding.reasons,
            "decoded_through": finding.decoded_through,
            "in_head": finding.in_head,
            "at": (items[0].oid, items[0].match.start, items[0].match.end, items[0].match.decoded_through),
            "occurrences": [[getattr(place, name) for name in _KEPT] for place in finding.occurrences],
        }
        for finding, items in zip(findings, groups, strict=True)
    ]
    text = json.dumps({"counts": counts, "findings": rows}, ensure_ascii=False)
    data = text.encode("utf-8", "surrogateescape")
    return None if any(_is_in(data, finding.secret.reveal()) for finding in findings) else data


def _is_in(data: bytes, secret: bytes) -> bool:
    """Whether a secret is among what is kept: a file, a branch or a tag may be called like one."""
    text = secret.decode("utf-8", "surrogateescape")
    quoted = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogateescape")
    return secret in data or quoted in data


def restored(git: Git, scanner: Scanner, data: bytes) -> tuple[list[Finding], dict[str, int]] | None:
    """Return the findings and counts that `stored` was given; None where they cannot be had again."""
    try:
        kept = json.loads(data.decode("utf-8", "surrogateescape"))
        secrets = _secrets(git, [tuple(row["at"]) for row in kept["findings"]])
        at = _KEPT.index("commit")
        commits = {place[at] for row in kept["findings"] for place in row["occurrences"]}
        details = commit_details(git, sorted(commits - {None}))
        rules = {rule.id: rule for rule in scanner.compiled.rules} if secrets else {}
        findings = []
        for row, secret in zip(kept["findings"], secrets, strict=True):
            rule = rules[row["rule"]]
            findings.append(
                Finding(
                    rule=rule.id,
                    name=rule.name,
                    provider=rule.provider,
                    severity=rule.severity,
                    confidence=row["confidence"],
                    reasons=tuple(row["reasons"]),
                    secret=secret,
                    remediation=rule.remediation,
                    occurrences=tuple(_occurrence(place, details) for place in row["occurrences"]),
                    decoded_through=tuple(row["decoded_through"]),
                    in_head=row["in_head"],
                )
            )
    except (KeyError, TypeError, ValueError):
        return None
    return findings, kept["counts"]


def _occurrence(place: list[Any], details: dict[str, Any]) -> Occurrence:
    kept = dict(zip(_KEPT, place, strict=True))
    kept["refs"] = tuple(kept["refs"])
    known = details[kept["commit"]] if kept["commit"] else None
    if known is None:
        return Occurrence(**kept)
    return Occurrence(**kept, author=known.author, email=known.email, date=known.date, message_subject=known.subject)


def _secrets(git: Git, places: list[tuple[str, int, int, list[str]]]) -> list[Secret]:
    """Read secrets from the objects that hold them. Raises `ValueError` for an object that is not to be had."""
    found = []
    with ObjectReader(git) as objects:
        for (_, start, end, through), read in zip(places, objects.read_many(oid for oid, *_ in places), strict=True):
            if not isinstance(read, Object):
                raise ValueError("an object is gone")  # noqa: TRY004 - one kind of error for all that is wrong
            text = as_utf8(read.data, through[0]) if through else read.data
            found.append(Secret(text[start:end]))
    return found
