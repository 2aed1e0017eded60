"""Findings out of a JSON report that was written with --show-secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

from tightlip.errors import UsageError
from tightlip.finding import Finding, Occurrence, Report
from tightlip.fingerprint import prepare
from tightlip.model import Secret

if TYPE_CHECKING:
    Json: TypeAlias = "dict[str, Json] | list[Json] | str | float | bool | None"

_KINDS = ("files", "text", "staged", "history")


def read(file: str) -> Report:
    """Return the report that a file holds. Raises `UsageError`, also where it does not hold the values themselves."""
    try:
        with open(file, encoding="utf-8") as stream:
            made: Json = json.load(stream)
    except OSError as error:
        raise UsageError(f"--from: {file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"--from: {file} is no JSON; write it with `tightlip scan --report json:FILE`") from None
    try:
        scan, findings = _mapping(_mapping(made)["scan"]), _list(_mapping(made)["findings"])
        kind = _text(scan["kind"])
        if kind not in _KINDS:
            raise UsageError(f"--from: {file} is a report of a kind that is not known here")
        report = Report(kind, _text(scan["target"]), tuple(map(_finding, findings)), ())
        fingerprints = [_text(_mapping(finding)["fingerprint"]) for finding in findings]
    except (KeyError, TypeError):
        raise UsageError(f"--from: {file} is no report of tightlip; write it with --report json:FILE") from None
    _check(report, fingerprints, file)
    return report


def _check(report: Report, fingerprints: list[str], file: str) -> None:
    """Refuse values that are not those which the fingerprints were made of."""
    prepare((finding.rule, finding.secret.reveal()) for finding in report.findings)
    wrong = sum(it.fingerprint != said for it, said in zip(report.findings, fingerprints, strict=True))
    if wrong:
        raise UsageError(
            f"--from: {file} has {wrong} of {len(fingerprints)} values redacted, and entries are made of the values "
            "themselves: leave --from out, and it is scanned anew; or write the report with --show-secrets"
        )


def _finding(made: Json) -> Finding:
    given = _mapping(made)
    in_head = given["in_head"]
    return Finding(
        rule=_text(given["rule"]),
        name=_text(given["name"]),
        provider=_text(given["provider"]),
        severity=_text(given["severity"]),
        confidence=_number(given["confidence"]),
        reasons=(),
        secret=Secret(_text(given["secret"]).encode("utf-8", "surrogatepass")),
        remediation=(),
        occurrences=tuple(map(_occurrence, _list(given["occurrences"]))),
        in_head=in_head if isinstance(in_head, bool) else None,
    )


def _occurrence(made: Json) -> Occurrence:
    given = _mapping(made)
    line, column, end_line, end_column = (
        int(_number(given[key])) for key in ("line", "column", "end_line", "end_column")
    )
    return Occurrence(_text(given["path"]), line, column, end_line, end_column, part=_text(given["part"]))


def _mapping(made: Json) -> dict[str, Json]:
    if not isinstance(made, dict):
        raise TypeError
    return made


def _list(made: Json) -> list[Json]:
    if not isinstance(made, list):
        raise TypeError
    return made


def _text(made: Json) -> str:
    if not isinstance(made, str):
        raise TypeError
    return made


def _number(made: Json) -> float:
    if not isinstance(made, (int, float)):
        raise TypeError
    return made
