"""Blobs in, findings out. Start reading here.

Each function here is one kind of scan: it takes blobs from a source, gives them to the engine, drops what a pragma
allows, and returns a `Report`. What runs on every commit loads nothing that a clean commit does not need.
"""

from __future__ import annotations

import os

from tightlip.engine import Scanner
from tightlip.git.objects import ObjectError, ObjectReader
from tightlip.model import Blob
from tightlip.sops import concern
from tightlip.tally import Tally

_MOST_HELD = 1 << 24
"""Bytes of blobs that are held to be compared with what they were."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import BinaryIO, TypeAlias

    import git
    from tightlip.advance import Progress
    from tightlip.finding import Report, Unscanned
    from tightlip.git.lfs import Lfs
    from tightlip.git.plumbing import Git
    from tightlip.git.staged import Change
    from tightlip.model import Secret

    Repository: TypeAlias = str | os.PathLike[str] | git.Repo | None
    """A path, GitPython's repository, or None for where we are, as a hook is called."""


def scan_text(text: str, path: str = "", *, scanner: Scanner | None = None) -> Report:
    """Scan a text; `path` is what the rules that go by path look at."""
    return scan_bytes(text.encode("utf-8", "surrogatepass"), path, scanner=scanner)


def scan_bytes(data: bytes, path: str = "", *, scanner: Scanner | None = None) -> Report:
    """Scan bytes; `path` is what the rules that go by path look at."""
    tally = Tally(scanner or Scanner())
    tally.scan(Blob(data, os.fsencode(path)))
    return tally.report("text", path)


def scan_file(path: str | os.PathLike[str], *, scanner: Scanner | None = None) -> Report:
    """Scan one file. What cannot be read is in the report's `unscanned`."""
    return scan_files([path], scanner=scanner)


def scan_files(
    paths: Iterable[str | os.PathLike[str]],
    *,
    skip_ignored: bool = False,
    recurse_submodules: bool = False,
    lfs: bool = False,
    scanner: Scanner | None = None,
) -> Report:
    """Scan files, and folders with all that is below them except git's own.

    Parameters: `skip_ignored`, whether to leave out what git ignores in folders; by default an ignored `.env` is
    scanned like any other file; `recurse_submodules`, whether a submodule of a folder that is not checked out counts as
    not scanned (the files of the others are scanned in any case), and `skip_ignored` asks each of them, too; `lfs`,
    whether to scan the content in the place of a pointer file of Git LFS: of one that is not here, the report's
    `unscanned` tells. Raises `UsageError` for a path that does not exist.
    """
    from tightlip.sources import files

    names = [os.fspath(path) for path in paths]
    tally = Tally(scanner or Scanner())
    limit = tally.scanner.limit
    blobs = files.blobs(names, limit=limit, skip_ignored=skip_ignored, recurse_submodules=recurse_submodules)
    if not lfs:
        scan_all(tally, blobs)
        return tally.report("files", " ".join(names))
    from tightlip.git.lfs import LfsOnDisk, marked

    kept = LfsOnDisk(limit=limit)
    scan_all(tally, kept.each(blobs))
    return marked(tally.report("files", " ".join(names)), kept.looked_at)


def scan_stream(stream: BinaryIO, *, scanner: Scanner | None = None) -> Report:
    """Scan a stream of bytes to its end."""
    from tightlip.sources import stdin

    tally = Tally(scanner or Scanner())
    scan_all(tally, stdin.blobs(stream, limit=tally.scanner.limit))
    return tally.report("text", stdin.NAME)


def scan_all(tally: Tally, blobs: Iterable[Blob | Unscanned]) -> None:
    """Scan what a source yields, and files that must be encrypted for whether they are."""
    paths, encrypts = list[bytes](), False
    for blob in blobs:
        if not isinstance(blob, Blob):
            tally.unscanned.append(blob)
            continue
        tally.scan(blob)
        if blob.part == "content" and blob.path:
            paths.append(blob.path)
            encrypts = encrypts or concern.ENCRYPTED in blob.data
    if paths and (encrypts or concern.in_folders({os.path.dirname(os.fsdecode(path)) for path in paths})):
        from tightlip.sops import files

        files.scan(tally, paths)


def scan_staged(repo: Repository = None, *, lfs: bool = False, scanner: Scanner | None = None) -> Report:
    """Scan what the next commit adds: the index against HEAD, never the working tree, and no submodule's.

    A secret is new, and reported, when nothing that the commit changes or deletes held it before.

    Parameters: `lfs`, whether to scan the content in the place of a pointer file of Git LFS; of one that is not here,
    the report's `unscanned` tells. Raises `GitError` where git or the repository cannot be used.
    """
    from tightlip.git.repo import git_for
    from tightlip.git.staged import staged

    git = git_for(repo)
    tally = Tally(scanner or Scanner())
    kept = _kept(git, tally.scanner) if lfs else None
    scan_changes(tally, git, staged(git), kept)
    report = tally.report("staged", git.where or ".")
    return _marked(report, kept)


def _kept(git: Git, scanner: Scanner) -> Lfs:
    from tightlip.git.lfs import Lfs

    return Lfs(git, limit=scanner.limit)


def _marked(report: Report, kept: Lfs | None) -> Report:
    if kept is None:
        return report
    from tightlip.git.lfs import marked

    return marked(report, kept.looked_at)


def scan_history(  # noqa: PLR0913 - each is a way of its own to scan less
    repo: Repository = None,
    *,
    branches: Sequence[str] = (),
    revisions: Sequence[str] = (),
    since: str | None = None,
    max_count: int | None = None,
    paths: Sequence[str] = (),
    reachable_only: bool = False,
    base: str | None = None,
    head: str | None = None,
    recurse_submodules: bool = False,
    lfs: bool = False,
    jobs: int | None = 1,
    cache: bool = False,
    progress: Progress | None = None,
    scanner: Scanner | None = None,
) -> Report:
    """Scan every object of a repository, whatever still reaches it, and say who brought each secret in.

    Submodules that are checked out are scanned too, unless the scope is less than everything.

    Parameters for less than that: `branches`, only what these branches, tags or other revisions reach; `revisions`,
    only the commits of these ranges, `A..B` or `A...B`; `since`, only what came after a revision or since a date;
    `max_count`, only so many commits, the newest; `paths`, only what a commit brought to a path that matches one of
    these globs, such as `src/**/*.env`; `reachable_only`, only what branches, tags and other refs reach; `base` and
    `head` (HEAD if not given), only what a merge of `head` into `base` would add. But for `branches` and
    `reachable_only`, a secret is reported only where a commit in scope brought it in, and not where what the commit
    changed held it before.

    Parameters for more: `recurse_submodules`, whether every submodule counts: one that is not checked out is scanned in
    its git folder, and one that is not here at all is in the report's `unscanned`; `lfs`, whether to scan the content
    that a pointer file of Git LFS stands for, as if it were there; what of it is not here is in `unscanned`.

    Other parameters: `jobs`, how many processes a scan of everything may use, None for as many as there are processors;
    `cache`, whether a scan of everything may pass over what an earlier one has seen, and leave word for the next;
    `progress`, called now and then with how far the scan is.

    Raises `UsageError` for a revision that does not exist and for what cannot be meant together, and `GitError` where
    the repository cannot be used, or has too little history to know what `base` and `head` share. Otherwise a shallow
    or partial clone, and objects that cannot be read, are in the report's `unscanned`. An interrupt (Ctrl-C) ends a
    scan early, and its report is `interrupted`.
    """
    from tightlip import history
    from tightlip.errors import UsageError
    from tightlip.git.repo import git_for
    from tightlip.git.scope import Scope

    scope = Scope(
        branches=_several(branches),
        ranges=_several(revisions),
        paths=_several(paths),
        since=since,
        max_count=max_count,
        reachable_only=reachable_only,
        base=base,
        head=head,
    )
    if recurse_submodules and scope != Scope(reachable_only=reachable_only):
        raise UsageError(
            "a submodule has commits, branches and paths of its own: --recurse-submodules goes with a scan of "
            "everything, or with --reachable-only"
        )
    memory = None
    if cache and scope.is_whole:
        from tightlip.memory import Memory

        memory = Memory()
    engine = scanner or Scanner()

    def scan(git: Git) -> Report:
        kept = _kept(git, engine) if lfs else None
        return _marked(history.scan(git, engine, scope, lfs=kept, jobs=jobs, progress=progress, memory=memory), kept)

    if not scope.is_whole and not recurse_submodules:
        return scan(git_for(repo))
    from tightlip import nested

    return nested.scan(git_for(repo), scan, every=recurse_submodules)


def _several(names: Sequence[str]) -> tuple[str, ...]:
    """Take a name by itself for one name, and not for its letters."""
    return (names,) if isinstance(names, str) else tuple(names)


def scan_changes(tally: Tally, git: Git, changes: Sequence[Change], lfs: Lfs | None = None) -> None:
    """Scan what changes add: what their new sides hold and none of their old sides held.

    Parameters: `lfs`, what has the content in the place of which there are pointer files.
    """
    for change in changes:
        if change.status == "U":
            tally.miss(os.fsdecode(change.path), "it is in conflict; resolve it and stage it")
    with ObjectReader(git, limit=tally.scanner.limit) as objects:
        if concern.in_changes(git, changes) or concern.were_encrypted(objects, changes):
            from tightlip.sops import staged

            staged.scan(tally, git, changes)
        if any(concern.ENV in change.path for change in changes):
            from tightlip.hygiene import added

            added.scan(tally, git, changes)
        new = [(change.path, change.oid, change.status == "A") for change in changes if change.oid]
        before = {change.path: change.old_oid for change in changes if change.status == "M" and change.oid}
        suspects = [
            (blob, outcome)
            for blob in _not_as_before(tally, objects, _blobs(objects, new, tally.miss, lfs), before)
            if (outcome := tally.look(blob)).matches
        ]
        held = _held_before(tally.scanner, objects, changes, lfs) if suspects else set()
    for blob, outcome in suspects:
        tally.keep(blob, outcome, [m for m in outcome.matches if (m.rule.id, m.secret) not in held])


def _not_as_before(
    tally: Tally, objects: ObjectReader, blobs: Iterable[Blob], before: Mapping[bytes, str]
) -> Iterator[Blob]:
    """Yield the blobs that may hold something which was not there before; the others are counted, and that is all.

    Parameters: `before`, by the path of what was changed, the object that was there.
    """
    waiting, size = list[Blob](), 0
    for blob in blobs:
        waiting.append(blob)
        size += len(blob.data)
        if size > _MOST_HELD:
            yield from _new_in(tally, objects, waiting, before)
            waiting, size = [], 0
    yield from _new_in(tally, objects, waiting, before)


def _new_in(tally: Tally, objects: ObjectReader, blobs: Sequence[Blob], before: Mapping[bytes, str]) -> Iterator[Blob]:
    scanner = tally.scanner
    asked = [blob.path for blob in blobs if blob.path in before and scanner.may_hold(blob.data, blob.path)]
    old = dict(zip(asked, objects.read_many([before[path] for path in asked]), strict=True))
    for blob in blobs:
        was = old.get(blob.path)
        if (
            blob.path in before
            and not isinstance(was, ObjectError)
            and (was is None or scanner.brings_nothing(blob.data, was.data, blob.path))
        ):
            tally.count(blob)
        else:
            yield blob


def _held_before(
    scanner: Scanner, objects: ObjectReader, changes: Sequence[Change], lfs: Lfs | None
) -> set[tuple[str, Secret]]:
    """The secrets that the old sides of the changes held: what only moved, within a file or between files."""
    old = [(change.path, change.old_oid, not change.oid) for change in changes if change.old_oid]
    blobs = _blobs(objects, old, lambda *_: None, lfs)
    return {(m.rule.id, m.secret) for blob in blobs for m in scanner.scan(blob.data, blob.path).matches}


def _blobs(
    objects: ObjectReader,
    wanted: Sequence[tuple[bytes, str, bool]],
    missed: Callable[[str, str], None],
    lfs: Lfs | None,
) -> Iterator[Blob]:
    """Read (path, object id, whether the name counts too); `missed` is told what cannot be read, and why."""
    read = objects.read_many(oid for _, oid, _ in wanted)
    for (path, oid, with_name), found in zip(wanted, read, strict=True):
        if with_name:
            yield Blob(path, path, oid, "path")
        if isinstance(found, ObjectError):
            missed(os.fsdecode(path), found.why)
            continue
        blob = Blob(found.data, path, oid)
        content = blob if lfs is None else lfs.instead(blob)
        if isinstance(content, Blob):
            yield content
        else:
            missed(*content)
