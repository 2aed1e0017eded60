"""The objects of a history, or of a part of it, with the paths that lead to them, and what of them cannot be read."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tightlip.finding import Unscanned
from tightlip.git import attribution, gaps, store
from tightlip.git.changes import Record, stream
from tightlip.git.chosen import choose, tags_on
from tightlip.git.objects import MissingObject, Object, ObjectError, ObjectReader, TooLarge
from tightlip.git.repo import entries, facts, trees
from tightlip.git.scope import Scope, extent
from tightlip.model import Blob

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from tightlip.git.changes import HistoryChange
    from tightlip.git.plumbing import Git

_PARTS = {"blob": "content", "commit": "commit", "tag": "tag"}
"""The types of objects whose data is scanned, and what that is called. Of trees the paths are, as commits show them."""


class History:
    """The objects of a repository that are in a scope.

    `blobs` goes through them, once. `total` is how many there are to read, known once the paths have been yielded, and
    `done` how many have been; `counts` says how many of each type that were to be had, and of how many trees.

    Where the scope is closed (`Scope.is_closed`), git lists its objects: those that `revisions` reach, or all that
    there are. Else they are the commits that the scope chooses, the annotated tags on them, and what these commits
    brought to a path.
    """

    def __init__(
        self,
        git: Git,
        scope: Scope | None = None,
        *,
        limit: int | None = None,
        matters: Callable[[bytes], bool] = lambda _: True,
    ) -> None:
        """Choose the objects: by default every one in the store.

        Parameters: `limit`, the most bytes to read of an object; `matters`, whether a path can change what is found: a
        blob that has several such paths is yielded with each of them.

        Raises `UsageError` for a revision that does not exist, and `GitError`.
        """
        self._git, self._limit, self._matters = git, limit, matters
        self._facts = facts(git)
        self.scope = scope or Scope()
        self._extent = extent(git, self.scope, self._facts)
        self.revisions = self._closed_over()
        self.counts = {"blobs": 0, "commits": 0, "tags": 0, "trees": 0}
        self.total = self.done = 0
        self.commits: list[str] = []
        """Those in scope; known once the paths have been yielded."""
        self._tags: list[str] = []
        self._names: dict[bytes, tuple[bytes]] = {}
        self._paths: dict[bytes, tuple[bytes, ...]] = {}

    def blobs(self) -> Iterator[Blob | Unscanned]:
        """Yield each path once (part `path`), each blob, commit and tag, and what could not be read.

        Raises `GitError` where a shallow clone ends before the merge base of a request.
        """
        with ExitStack() as stack:
            search = stack.enter_context(gaps.start(self._git)) if self.scope.is_whole else None
            yield from self._survey() if self.scope.is_closed else self._choice()
            yield from self._each_path()
            yield from self._each_object() if self.scope.is_closed else self._each_chosen()
            if search is not None:
                yield from gaps.found(search, self._facts)

    def changes_of(self, oids: Collection[str], paths: Collection[bytes]) -> Iterator[HistoryChange]:
        """Yield each change in scope that brought one of `oids` to a path, or that added one of `paths`."""
        if self.scope.is_closed:
            return attribution.changes_of(self._git, oids, self.revisions, paths=paths)
        return attribution.changes_in(self.records(self.commits), oids, paths)

    def records(self, commits: Iterable[str]) -> Iterator[Record | Unscanned]:
        """Yield what commits changed within the scope's paths."""
        return stream(self._git, "".join(f"{oid}\n" for oid in commits).encode(), self.scope.pathspecs)

    def entries(self) -> Iterator[tuple[bytes, str]]:
        """Yield what commits in scope brought where: paths and blobs; of paths that do not matter one for each blob."""
        yield from ((path, oid.hex()) for oid, paths in self._paths.items() for path in paths)

    def _closed_over(self) -> list[str]:
        """Return what git is to list the objects of; nothing for all that there are."""
        (walk, *_) = self._extent.walks
        return [*walk.tips] or (["--all"] if self.scope.reachable_only else [])

    def _survey(self) -> Iterator[Unscanned]:
        """Count the objects that git lists, and note the commits."""
        yield from gaps.shallow(self._facts)
        troubles: list[Unscanned] = []
        for listed in store.objects(self._git, self.revisions, self._facts, troubles):
            self.counts["trees"] += listed.kind == "tree"
            self.total += listed.kind in _PARTS
            if listed.kind == "commit":
                self.commits.append(listed.oid)
        if self.scope.branches:
            self._tags = tags_on(self._git, set(self.commits))
            self.total += len(self._tags)
        yield from troubles

    def _choice(self) -> Iterator[Unscanned]:
        """Note the commits and tags that the scope chooses."""
        self.commits, self._tags, troubles = choose(self._git, self._extent, self._facts)
        yield from troubles

    def _each_path(self) -> Iterator[Blob | Unscanned]:
        """Yield each path of a commit, or of a tree that has a ref, and note the paths of each blob."""
        for record in self.records(self.commits):
            if not isinstance(record, Record):
                yield record
            elif change := record.change():
                yield from self._note(change.path, change.oid)
        for tree in trees(self._git) if self.scope.is_closed and not self.scope.branches else ():
            for path, oid in entries(self._git, tree):
                yield from self._note(path, oid)

    def _note(self, path: bytes, oid: str) -> Iterator[Blob]:
        if path not in self._names:
            self._names[path] = (path,)
            yield Blob(path, path, oid, "path")
        if not oid:  # a submodule
            return
        key = bytes.fromhex(oid)  # half the size of the text, and there may be millions
        known = self._paths.get(key)
        if known is None:
            self._paths[key] = self._names[path]
        elif path not in known and self._matters(path):
            self._paths[key] = (*(p for p in known if self._matters(p)), path)

    def _each_object(self) -> Iterator[Blob | Unscanned]:
        """Read the objects that git lists."""
        too_large: list[TooLarge] = []
        with ObjectReader(self._git, limit=self._limit) as reader:
            for found in reader.read_many(self._wanted(too_large)):
                yield from self._take(found)
                while too_large:
                    yield from self._take(too_large.pop())
        for large in too_large:
            yield from self._take(large)

    def _wanted(self, too_large: list[TooLarge]) -> Iterator[str]:
        """Yield the ids to read: the reader asks for them while git lists them, so that none is kept."""
        for oid, kind, size in store.objects(self._git, self.revisions, self._facts):
            if kind in _PARTS:
                if self._limit is not None and size > self._limit:
                    too_large.append(TooLarge(oid, size, self._limit))
                else:
                    yield oid
        yield from self._tags

    def _each_chosen(self) -> Iterator[Blob | Unscanned]:
        """Read the objects that the scope chooses."""
        chosen = [*self.commits, *self._tags, *map(bytes.hex, self._paths)]
        self.total = len(chosen)
        missing: list[str] = []
        if self._facts.partial:  # git would die over each object that a partial clone left out
            there = {listed.oid for listed in store.objects(self._git, (), self._facts)}
            missing = [oid for oid in chosen if oid not in there]
            chosen = [oid for oid in chosen if oid in there]
            self.done = len(missing)
        with ObjectReader(self._git, limit=self._limit) as reader:
            for found in reader.read_many(chosen):
                if isinstance(found, MissingObject):
                    self.done += 1
                    missing.append(found.oid)
                else:
                    yield from self._take(found)
        yield from gaps.missing(missing, self._facts)

    def _take(self, found: Object | ObjectError) -> Iterator[Blob | Unscanned]:
        self.done += 1
        paths = self._paths.get(bytes.fromhex(found.oid), (b"",))
        if isinstance(found, ObjectError):
            yield Unscanned(os.fsdecode(paths[0]) or f"object {found.oid}", str(found))
            return
        self.counts[f"{found.kind}s"] += 1
        for path in paths:
            yield Blob(found.data, path, found.oid, _PARTS[found.kind])
