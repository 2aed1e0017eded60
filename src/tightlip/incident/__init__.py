"""One leaked secret: where it came from, what has it now, who can have seen it. `investigate` finds that out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.git.repo import git_for
from tightlip.incident import sought
from tightlip.incident.choice import choose, numbered
from tightlip.incident.inquiry import Inquiry
from tightlip.incident.known import Author, Commit, Held, Incident, Numbered, Pushed
from tightlip.model import Secret

if TYPE_CHECKING:
    from tightlip.advance import Progress
    from tightlip.engine import Scanner
    from tightlip.finding import Report
    from tightlip.scan import Repository

__all__ = ["Author", "Commit", "Held", "Incident", "Numbered", "Pushed", "investigate"]


def investigate(  # noqa: PLR0913 - what, where, and how
    what: str | Secret,
    repo: Repository = None,
    *,
    scanner: Scanner | None = None,
    jobs: int | None = 1,
    cache: bool = False,
    progress: Progress | None = None,
    told: Callable[[Report], Report] = lambda report: report,
) -> Incident:
    """Return what is known of one secret of a history.

    Parameters: `what`, a finding's fingerprint or its first six digits or more, the id of a rule that found just one
    secret, `#N`, its number in the text report of a history scan, or the value itself, as a `Secret`; `told`,
    from a scan to what its report tells, where that leaves something out: what is not told has no number; the others as
    for `scan_history`. Nothing of a value comes into the cache.

    Raises `UsageError` where no finding is meant, or several could be; `GitError`.
    """
    from tightlip.scan import scan_history

    def scan() -> Report:
        return scan_history(repo, jobs=jobs, cache=cache, progress=progress, scanner=scanner)

    git = git_for(repo)
    if isinstance(what, str):
        report = scan()
        every = numbered(report, told(report))
        chosen = choose(every, what, report)
        return Inquiry(git, chosen.finding.secret, report, [chosen, *_same(every, chosen)]).incident()
    _check(what)
    finder = sought.scanner_for(what)
    found = scan_history(repo, jobs=jobs, cache=False, progress=progress, scanner=finder)
    report, every = found, []
    if found.findings and not found.interrupted:
        known = scan()
        report = replace(found, findings=(*known.findings, *found.findings), rules_hash=known.rules_hash)
        every = [each for each in numbered(known, told(known)) if each.finding.secret == what]
    return Inquiry(git, what, report, every, found.findings).incident()


def _same(every: Iterable[Numbered], chosen: Numbered) -> list[Numbered]:
    return [each for each in every if each != chosen and each.finding.secret == chosen.finding.secret]


def _check(secret: Secret) -> None:
    size = len(secret.reveal())
    if not sought.LEAST <= size <= sought.MOST:
        raise UsageError(f"a value to look for has from {sought.LEAST} to {sought.MOST:,} bytes, this one has {size:,}")
