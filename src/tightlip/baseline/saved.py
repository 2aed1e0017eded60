"""Findings out of a JSON report that was saved: with the values, which entries are made of, or without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.fingerprint import fingerprint, prepare
from tightlip.report import saved
from tightlip.report.masked import Masked

if TYPE_CHECKING:
    from tightlip.finding import Finding, Report

_LARGEST = 1 << 30


def read(file: str) -> Report:
    """Return the report that a file holds. Raises `UsageError`, also where it does not hold the values themselves."""
    report = read_masked(file)
    wrong = sum(isinstance(finding.secret, Masked) for finding in report.findings)
    if wrong:
        raise UsageError(
            f"--from: {file} has {wrong} of {len(report.findings)} values redacted, and entries are made of the values "
            "themselves: leave --from out, and it is scanned anew; or write the report with --show-secrets"
        )
    return report


def read_masked(file: str) -> Report:
    """Return the same, with a `Masked` secret for each value that is not what its fingerprint was made of."""
    try:
        with open(file, "rb") as stream:
            content = stream.read(_LARGEST)
    except OSError as error:
        raise UsageError(f"--from: {file} cannot be read: {error.strerror}") from None
    report = saved.read(content, f"--from: {file}")
    prepare((it.rule, it.secret.reveal()) for it in report.findings if not isinstance(it.secret, Masked))
    return replace(report, findings=tuple(map(_checked, report.findings)))


def _checked(finding: Finding) -> Finding:
    if isinstance(finding.secret, Masked) or fingerprint(finding.rule, finding.secret.reveal()) == finding.fingerprint:
        return finding
    return replace(finding, secret=Masked(finding.secret.redacted(), finding.fingerprint))
