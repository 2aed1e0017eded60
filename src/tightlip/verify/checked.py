"""Findings in, findings with what their providers say of them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tightlip.finding import Finding, Report
from tightlip.request import Request
from tightlip.verify.answers import Answers
from tightlip.verify.asker import Asker
from tightlip.verify.judged import LIVE, REVOKED, UNKNOWN
from tightlip.verify.pairs import values

REASONS = {
    LIVE: "its provider was asked: it still works",
    REVOKED: "its provider was asked: it works no more",
    UNKNOWN: "whether it still works could not be found out",
}
_Key = tuple[Request, tuple[tuple[str, bytes], ...]]


def checked(report: Report, requests: Mapping[str, Request], answers: Answers, asker: Asker) -> Report:
    """Return the report with `live` in the findings of the rules that ask, and notes on what nobody knows.

    Parameters: `requests`, by the ids of the rules that were chosen; `answers`, what was said before and is said now.
    """
    every = (*report.findings, *report.known)
    keys = {
        finding: _key(finding, requests[finding.rule], every) for finding in report.findings if finding.rule in requests
    }
    why: Counter[str] = Counter(_lacks(requests[finding.rule]) for finding, key in keys.items() if key is None)
    said = _said([key for key in dict.fromkeys(keys.values()) if key], answers, asker, why)
    found = [
        _told(finding, said[key] if (key := keys[finding]) else UNKNOWN) if finding in keys else finding
        for finding in report.findings
    ]
    notes = [f"whether {_secrets(number)} works is not known: {reason}" for reason, number in sorted(why.items())]
    return replace(report, findings=tuple(found), notes=(*report.notes, *notes))


def _said(keys: Sequence[_Key], answers: Answers, asker: Asker, why: Counter[str]) -> dict[_Key, str]:
    """Return what is said of each; `why` counts the reasons of what nobody knows."""
    said = {key: known for key in keys if (known := answers.of(key[0], dict(key[1])))}
    left = [key for key in keys if key not in said]
    for key, verdict in zip(left, asker.ask_all([(request, dict(made)) for request, made in left]), strict=True):
        said[key] = verdict.meaning
        if verdict.meaning == UNKNOWN:
            why[verdict.why] += 1
        else:
            answers.put(key[0], dict(key[1]), verdict.meaning)
    answers.keep()
    return said


def _told(finding: Finding, live: str) -> Finding:
    return replace(finding, live=live, reasons=(*finding.reasons, REASONS[live]))


def _key(finding: Finding, request: Request, every: Sequence[Finding]) -> _Key | None:
    made = values(finding, request, every)
    return (request, tuple(sorted(made.items()))) if made else None


def _lacks(request: Request) -> str:
    names = ", ".join(companion.rule for companion in request.companions)
    return f"what belongs to it ({names}) was not found near it" if names else "the report has no value to ask about"


def _secrets(number: int) -> str:
    return "a secret" if number == 1 else f"each of {number:,} secrets"
