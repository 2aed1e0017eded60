"""One report of a repository and of its submodules, in which each path says which of them it is in."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.errors import GitError
from tightlip.finding import Finding, Occurrence, Report, Unscanned
from tightlip.git.submodules import Submodule, submodules

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git


def scan(git: Git, scan_one: Callable[[Git], Report], *, every: bool = False) -> Report:
    """Scan a repository and its submodules, each once.

    Parameters: `every`, whether those that are not checked out count as well: of one that has a git folder here that is
    scanned, and any other is told as not scanned.
    """
    report = scan_one(git)
    if report.interrupted:
        return report
    try:
        for inner in submodules(git, every=every, unused=every):
            report = _with(report, inner, scan_one)
            if report.interrupted:
                break
    except GitError as error:
        return _missing(report, "submodules", str(error))
    return report


def _with(report: Report, inner: Submodule, scan_one: Callable[[Git], Report]) -> Report:
    """Return a report with what there is to say of a submodule."""
    path = os.fsdecode(inner.path)
    if inner.git is None:
        return _missing(report, path, inner.why)
    try:
        return _joined(report, scan_one(inner.git), path)
    except GitError as error:
        return _missing(report, path, str(error))


def _missing(report: Report, what: str, why: str) -> Report:
    return replace(report, unscanned=(*report.unscanned, Unscanned(what, why)))


def _joined(outer: Report, inner: Report, path: str) -> Report:
    findings = {(finding.rule, finding.secret): finding for finding in outer.findings}
    for finding in inner.findings:
        occurrences = tuple(_below(path, place) for place in finding.occurrences)
        known = findings.get((finding.rule, finding.secret))
        findings[finding.rule, finding.secret] = (
            replace(finding, occurrences=occurrences) if known is None else _both(known, finding, occurrences)
        )
    counts = {what: outer.scanned.get(what, 0) + inner.scanned.get(what, 0) for what in outer.scanned | inner.scanned}
    return replace(
        outer,
        findings=tuple(findings.values()),
        unscanned=outer.unscanned + tuple(Unscanned(f"{path}: {it.what}", it.why) for it in inner.unscanned),
        scanned=counts | {"submodules": outer.scanned.get("submodules", 0) + 1},
        seconds=outer.seconds + inner.seconds,
        allowed=outer.allowed + inner.allowed,
        notes=outer.notes + tuple(f"{path}: {note}" for note in inner.notes),
        interrupted=inner.interrupted,
    )


def _below(path: str, place: Occurrence) -> Occurrence:
    """Return a place as it is called from outside. Its commit stays the submodule's."""
    refs = tuple(f"{path}: {ref}" for ref in place.refs)
    if place.part in ("content", "path") and place.path:
        return replace(place, path=f"{path}/{place.path}", refs=refs)
    return replace(place, refs=refs)


def _both(outer: Finding, inner: Finding, occurrences: tuple[Occurrence, ...]) -> Finding:
    return replace(
        outer,
        confidence=max(outer.confidence, inner.confidence),
        occurrences=outer.occurrences + occurrences,
        in_head=outer.in_head or inner.in_head,
        taken_out=None if outer.in_head or inner.in_head else outer.taken_out or inner.taken_out,
    )
