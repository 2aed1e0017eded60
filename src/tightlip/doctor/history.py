"""The scan of all that git holds, which several checks go by where it is wanted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from tightlip.config import choosing
from tightlip.finding import prepare_fingerprints
from tightlip.git import changes
from tightlip.git.objects import Object, ObjectReader
from tightlip.model import LOW
from tightlip.rule import Match
from tightlip.scan import scan_history

if TYPE_CHECKING:
    from tightlip.doctor.here import Here
    from tightlip.engine import Scanner
    from tightlip.finding import Finding, Occurrence, Report

_IN_FILES = ("content", "path")
"""Parts of a repository that have a path."""


class History(NamedTuple):
    """What is in it."""

    kept: Report
    """Without what is allowed."""
    is_whole: bool
    """Whether everything was scanned."""


def scan(here: Here) -> History:
    """Scan, and count in `here.allows` what is of use. Raises `ConfigError`, `GitError`."""
    wanted, scanner = here.wanted, here.scanner
    report = scan_history(here.where, jobs=wanted.jobs, cache=wanted.cache, progress=wanted.progress, scanner=scanner)
    here.reports.append(report)
    if here.allows.has_fingerprints:
        prepare_fingerprints(report.findings)
    for finding in report.findings:
        if match := _match(here, finding, scanner):
            for text, occurrence in _with_lines(here, finding):
                path = os.fsencode(occurrence.path) if occurrence.part in _IN_FILES else b""
                here.allows.every(text, match.but(end=len(text)), path, occurrence.commit)
    return History(here.policy.applied(report, scanner), report.complete)


def paths(here: Here) -> set[bytes]:
    """Return every path that a commit brought something to. Raises `GitError`."""
    if here.git is None:
        return set()
    stream = changes.stream(here.git, here.git.run("rev-list", "--all"))
    return {it.path for it in stream if isinstance(it, changes.Record) and it.path}


def _match(here: Here, finding: Finding, scanner: Scanner) -> Match | None:
    rule = scanner.compiled.rules.of(finding.rule)
    match = Match(rule, finding.secret, 0, 0, finding.confidence, finding.reasons)
    return choosing.judged(here.policy.config, match, LOW)


def _with_lines(here: Here, finding: Finding) -> Iterator[tuple[bytes, Occurrence]]:
    """Yield the places of a finding, each with the lines that hold it, where an entry looks at these."""
    if not here.allows.needs_text or here.git is None:
        yield from ((b"", occurrence) for occurrence in finding.occurrences)
        return
    with ObjectReader(here.git) as objects:
        for occurrence in finding.occurrences:
            if occurrence.part != "content" or occurrence.blob is None:
                yield os.fsencode(occurrence.path), occurrence
                continue
            found = next(iter(objects.read_many([occurrence.blob])), None)
            held = found.data.split(b"\n") if isinstance(found, Object) else []
            yield b"\n".join(held[occurrence.line - 1 : occurrence.end_line]), occurrence
