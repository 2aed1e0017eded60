"""A saved report, tightlip's own or another scanner's, as a `Report`: to be written in any format, or compared.

What a scanner does not say is not made up. None of them tells what an attacker gains, so all is `high`, and `critical`
what the scanner has seen work; how sure it is stays as it says, and is `medium` where it says nothing. A rule's id is
the scanner's name and the id there, as in `gitleaks-stripe-access-token`. A value that is redacted, or known by its
hash alone, is `Masked`.
"""

from __future__ import annotations

import re

from tightlip.errors import UsageError
from tightlip.finding import Finding, Report
from tightlip.fingerprint import fingerprint
from tightlip.interop.reported import SCANNERS, Reported, Told
from tightlip.model import HIGH, LOW, MEDIUM, Secret
from tightlip.report import saved
from tightlip.report.levels import SEVERITIES
from tightlip.report.masked import Masked

_SURE = 1.0
_CONFIDENCES = {"high": (HIGH + _SURE) / 2, "medium": (MEDIUM + HIGH) / 2, "low": (LOW + MEDIUM) / 2}
_UNSAID, _WORKS = "high", "critical"
_ADVICE = ("Make it worthless where it was issued, and keep the new one outside the code, in a secret store.",)
_LONGEST_NAME, _LONG_VALUE, _SHOWN = 60, 20, 4
_REDACTED = re.compile(r"(?:REDACTED|\[REDACTED:[0-9a-f]+\]|.{0,200}\.\.\.|\*+)?", re.DOTALL)
_NOT_IN_ID = re.compile(r"[^a-z0-9]+")
_OWN = "tightlip"
_KEYS = {
    "tool": _OWN,
    "RuleID": "gitleaks",
    "DetectorName": "trufflehog",
    "SourceMetadata": "trufflehog",
    "plugins_used": "detect-secrets",
    "rule": "kingfisher",
    "audit": "kingfisher",
    "metadata": "kingfisher",
    "finding": "betterleaks",
    "schema_version": "betterleaks",
}
"""By a key of the first document, in this order, whose report it is."""


def read(content: bytes, name: str, scanner: str | None = None) -> Report:
    """Return the report that a file holds. Raises `UsageError`, in words that repeat nothing of it.

    Parameters: `name`, the file as a person calls it; `scanner`, one of `SCANNERS`, whose report it is; by default that
    is recognised.
    """
    docs = documents(content, name)
    found = scanner or _recognised(docs, name)
    if found == _OWN:
        try:
            return _own(docs)
        except saved.NotOneError as error:
            raise UsageError(f"{name}: {error}") from None
    try:
        return _report(found, SCANNERS[found](docs))
    except UsageError as error:
        raise UsageError(f"{name}: not a report of {found}'s: {error}") from None


def documents(content: bytes, name: str) -> list[saved.Json]:
    """Return what JSON says: of the whole, or of each line. Raises `UsageError`."""
    if not content.strip():
        return []
    try:
        return [saved.loaded(content, name)]
    except UsageError:
        lines = content.split(b"\n")
        first = next(line for line in lines if line.strip())
        if not first.rstrip().endswith(b"}"):  # no JSON Lines
            raise
    return [saved.loaded(line, f"{name}, line {at}") for at, line in enumerate(lines, 1) if line.strip()]


def _own(documents: list[saved.Json]) -> Report:
    """Return the report that JSON is, or that lines of it are. Raises `NotOneError`."""
    first, last = documents[0], documents[-1]
    if not isinstance(first, dict) or "findings" in first:
        return saved.report(first)
    end = last.get("end") if isinstance(last, dict) else None
    if not isinstance(end, dict):
        raise saved.NotOneError("the line is missing that says how the scan ended; was it written to the end?")
    findings = [line.get("finding") if isinstance(line, dict) else None for line in documents[1:-1]]
    if end.get("findings") != len(findings):
        raise saved.NotOneError("lines of it are missing")
    scan = first.get("scan")
    return saved.report(first | {"scan": (scan if isinstance(scan, dict) else {}) | end, "findings": findings})


def _recognised(documents: list[saved.Json], name: str) -> str:
    """Return whose report it is."""
    first = documents[0] if documents else None
    if isinstance(first, list):
        first = first[0] if first else None
    for key, scanner in _KEYS.items():
        if isinstance(first, dict) and key in first:
            return scanner
    raise UsageError(f"{name}: whose report is it? Name the scanner: --from {', '.join(SCANNERS)}")


def _report(scanner: str, told: Told) -> Report:
    """Return the report, with the places of each value together."""
    together: dict[tuple[str, Secret], list[Reported]] = {}
    for one in told.ones:
        together.setdefault((one.rule, _secret(one)), []).append(one)
    findings = tuple(_finding(scanner, secret, every) for (_, secret), every in together.items())
    notes = []
    if findings:
        notes.append(f"{scanner} does not tell how severe a find is: it is taken for {_UNSAID}, {_WORKS} if it works")
    if any(one.place.commit for one in told.ones):
        notes.append(f"{scanner} does not tell what HEAD holds, nor which branches and tags reach a commit")
    if not told.complete:
        notes.append(f"{scanner} does not tell whether everything was scanned")
    if any(isinstance(finding.secret, Masked) for finding in findings):
        notes.append("the report holds no values, so the same value may count more than once")
    return Report(
        kind="history" if any(one.place.commit for one in told.ones) else "files",
        target=told.target,
        findings=findings,
        unscanned=told.unscanned,
        scanned={"blobs": 0, "bytes": 0, **told.scanned},
        rules_hash=told.rules_hash,
        baselined=told.judged,
        notes=tuple(notes),
    )


def is_redacted(value: str) -> bool:
    """Whether a report has something in place of a value, or nothing."""
    return _REDACTED.fullmatch(value) is not None


def _secret(one: Reported) -> Secret:
    if not is_redacted(one.value):
        return Secret(one.value.encode("utf-8", "surrogatepass"))
    start = one.value.partition("...")[0][:_SHOWN] if one.length >= _LONG_VALUE and "..." in one.value else ""
    length = f" ({one.length} characters)" if one.length else ""
    return Masked(f"{start}{'*' * 8}{length}", _identity(one))


def _identity(one: Reported) -> str:
    """Return what stands for a value that is not known: what the scanner made of it, or else its place."""
    place = one.place
    return one.identity or f"{place.path}:{place.line}:{place.column}:{place.commit or ''}"


def _finding(scanner: str, secret: Secret, every: list[Reported]) -> Finding:
    first = every[0]
    rule = _NOT_IN_ID.sub("-", f"{scanner}-{first.rule}".lower()).strip("-")
    works = any(one.works for one in every)
    name = first.told if 0 < len(first.told) <= _LONGEST_NAME else re.sub(r"[-_./:]+", " ", first.rule)
    reasons = [f"{scanner} reports it as {first.rule}"]
    if first.told and first.told != name:
        reasons.append(first.told.rstrip("."))
    if works:
        reasons.append(f"{scanner} has seen it work")
    return Finding(
        rule=rule,
        name=name,
        provider="",
        severity=_WORKS if works else first.severity if first.severity in SEVERITIES else _UNSAID,
        confidence=_SURE if works else _CONFIDENCES.get(first.confidence, MEDIUM),
        reasons=tuple(reasons),
        secret=secret,
        remediation=_ADVICE,
        occurrences=tuple(dict.fromkeys(one.place for one in every)),
        encoded=tuple(_hidden(one.beside) for one in every if one.beside),
        # A hash would tell a thief which guess is right, and so it goes through what is slow, as a value does.
        told_as=fingerprint(rule, _identity(first).encode("utf-8", "surrogatepass"))
        if isinstance(secret, Masked)
        else "",
    )


def _hidden(value: str) -> Secret:
    return Secret(value.encode("utf-8", "surrogatepass"))
