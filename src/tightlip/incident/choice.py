"""Which finding somebody means: by its number, its fingerprint or its rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.finding import prepare_fingerprints
from tightlip.incident.known import Numbered
from tightlip.report.levels import most_urgent_first

if TYPE_CHECKING:
    from tightlip.finding import Finding, Report
    from tightlip.model import Secret

_HEXADECIMAL = re.compile(r"[0-9a-f]{6,20}")
_NUMBER = re.compile(r"#\d{1,9}|\d{1,5}", re.ASCII)
_MOST_NAMED = 5


def numbered(report: Report, told: Report) -> list[Numbered]:
    """Return findings with the numbers that the text report gives them.

    Parameters: `told`, what a report tells of the same scan. What it leaves out comes last, and has the number 0.
    """
    groups: dict[Secret, list[Finding]] = {}
    for finding in most_urgent_first(told.findings):
        groups.setdefault(finding.secret, []).append(finding)
    order = [(it.rule, it.secret) for group in groups.values() for it in group]
    numbers = {key: number for number, key in enumerate(order, 1)}
    every = [Numbered(numbers.get((it.rule, it.secret), 0), it) for it in most_urgent_first(report.findings)]
    return sorted(every, key=lambda each: each.number or len(every) + 1)


def choose(every: Sequence[Numbered], what: str, report: Report) -> Numbered:
    """Return the finding that is meant. Raises `UsageError`, which says what there is, and never repeats a value."""
    if not every:
        raise UsageError(f"there is no finding: the scan of the history found none{_caveat(report)}")
    by_rule = [each for each in every if each.finding.rule == what]
    if len(by_rule) == 1:
        return by_rule[0]
    if by_rule:
        raise UsageError(f"{what} found {len(by_rule)} secrets, name one: {_named(by_rule)}")
    if _NUMBER.fullmatch(what):
        number = int(what.lstrip("#"))
        for each in every:
            if each.number == number > 0:
                return each
        raise UsageError(f"there is no finding of that number{_caveat(report)}; there is {_named(every)}")
    if _HEXADECIMAL.fullmatch(what.lower()) and not what.startswith("#"):
        return _by_fingerprint(every, what.lower(), report)
    raise UsageError(
        "that is no finding's number, rule or fingerprint, of which 6 digits are enough; a value goes to standard "
        f"input, with --value-from-stdin{_caveat(report)}; there is {_named(every)}"
    )


def _by_fingerprint(every: Sequence[Numbered], start: str, report: Report) -> Numbered:
    prepare_fingerprints([each.finding for each in every])
    found = [each for each in every if each.finding.fingerprint.startswith(start)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} fingerprints begin with that, name one: {_named(found)}")
    raise UsageError(f"no finding's fingerprint begins with that{_caveat(report)}; there is {_named(every)}")


def _caveat(report: Report) -> str:
    if report.interrupted:
        return " (the scan was interrupted)"
    return "" if report.complete else " (not everything was scanned: `tightlip scan-history` says what)"


def _named(every: Sequence[Numbered]) -> str:
    prepare_fingerprints([each.finding for each in every[:_MOST_NAMED]])
    first = [f"{each.mark} {each.finding.fingerprint}" for each in every[:_MOST_NAMED]]
    more = [f"{len(every) - _MOST_NAMED:,} more (scan-history -v)"] if len(every) > _MOST_NAMED else []
    return ", ".join([*first, *more])
