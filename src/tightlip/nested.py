"""One report of a repository and of its submodules, in which each path says which of them it is in."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.errors import GitError
from tightlip.finding import Finding, Occurrence, Report, Unscanned
from tightlip.git.state import identity
from tightlip.git.submodules import submodules

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git


def scan(git: Git, scan_one: Callable[[Git], Report]) -> Report:
    """Scan a repository and all that are checked out inside it as submodules, each once."""
    return _scan(git, scan_one, set())


def _scan(git: Git, scan_one: Callable[[Git], Report], done: set[str]) -> Report:
    done.add(identity(git))
    report = scan_one(git)
    if report.interrupted:
        return report
    try:
        inside = list(submodules(git))
    except GitError as error:
        return replace(report, unscanned=(*report.unscanned, Unscanned("submodules", str(error))))
    for path, inner in inside:
        name = os.fsdecode(path)
        try:
            if identity(inner) not in done:
                report = _joined(report, _scan(inner, scan_one, done), name)
        except GitError as error:
            report = replace(report, unscanned=(*report.unscanned, Unscanned(name, str(error))))
    return report


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
        scanned=counts | {"submodules": outer.scanned.get("submodules", 0) + inner.scanned.get("submodules", 0) + 1},
        seconds=outer.seconds + inner.seconds,
        allowed=outer.allowed + inner.allowed,
        notes=outer.notes + tuple(f"{path}: {note}" for note in inner.notes),
        interrupted=inner.interrupted,
    )


def _below(path: str, place: Occurrence) -> Occurrence:
    if place.part in ("content", "path") and place.path:
        return replace(place, path=f"{path}/{place.path}")
    return place


def _both(outer: Finding, inner: Finding, occurrences: tuple[Occurrence, ...]) -> Finding:
    return replace(
        outer,
        confidence=max(outer.confidence, inner.confidence),
        occurrences=outer.occurrences + occurrences,
        in_head=outer.in_head or inner.in_head,
        taken_out=None if outer.in_head or inner.in_head else outer.taken_out or inner.taken_out,
    )
