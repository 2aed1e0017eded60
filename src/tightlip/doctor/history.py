"""The scan of all that git holds, which several checks go by where it is wanted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from tightlip.allow.held import Held
from tightlip.config import choosing
from tightlip.finding import prepare_fingerprints
from tightlip.git import changes
from tightlip.model import LOW
from tightlip.rule import Match
from tightlip.scan import scan_history

if TYPE_CHECKING:
    from tightlip.doctor.here import Here
    from tightlip.engine import Scanner
    from tightlip.finding import Finding, Report

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
    with Held(here.git) as held:
        for finding in report.findings:
            if match := _match(here, finding, scanner):
                for it in finding.occurrences:
                    text = held.lines(report, it) if here.allows.needs_text else b""
                    path = os.fsencode(it.path) if it.part in _IN_FILES else b""
                    here.allows.every(text, match.but(end=len(text)), path, it.commit)
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
