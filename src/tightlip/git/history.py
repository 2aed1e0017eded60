"""Every object that a repository holds, whether anything reaches it or not, and what of it cannot be read."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tightlip.finding import Unscanned
from tightlip.git import gaps, store
from tightlip.git.changes import Record, stream
from tightlip.git.objects import Object, ObjectError, ObjectReader, TooLarge
from tightlip.git.repo import entries, facts, resolve, trees
from tightlip.model import Blob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tightlip.git.plumbing import Git

_PARTS = {"blob": "content", "commit": "commit", "tag": "tag"}
"""The types of objects whose data is scanned, and what that is called. Of trees the paths are, as commits show them."""


class History:
    """The objects of a repository.

    `blobs` goes through them, once. `counts` says how many there are of each type, and `total` how many of these are
    read; both are known before the first blob. `done` is how many have been. `revisions` are what `changes_of` takes.
    """

    def __init__(
        self,
        git: Git,
        *,
        branches: Sequence[str] = (),
        since: str | None = None,
        limit: int | None = None,
        matters: Callable[[bytes], bool] = lambda _: True,
    ) -> None:
        """Choose the objects: by default every one in the store.

        Parameters: `branches`, only what these branches, tags or other revisions reach; `since`, not what this revision
        reaches; `limit`, the most bytes to read of an object; `matters`, whether a path can change what is found: a
        blob that has several such paths is yielded with each of them.

        Raises `UsageError` for a revision that does not exist, and `GitError`.
        """
        self._git, self._limit, self._matters = git, limit, matters
        self._facts = facts(git)
        tips = resolve(git, branches) or ["--all"]
        left_out = [f"^{commit}" for commit in resolve(git, [since] if since is not None else [])]
        self.revisions = [*tips, *left_out] if branches or left_out else []
        self.counts = {"blobs": 0, "commits": 0, "tags": 0, "trees": 0}
        self.total = self.done = 0
        self._commits: list[bytes] = []
        self._names: dict[bytes, tuple[bytes]] = {}
        self._paths: dict[bytes, tuple[bytes, ...]] = {}

    def blobs(self) -> Iterator[Blob | Unscanned]:
        """Yield each path once (part `path`), each blob, commit and tag, and what could not be read."""
        yield from gaps.shallow(self._facts)
        with ExitStack() as stack:
            search = None if self.revisions else stack.enter_context(gaps.start(self._git))
            yield from self._survey()
            yield from self._each_path()
            yield from self._each_object()
            if search is not None:
                yield from gaps.found(search, self._facts)

    def _survey(self) -> Iterator[Unscanned]:
        """Count the objects and note the commits."""
        troubles: list[Unscanned] = []
        for listed in store.objects(self._git, self.revisions, self._facts, troubles):
            self.counts[f"{listed.kind}s"] += 1
            self.total += listed.kind in _PARTS
            if listed.kind == "commit":
                self._commits.append(listed.oid.encode())
        yield from troubles

    def _each_path(self) -> Iterator[Blob | Unscanned]:
        """Yield each path of a commit, or of a tree that has a ref, and note the paths of each blob."""
        commits, self._commits = b"".join(b"%s\n" % commit for commit in self._commits), []
        for record in stream(self._git, commits):
            if not isinstance(record, Record):
                yield record
            elif change := record.change():
                yield from self._note(change.path, change.oid)
        for tree in trees(self._git) if not self.revisions else ():
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

    def _take(self, found: Object | ObjectError) -> Iterator[Blob | Unscanned]:
        self.done += 1
        paths = self._paths.get(bytes.fromhex(found.oid), (b"",))
        if isinstance(found, ObjectError):
            yield Unscanned(os.fsdecode(paths[0]) or f"object {found.oid}", str(found))
            return
        for path in paths:
            yield Blob(found.data, path, found.oid, _PARTS[found.kind])
