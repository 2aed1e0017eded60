"""Whether any secret is in the files that git tracks, or in all that git holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.checkup.line import FAIL, OK, UNCHECKED, Line
from tightlip.report.style import count
from tightlip.sops import crypt

if TYPE_CHECKING:
    from tightlip.checkup.place import Place
    from tightlip.finding import Finding, Report

_TREE, _HISTORY = "No secret is in the files that git tracks", "No secret is in the history"
_MOST = 1000


def look(place: Place) -> Iterator[Line]:
    """Tell of the files, and of the history where that is wanted. Raises `ConfigError`, `GitError`."""
    sealed = {os.path.normpath(os.path.join(place.top, path)) for path in crypt.sealed(place.git)}
    report = place.left(place.here.files.kept)
    found = [it for finding in report.findings if (it := _outside(finding, sealed))]
    report = replace(report, findings=tuple(found))
    yield _line(
        _TREE, report, place.here.files.kept, f"tightlip scan{place.named}", "for each: tightlip incident FINDING"
    )
    if place.here.wanted.looks_back and (history := place.here.history):
        report = place.left(history.kept)
        mend = f"rotate each, then: tightlip purge --plan purge.json --findings findings.json{place.named}"
        command = f"tightlip scan-history --report json:findings.json{place.named}"
        yield _line(_HISTORY, report, history.kept, command, mend, is_whole=history.is_whole)
    else:
        yield Line(UNCHECKED, _HISTORY, "--no-history", by_choice=True)


def _outside(finding: Finding, sealed: set[str]) -> Finding | None:
    """Return a finding without the places that are plaintext on disk alone: git-crypt encrypts these for git."""
    kept = tuple(it for it in finding.occurrences if os.path.abspath(it.path) not in sealed)
    return replace(finding, occurrences=kept) if kept else None


def _line(  # noqa: PLR0913 - all that makes a line
    title: str, report: Report, every: Report, command: str, mend: str, *, is_whole: bool = True
) -> Line:
    if report.findings:
        return Line(FAIL, title, count(len(report.findings), "secret"), tuple(_evidence(report)), f"{command}; {mend}")
    if not every.complete or not is_whole:
        missed = tuple(f"{it.what}: {it.why}" for it in every.unscanned[:_MOST])
        return Line(UNCHECKED, title, "not everything could be scanned", missed, command)
    return Line(OK, title, count(every.scanned.get("blobs", 0), "file"))


def _evidence(report: Report) -> Iterator[str]:
    for finding in report.findings[:_MOST]:
        first = finding.occurrences[0]
        path = first.path or f"object {(first.blob or '')[:10]}"
        where = f"{path}:{first.line}" if first.part == "content" else f"{first.path or first.part} ({first.part})"
        commit = f" in {first.commit[:10]}" if first.commit else ""
        more = f", and {count(len(finding.occurrences) - 1, 'more place')}" if len(finding.occurrences) > 1 else ""
        yield f"{where}{commit}: {finding.rule} ({finding.severity}){more}"
