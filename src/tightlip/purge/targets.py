"""What is to be purged: the findings of a report, or values that a person gives; and what may be said of each."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tightlip import wholefile
from tightlip.errors import UsageError
from tightlip.fingerprint import fingerprint
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.repo import entries
from tightlip.known.telling import RULE as KNOWN
from tightlip.model import Secret
from tightlip.purge.values import Purged
from tightlip.report.document import unquoted

if TYPE_CHECKING:
    from tightlip.engine import Scanner
    from tightlip.git.plumbing import Git
    from tightlip.rule import Match

REPLACEMENT = b"***REMOVED***"
GIVEN = "given"
"""The rule of a value that no rule found: a person gave it."""
_SHORTEST = 4
"""Bytes of a value that may be purged: a shorter one stands in half of all files."""
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Target:
    """One value to purge."""

    value: Secret
    replacement: bytes
    rule: str
    """The id of the rule that found it, or `given`."""
    name: str
    """What it is, for a person."""
    remediation: tuple[str, ...] = ()

    @property
    def purged(self) -> Purged:
        """The value, and what takes its place."""
        return Purged(self.value, self.replacement)

    @property
    def fingerprint(self) -> str:
        """What it is recognised by, as in reports."""
        return fingerprint(self.rule, self.value.reveal())


def given(data: bytes, replacement: bytes = REPLACEMENT) -> list[Target]:
    """Return the values of a list: one a line, or a PEM block each. Raises `UsageError` for a short one, or none."""
    blocks = [match[0] for match in _PEM.finditer(data)]
    lines = [line.rstrip(b"\r") for line in _PEM.sub(b"", data).split(b"\n")]
    values = list(dict.fromkeys([*blocks, *(line for line in lines if line)]))
    if not values:
        raise UsageError("--values-from: there is no value in it; give one on each line")
    for number, value in enumerate(values, 1):
        if len(value) < _SHORTEST:
            raise UsageError(
                f"--values-from: value {number} has {len(value)} bytes; less than {_SHORTEST} stand in too much else"
            )
    return [Target(Secret(value), replacement, GIVEN, f"value {number}") for number, value in enumerate(values, 1)]


class Replacements(NamedTuple):
    """What takes the place of values."""

    other: bytes = REPLACEMENT
    by_rule: Mapping[str, bytes] = {}
    """By the id of the rule that found the value."""

    def of(self, rule: str) -> bytes:
        """Return what takes the place of what a rule found."""
        return self.by_rule.get(rule, self.other)


def found(
    git: Git,
    scanner: Scanner,
    report: bytes,
    select: Collection[str] = (),
    replacements: Replacements = Replacements(),  # noqa: B008 - it cannot be changed
) -> list[Target]:
    """Return the values that a JSON report tells of, read from the repository again.

    Parameters: `select`, fingerprints or their beginnings, of those that are meant; none for all. Raises `UsageError`
    for what is no report of this repository, for a finding that is not there, and for a replacement of what no rule
    found.
    """
    findings = list(_selected(_findings(report), select))
    for rule in replacements.by_rule.keys() - {row["rule"] for row in findings}:
        raise UsageError(f"--replace-rule {rule}: no finding that is selected is of that rule")
    with ObjectReader(git) as objects:
        return [
            Target(
                value=_value(git, objects, scanner, row),
                replacement=replacements.of(row["rule"]),
                rule=row["rule"],
                name=row["name"],
                remediation=tuple(row["remediation"]),
            )
            for row in findings
        ]


def _findings(report: bytes) -> list[Mapping[str, Any]]:
    try:
        document = json.loads(report)
        rows = document["findings"]
        is_one = document["schema_version"] == "1" and all(row["occurrences"] and row["fingerprint"] for row in rows)
    except (ValueError, KeyError, TypeError):
        is_one = False
    if not is_one:
        raise UsageError(
            "--findings: this is no JSON report of tightlip; make one with `tightlip scan-history --report json:FILE`"
        )
    if not rows:
        raise UsageError("--findings: the report has no findings, so there is nothing to purge")
    return list(rows)


def _selected(rows: Sequence[Mapping[str, Any]], select: Collection[str]) -> Iterator[Mapping[str, Any]]:
    for wanted in select:
        meant = [row for row in rows if row["fingerprint"].startswith(wanted)]
        if len(meant) != 1:
            known = ", ".join(row["fingerprint"] for row in rows[:3])
            raise UsageError(
                f"--select {wanted}: {len(meant) or 'none'} of the report's findings begin so; there are {known}"
                f"{' and more' if len(rows) > 3 else ''}"
            )
    yield from (row for row in rows if not select or any(row["fingerprint"].startswith(one) for one in select))


def _value(git: Git, objects: ObjectReader, scanner: Scanner, row: Mapping[str, Any]) -> Secret:
    """Read a value from one of the places where it stands."""
    for place in row["occurrences"]:
        for text, path in _texts(git, objects, place):
            for secret in _of_files(text, path) if row["rule"] in wholefile.RULES else ():
                if fingerprint(row["rule"], secret.reveal()) == row["fingerprint"]:
                    return secret
            for match in scanner.scan(text, path).matches:
                if _is(match, row):
                    return match.secret
    if row["rule"] == KNOWN:
        raise UsageError(
            f"--findings: finding {row['fingerprint']} is a known secret, which no rule finds; give its value with "
            "--values-from FILE"
        )
    raise UsageError(
        f"--findings: finding {row['fingerprint']} is not in this repository; is the report of another one, or were "
        "there other rules? Scan again"
    )


def _of_files(text: bytes, path: bytes) -> Iterator[Secret]:
    """Yield what rules about whole files find: all that is in one, and its values that are not encrypted."""
    from tightlip.sops import document
    from tightlip.sops.encrypted import is_encrypted

    yield Secret(text.strip())
    found = document.read(text, os.fsdecode(path))
    yield from (Secret(it.value.encode()) for it in (found.leaves if found else ()) if not is_encrypted(it.value))


def _is(match: Match, row: Mapping[str, Any]) -> bool:
    is_of_the_rule: bool = match.rule.id == row["rule"]
    return is_of_the_rule and fingerprint(match.rule.id, match.secret.reveal()) == str(row["fingerprint"])


def _texts(git: Git, objects: ObjectReader, place: Mapping[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the texts of which one may be the one that a place is in, and their paths: a name is masked in a report."""
    path = unquoted(place["path"]).encode("utf-8", "surrogateescape")
    if place["part"] == "ref":
        yield from ((name, b"") for name in git.run("for-each-ref", "--format=%(refname)").split(b"\n"))
        return
    if place["part"] == "path":
        yield from ((name, name) for name, _ in entries(git, place["commit"] or "HEAD"))
        return
    oid = place["commit"] if place["part"] == "commit" else place["blob"]
    for read in objects.read_many([oid] if oid else ()):
        if isinstance(read, Object):
            yield read.data, path
