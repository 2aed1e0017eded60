"""Scan every object of a repository: each secret once, with who brought it in, where, and what still reaches it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tightlip.collect import Found, finding, grouped, place
from tightlip.git import attribution
from tightlip.git.history import History
from tightlip.model import Blob
from tightlip.pool import processors
from tightlip.tally import MAX_BLOB, Tally
from tightlip.whole import Progress, Whole

if TYPE_CHECKING:
    from tightlip.engine import Scanner
    from tightlip.finding import Finding, Occurrence, Report
    from tightlip.git.attribution import CommitDetails
    from tightlip.git.changes import HistoryChange
    from tightlip.git.plumbing import Git

_SHORT = ("refs/heads/", "refs/tags/", "refs/remotes/")


def scan(
    git: Git,
    scanner: Scanner,
    branches: Sequence[str],
    since: str | None,
    progress: Progress | None,
    jobs: int | None = None,
) -> Report:
    """Scan the chosen part of a history, and say where each secret in it comes from."""
    tally = Tally(scanner)
    if not branches and since is None:
        whole = Whole(git, tally, jobs or processors(), progress)
        whole.run()
        return tally.close("history", git.where or ".", _of_whole(git, whole, tally.found))
    history = History(git, branches=branches, since=since, limit=MAX_BLOB, matters=scanner.looks_at)
    for item in history.blobs():
        if isinstance(item, Blob):
            tally.scan(item)
        else:
            tally.unscanned.append(item)
    tally.scanned.update(history.counts)
    return tally.close("history", git.where or ".", _attributed(git, history, tally.found))


def _of_whole(git: Git, whole: Whole, found: Sequence[Found]) -> list[Finding]:
    if not found:
        return []
    groups = list(grouped(found).values())
    places = _places(whole.changes, groups)
    commits = {where.commit for each in places for where in each if where.commit}
    rows = {whole.row(commit): commit for commit in commits}
    refs = {rows[row]: names for row, names in whole.graph.refs_reaching(rows, whole.tips).items()}
    return _findings(git, groups, places, refs)


class _Where(NamedTuple):
    """One place of a match, and the commit that brought it there."""

    found: Found
    commit: str
    path: bytes


def _attributed(git: Git, history: History, found: Sequence[Found]) -> list[Finding]:
    if not found:
        return []
    groups = list(grouped(found).values())
    oids = {item.oid for item in found if item.part == "content"}
    paths = {item.path for item in found if item.part == "path"}
    places = _places(attribution.changes_of(git, oids, history.revisions, paths=paths), groups)
    commits = {where.commit for each in places for where in each if where.commit}
    return _findings(git, groups, places, attribution.refs_reaching(git, commits))


def _findings(
    git: Git, groups: Sequence[Sequence[Found]], places: Sequence[Sequence[_Where]], refs: dict[str, tuple[str, ...]]
) -> list[Finding]:
    details = attribution.commit_details(git, {where.commit for each in places for where in each if where.commit})
    head = _Head(git, refs)
    return [
        finding(items, [_occurrence(where, details, refs) for where in each], in_head=head.holds(items))
        for items, each in zip(groups, places, strict=True)
    ]


def _places(changes: Iterable[HistoryChange], groups: Sequence[Sequence[Found]]) -> list[list[_Where]]:
    """For each secret, the places where a commit brought it in, oldest first; else where it lies."""
    by_object: dict[str, list[int]] = defaultdict(list)
    by_path: dict[bytes, list[int]] = defaultdict(list)
    for number, items in enumerate(groups):
        for item in items:
            if item.part == "content" and number not in by_object[item.oid]:
                by_object[item.oid].append(number)
            if item.part == "path" and number not in by_path[item.path]:
                by_path[item.path].append(number)
    places: list[list[_Where]] = [[] for _ in groups]
    for change in changes:
        for number in by_object.get(change.oid, ()):
            places[number] += _brought(change, groups[number])
        for number in by_path.get(change.path, ()) if not change.old_oids else ():
            places[number] += [
                _Where(i, change.commit, i.path) for i in groups[number] if i.path == change.path and i.part == "path"
            ]
    return [each + _elsewhere(items, each) for items, each in zip(groups, places, strict=True)]


def _brought(change: HistoryChange, items: Sequence[Found]) -> list[_Where]:
    """The matches of one secret that a change brought to a path, unless an old side of the change held it."""
    if {item.oid for item in items if item.part == "content"} & set(change.old_oids):
        return []
    here = [item for item in items if item.oid == change.oid and item.part == "content"]
    if any(item.match.rule.path for item in here):
        here = [item for item in here if item.path == change.path]
    seen: dict[tuple[int, int], Found] = {(item.match.start, item.match.end): item for item in here}
    return [_Where(item, change.commit, change.path) for item in seen.values()]


def _elsewhere(items: Sequence[Found], brought: Sequence[_Where]) -> list[_Where]:
    """What no commit brought in: commits' and tags' own text, and objects that no commit leads to."""
    places = [_Where(i, i.oid if i.part == "commit" else "", i.path) for i in items if i.part in ("commit", "tag")]
    if brought or places:
        return places
    return [_Where(item, "", item.path) for item in items]


def _occurrence(where: _Where, details: dict[str, CommitDetails], refs: dict[str, tuple[str, ...]]) -> Occurrence:
    known = details.get(where.commit)
    return place(
        where.found._replace(path=where.path),
        commit=where.commit or None,
        author=known.author if known else None,
        email=known.email if known else None,
        date=known.date if known else None,
        message_subject=known.subject if known else None,
        refs=tuple(map(_short, refs.get(where.commit, ()))),
    )


def _short(ref: str) -> str:
    return next((ref.removeprefix(start) for start in _SHORT if ref.startswith(start)), ref)


class _Head:
    """What HEAD still holds."""

    def __init__(self, git: Git, refs: dict[str, tuple[str, ...]]) -> None:
        self._refs = refs
        self._name = git.run("symbolic-ref", "--quiet", "HEAD", fine=(1,)).decode().strip() or "HEAD"
        self._blobs = attribution.blobs_in_head(git)
        self._names = attribution.names_in_head(git)

    def holds(self, items: Iterable[Found]) -> bool:
        """Whether HEAD's tree, or the history that it ends, holds one of the matches."""
        return any(self._holds(item) for item in items)

    def _holds(self, item: Found) -> bool:
        if item.part == "content":
            return item.oid in self._blobs
        if item.part == "path":
            return item.path in self._names
        return self._name in self._refs.get(item.oid, ())
