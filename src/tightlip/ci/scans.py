"""The scan of a change: of every commit that it adds, or of what its end would leave behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tightlip.collect import finding, grouped, place
from tightlip.git.attribution import changes_in, commit_details, refs_reaching
from tightlip.git.changes import stream
from tightlip.git.repo import entries
from tightlip.git.staged import Change, changes
from tightlip.model import Blob
from tightlip.scan import scan_changes, scan_history
from tightlip.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.ci.change import Change as Added
    from tightlip.collect import Found, Group
    from tightlip.engine import Scanner
    from tightlip.finding import Finding, Occurrence, Report
    from tightlip.git.plumbing import Git

_DIFF = (
    *("diff-tree", "-r", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv"),
)


def whole(git: Git, scanner: Scanner, *, jobs: int | None, reachable_only: bool) -> Report:
    """Scan everything. Raises `GitError`."""
    return scan_history(git.where, jobs=jobs, reachable_only=reachable_only, scanner=scanner)


def commits(git: Git, scanner: Scanner, change: Added, branch: str) -> Report:
    """Scan every commit that a change adds, with each state in between and every message. Raises `GitError`.

    Parameters: `branch`, the name of the branch or tag, which may hold a secret itself.
    """
    end = change.end.oid
    if change.is_alone:
        report = scan_history(git.where, branches=[end], max_count=1, scanner=scanner)
    elif not change.starts:
        report = scan_history(git.where, branches=[end], scanner=scanner)
    else:
        first, *second = (it.oid for it in change.starts)
        report = scan_history(git.where, revisions=[f"{first}..{end}"], since=next(iter(second), None), scanner=scanner)
    report = _seen_from(git, scanner, change, report)
    return replace(report, findings=(*report.findings, *_in_name(scanner, branch, end)))


def result(git: Git, scanner: Scanner, change: Added) -> Report:
    """Scan what the end of a change would leave in the files that the base does not have. Raises `GitError`."""
    tally = Tally(scanner)
    scan_changes(tally, git, between(git, change))
    tally.scanned["commits"] = len(change.commits)
    return tally.close("history", git.where or ".", _findings(git, change, tally.found))


def between(git: Git, change: Added) -> list[Change]:
    """Return the files that a change adds, changes or removes, from where it begins to its end. Raises `GitError`."""
    end = change.end.oid
    if not change.starts:
        return [Change(path, "100644", oid, "000000", "", "A") for path, oid in entries(git, end)]
    start = change.starts[0].oid
    common = git.run("merge-base", start, end, fine=(1,)).decode().strip() or start
    return list(changes(git.run(*_DIFF, common, end, "--")))


def _in_name(scanner: Scanner, name: str, oid: str) -> list[Finding]:
    tally = Tally(scanner)
    data = name.encode("utf-8", "surrogateescape")
    tally.scan(Blob(data, data, oid, "ref"))
    return [finding(items, [place(it) for it in items], in_head=True) for items in grouped(tally.found).values()]


def _seen_from(git: Git, scanner: Scanner, change: Added, report: Report) -> Report:
    """Return a report whose findings say whether the end of the change has them, where that is not checked out.

    So it is where a job works on the target, as for `pull_request_target` on GitHub.
    """
    if not report.findings or _is_checked_out(git, change.end.oid):
        return report
    tally = Tally(scanner)
    scan_changes(tally, git, between(git, change))
    left = set(grouped(tally.found))
    return replace(report, findings=tuple(replace(it, in_head=_is_left(it, left)) for it in report.findings))


def _is_left(it: Finding, left: set[Group]) -> bool:
    in_message = any(occurrence.part in ("commit", "tag") for occurrence in it.occurrences)
    return in_message or (it.rule, it.secret) in left


def _is_checked_out(git: Git, oid: str) -> bool:
    """Whether HEAD is a commit, or the platform's merge of it."""
    listed = git.run("rev-list", "--parents", "--max-count=1", "HEAD", "--", fine=(128,)).decode().split()
    return oid in listed


def _findings(git: Git, change: Added, found: Sequence[Found]) -> list[Finding]:
    """Return each secret with its places at the end of the change, and the commit that brought each there."""
    if not found:
        return []
    records = stream(git, "".join(f"{oid}\n" for oid in change.commits).encode())
    oids = {it.oid for it in found if it.part == "content"}
    brought = {(it.path, it.oid): it.commit for it in changes_in(records, oids, {it.path for it in found})}
    details = commit_details(git, {*brought.values(), change.end.oid})
    reaching = refs_reaching(git, details)

    def occurrence(item: Found) -> Occurrence:
        commit = brought.get((item.path, item.oid), change.end.oid)
        known = details.get(commit)
        return place(
            item,
            commit=commit,
            author=known.author if known else None,
            email=known.email if known else None,
            date=known.date if known else None,
            message_subject=known.subject if known else None,
            refs=tuple(name.removeprefix("refs/").partition("/")[2] or name for name in reaching.get(commit, ())),
        )

    return [finding(items, [occurrence(it) for it in items], in_head=True) for items in grouped(found).values()]
