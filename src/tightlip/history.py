"""Scan every object of a repository: each secret once, with who brought it in, where, and what still reaches it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip import recall
from tightlip.advance import Advance, Progress
from tightlip.before import held_before
from tightlip.collect import Found, Group, finding, grouped, place
from tightlip.errors import GitError
from tightlip.finding import TakenOut
from tightlip.git import attribution
from tightlip.git.history import History
from tightlip.git.repo import commits_at
from tightlip.git.state import identity, state
from tightlip.model import Blob
from tightlip.sops import concern
from tightlip.tally import Tally
from tightlip.wholefile import is_whole

if TYPE_CHECKING:
    from tightlip.engine import Scanner
    from tightlip.finding import Finding, Occurrence, Report
    from tightlip.git.attribution import CommitDetails
    from tightlip.git.changes import HistoryChange
    from tightlip.git.lfs import Lfs
    from tightlip.git.plumbing import Git
    from tightlip.git.scope import Scope
    from tightlip.memory import Memory
    from tightlip.whole import Whole

_SHORT = ("refs/heads/", "refs/tags/", "refs/remotes/")


def scan(  # noqa: PLR0913 - what, with what, and how
    git: Git,
    scanner: Scanner,
    scope: Scope,
    *,
    lfs: Lfs | None = None,
    jobs: int | None = 1,
    progress: Progress | None = None,
    memory: Memory | None = None,
) -> Report:
    """Scan the chosen part of a history, and say where each secret in it comes from.

    Parameters: `lfs`, what has the content in the place of which the history has pointer files; `jobs`, how many
    processes a scan of everything may use; None for as many as there are processors; `memory`, what earlier scans of
    everything have seen.
    """
    memory = memory if scanner.remembered else None
    if scope.is_whole:
        return _scan_everything(git, Tally(scanner), lfs, jobs, progress, memory)
    tally = Tally(scanner)
    history = History(git, scope, limit=scanner.limit, matters=scanner.looks_at)
    try:
        _scan_each(history, tally, lfs, progress)
        _judge_files(git, history, tally)
    except KeyboardInterrupt:
        tally.interrupt(history.total - history.done)
    tally.scanned.update(history.counts)
    return tally.close("history", git.where or ".", _attributed(git, history, tally, lfs))


def _scan_everything(  # noqa: PLR0913, PLR0917 - as `scan`
    git: Git, tally: Tally, lfs: Lfs | None, jobs: int | None, progress: Progress | None, memory: Memory | None
) -> Report:
    repository, rules, target = identity(git), _rules_key(git, tally.scanner), git.where or "."
    before = state(git) if memory else b""
    # What Git LFS keeps is no part of that state: the outcome of a scan of it is not remembered, nor taken for one.
    if memory and not lfs and (kept := memory.outcome(repository, rules, before)):
        again = recall.restored(git, tally.scanner, kept)
        if again:
            findings, counts = again
            tally.allowed, tally.live = counts.pop("allowed"), counts.pop("live", 0)
            tally.scanned.update(counts)
            return tally.close("history", target, findings)
    from tightlip.pool import processors
    from tightlip.whole import Whole

    known = memory.clean(repository, rules) if memory else b""
    whole = Whole(git, tally, lfs=lfs, jobs=jobs or processors(), progress=progress, known=known)
    whole.run()
    groups = list(grouped(tally.found).values())
    findings = _of_whole(git, whole, groups) if groups else []
    if memory:
        memory.remember(repository, rules, whole.clean(), whole.width)
        counts = tally.scanned | {"allowed": tally.allowed, "live": tally.live}
        kept = None if lfs else recall.stored(findings, groups, counts)
        if kept and not tally.unscanned and state(git) == before:
            memory.keep_outcome(repository, rules, before, kept)
    return tally.close("history", target, findings)


def _rules_key(git: Git, scanner: Scanner) -> str:
    """What a verdict depends on beside the object: the rules, how sure one must be, and the program itself."""
    from tightlip import __version__
    from tightlip.engine.rulecache import VERSION

    ids = git.run("rev-parse", "--show-object-format").decode().strip()
    with_pragmas = "" if scanner.pragmas else "without pragmas "
    return f"{scanner.rules_hash} {scanner.min_confidence} {with_pragmas}{__version__} {VERSION} {ids}"


def _scan_each(history: History, tally: Tally, lfs: Lfs | None, progress: Progress | None) -> None:
    blobs = history.blobs()
    for item in lfs.each(blobs) if lfs else blobs:
        if isinstance(item, Blob):
            tally.scan(item)
        else:
            tally.unscanned.append(item)
        if progress:
            progress(Advance(history.done, history.total, 0, 0, len(tally.found)))


def _judge_files(git: Git, history: History, tally: Tally) -> None:
    """Judge what must be encrypted, where anything must."""
    is_closed = history.scope.is_closed
    if concern.in_history(git, history.entries(), () if is_closed else history.commits):
        from tightlip.sops import past

        past.scan(git, tally, history.records(history.commits), is_whole=is_closed)


def _of_whole(git: Git, whole: Whole, groups: Sequence[Sequence[Found]]) -> list[Finding]:
    places = _places(whole.changes, groups)
    commits = {where.commit for each in places for where in each if where.commit}
    rows = {whole.row(commit): commit for commit in commits}
    refs = {rows[row]: names for row, names in whole.graph.refs_reaching(rows, whole.tips).items()}
    return _taken_out(git, whole, groups, _findings(git, groups, places, refs))


def _taken_out(git: Git, whole: Whole, groups: Sequence[Sequence[Found]], findings: Sequence[Finding]) -> list[Finding]:
    """Return findings with the commit that took each out of HEAD's files."""
    gone = {
        number: {item.oid for item in items if item.part == "content"}
        for number, (items, finding) in enumerate(zip(_with_kin(groups), findings, strict=True))
        if finding.in_head is False
    }
    if not any(gone.values()) or not (head := commits_at(git, ["HEAD"])[0]):  # else HEAD can be read, as `in_head` says
        return list(findings)
    commits = dict(zip(gone, whole.taken_out(list(gone.values()), head), strict=True))
    details = attribution.commit_details(git, set(filter(None, commits.values())))
    dates = {number: (oid, details[oid].date) for number, oid in commits.items() if oid in details}
    return [
        replace(finding, taken_out=TakenOut(*dates[number])) if number in dates else finding
        for number, finding in enumerate(findings)
    ]


class _Where(NamedTuple):
    """One place of a match, and the commit that brought it there."""

    found: Found
    commit: str
    path: bytes


def _attributed(git: Git, history: History, tally: Tally, lfs: Lfs | None) -> list[Finding]:
    if not tally.found:
        return []
    groups: Sequence[Sequence[Found]] = list(grouped(tally.found).values())
    oids = {item.oid for item in tally.found if item.part == "content"}
    paths = {item.path for item in tally.found if item.part == "path"}
    places = _places(history.changes_of(oids, paths), groups)
    if not history.scope.is_closed:
        groups, places = _brought_in(git, history, tally.scanner, groups, places, lfs)
    commits = {where.commit for each in places for where in each if where.commit}
    return _findings(git, groups, places, attribution.refs_reaching(git, commits))


def _brought_in(  # noqa: PLR0913, PLR0917 - what, where, and what it is found with
    git: Git,
    history: History,
    scanner: Scanner,
    groups: Sequence[Sequence[Found]],
    places: Sequence[Sequence[_Where]],
    lfs: Lfs | None,
) -> tuple[list[Sequence[Found]], list[list[_Where]]]:
    """Leave out what a commit in scope did not bring in: secrets that something it changed or removed held before."""
    content = {where.commit for each in places for where in each if where.found.part == "content" and where.commit}
    held = held_before(git, scanner, content, history.records(content), lfs)
    kept_groups, kept_places = [], []
    for items, each in zip(groups, places, strict=True):
        secret = (items[0].match.rule.id, items[0].match.secret)
        new = [where for where in each if _is_new(where, secret, held)]
        if new:
            kept_groups.append(items)
            kept_places.append(new)
    return kept_groups, kept_places


def _is_new(where: _Where, secret: Group, held: dict[str, set[Group]]) -> bool:
    if where.found.part == "tag":
        return True
    return bool(where.commit) and (where.found.part != "content" or secret not in held[where.commit])


def _findings(
    git: Git, groups: Sequence[Sequence[Found]], places: Sequence[Sequence[_Where]], refs: dict[str, tuple[str, ...]]
) -> list[Finding]:
    details = attribution.commit_details(git, {where.commit for each in places for where in each if where.commit})
    head = _Head(git, refs)
    return [
        finding(items, [_occurrence(where, details, refs) for where in each], in_head=head.holds(kin))
        for items, kin, each in zip(groups, _with_kin(groups), places, strict=True)
    ]


def _with_kin(groups: Sequence[Sequence[Found]]) -> list[Sequence[Found]]:
    """Return groups, those about a whole file with its other versions that are wrong in the same way.

    A version that is not there any more has not been taken out where the next one is in clear, too.
    """
    versions: dict[tuple[str, bytes], list[Found]] = defaultdict(list)
    for items in groups:
        for item in items:
            if is_whole(item.match.rule):
                versions[item.match.rule.id, item.path].append(item)
    return [
        [other for path in dict.fromkeys(it.path for it in items) for other in versions[items[0].match.rule.id, path]]
        if is_whole(items[0].match.rule)
        else items
        for items in groups
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
    if any(item.match.rule.path or item.match.rule.is_of_files for item in here):
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
        try:
            self._blobs = attribution.blobs_in_head(git)
            self._names = attribution.names_in_head(git)
        except GitError:  # it is damaged, as the report says
            self._blobs, self._names, self._known = set[str](), set[bytes](), False
        else:
            self._known = True

    def holds(self, items: Iterable[Found]) -> bool | None:
        """Whether HEAD's tree, or the history that it ends, holds one of the matches; None where it cannot be read."""
        return any(self._holds(item) for item in items) or (False if self._known else None)

    def _holds(self, item: Found) -> bool:
        if item.part == "content":
            return item.oid in self._blobs
        if item.part == "path":
            return item.path in self._names
        return self._name in self._refs.get(item.oid, ())
