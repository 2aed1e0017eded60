"""A rule in SARIF: what it finds, and what makes such a secret worthless."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.report.incident_markdown import plain
from tightlip.report.levels import SEVERITIES, confidence_word
from tightlip.report.markup import prose
from tightlip.report.sarif_text import message
from tightlip.wholefile import FOUND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.report.document import Told

LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_PROBLEM = {"error": "error", "warning": "warning", "note": "recommendation"}
_SECURITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""GitHub calls more than 9.0 critical, 7.0 and more high, 4.0 and more medium."""
_IN_CODE, _IN_CLEAR = "cwe-798", "cwe-312"
"""Credentials in code, and sensitive information that is stored in clear."""


def rule(found: Sequence[Told]) -> dict[str, object]:
    """Return the rule of some findings, which all are of one."""
    told = found[0]
    severity = min((it.severity for it in found), key=SEVERITIES.index)
    level = LEVELS[severity]
    weakness = _IN_CLEAR if told.rule in FOUND else _IN_CODE
    return {
        "id": told.rule,
        "name": "".join(word.capitalize() for word in told.rule.split("-")),
        "shortDescription": message(told.name),
        "fullDescription": message(_described(told)),
        "help": message(_steps(told)) | {"markdown": _markdown(told)},
        "defaultConfiguration": {"level": level},
        "properties": {
            "tags": ["security", f"external/cwe/{weakness}", "secret"],
            "precision": confidence_word(max(it.confidence for it in found)),
            "security-severity": _SECURITY[severity],
            "problem.severity": _PROBLEM[level],
        },
    }


def _described(told: Told) -> str:
    if told.rule in FOUND:
        return FOUND[told.rule]
    issuer = f", issued by {told.provider}" if told.provider else ""
    return f"{told.name}{issuer}. Whoever can read the repository or a copy of it can use it until it is worthless."


def _steps(told: Told) -> str:
    return " ".join(f"{number}. {step}" for number, step in enumerate(told.remediation, 1))


def _markdown(told: Told) -> str:
    steps = (f"{number}. {plain(step)}" for number, step in enumerate(told.remediation, 1))
    after = "Taking it out of the files is not enough: it stays in the history, and in every clone and fork."
    return "\n".join((f"**{prose(told.name)}**", "", *steps, "", after))
