"""What a scan found, without the secrets: enough to report the same again while nothing has changed.

A secret is kept as the place where it stands in an object, and read from there again; an object that holds
one encoded is scanned again. What a commit says of itself is read again as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tightlip.engine.text import as_utf8, stands_as_it_is
from tightlip.finding import Finding, Occurrence, TakenOut
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

    None where a secret would be among them.

    Parameters: `counts`, what else there is to say of the scan.
    """
    rows = [
        {
            "rule": finding.rule,
            "confidence": finding.confidence,
            "reasons": finding.reasons,
            "decoded_through": finding.decoded_through,
            "in_head": finding.in_head,
            "taken_out": finding.taken_out,
            "at": _places(items),
            "occurrences": [[getattr(place, name) for name in _KEPT] for place in finding.occurrences],
        }
        for finding, items in zip(findings, groups, strict=True)
    ]
    text = json.dumps({"counts": counts, "findings": rows}, ensure_ascii=False)
    data = text.encode("utf-8", "surrogateescape")
    secrets = (secret.reveal() for finding in findings for secret in (finding.secret, *finding.encoded))
    return None if any(_is_in(data, secret) for secret in secrets) else data


def _places(items: Sequence[Found]) -> list[tuple[str, str, int, int, tuple[str, ...]]]:
    """Return where a secret stands: once for each form that it has there."""
    forms: dict[Secret | None, Found] = {}
    for item in items:
        forms.setdefault(item.match.encoded, item)
    return [
        (item.oid, os.fsdecode(item.path), item.match.start, item.match.end, item.match.decoded_through)
        for item in forms.values()
    ]


def _is_in(data: bytes, secret: bytes) -> bool:
    """Whether a secret is among what is kept: a file, a branch or a tag may be called like one."""
    text = secret.decode("utf-8", "surrogateescape")
    quoted = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "surrogateescape")
    return secret in data or quoted in data


def restored(git: Git, scanner: Scanner, data: bytes) -> tuple[list[Finding], dict[str, int]] | None:
    """Return the findings and counts that `stored` was given; None where they cannot be had again."""
    try:
        kept = json.loads(data.decode("utf-8", "surrogateescape"))
        secrets = _secrets(git, scanner, kept["findings"])
        at = _KEPT.index("commit")
        commits = {place[at] for row in kept["findings"] for place in row["occurrences"]}
        details = commit_details(git, sorted(commits - {None}))
        findings = []
        for row, (secret, encoded) in zip(kept["findings"], secrets, strict=True):
            rule = scanner.compiled.rules.of(row["rule"])
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
                    encoded=encoded,
                    in_head=row["in_head"],
                    taken_out=row["taken_out"] and TakenOut(*row["taken_out"]),
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


_Secret = tuple[Secret, tuple[Secret, ...]]
"""A secret, and all forms that it was decoded from."""


def _secrets(git: Git, scanner: Scanner, rows: Sequence[dict[str, Any]]) -> list[_Secret]:
    """Read secrets from the objects that hold them. Raises `ValueError` for one that is not to be had."""
    found = []
    with ObjectReader(git) as objects:
        reads = objects.read_many(place[0] for row in rows for place in row["at"])
        for row in rows:
            forms = [_secret(scanner, row["rule"], place, next(reads)) for place in row["at"]]
            found.append((forms[0][0], tuple(encoded for _, encoded in forms if encoded)))
    return found


def _secret(scanner: Scanner, rule: str, place: Sequence[Any], read: object) -> tuple[Secret, Secret | None]:
    """Return the secret that stands in an object at a place, and what it was decoded from if that is its own."""
    _, path, start, end, through = place
    if not isinstance(read, Object):
        raise ValueError("an object is gone")  # noqa: TRY004 - one kind of error for all that is wrong
    if stands_as_it_is(tuple(through)):
        text = as_utf8(read.data, through[0]) if through else read.data
        return Secret(text[start:end]), None
    for match in scanner.scan(read.data, os.fsencode(path)).matches:
        if (match.rule.id, match.start, match.end, list(match.decoded_through)) == (rule, start, end, through):
            return match.secret, match.encoded
    raise ValueError("an object holds it no longer")
