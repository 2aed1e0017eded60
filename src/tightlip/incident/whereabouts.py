"""Where among a repository's objects a value stands: in which trees, which refs reach it, which commit took it out."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import GitError
from tightlip.git.changes import Record, stream
from tightlip.git.objects import Object, ObjectError, ObjectReader
from tightlip.incident.known import Commit
from tightlip.model import MAX_BLOB

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.incident.sought import ValueScanner

_MOST_PATHSPECS = 1 << 13
"""Characters of pathspecs that every platform takes as arguments; with more, all paths are gone through."""
_TAGGER = re.compile(r"(?P<name>.*?) ?<(?P<email>[^<>]*)> (?P<at>\d{1,12}) (?P<zone>[+-]\d{4})")


class Spot(NamedTuple):
    """A path that held the value at some time; `named` where its name did."""

    path: bytes
    named: bool


class Root(NamedTuple):
    """What a ref leads to in the end: a commit, a tree or a blob; `own` is the object that it names itself."""

    oid: str
    kind: str
    own: str


class Store:
    """Tells what of a repository's objects holds a value. A context manager: leaving it ends the git process."""

    def __init__(self, git: Git, scanner: ValueScanner, known: Iterable[str] = ()) -> None:
        """Parameters: `known`, the ids of blobs that hold it."""
        self._git, self._scanner = git, scanner
        self._objects = ObjectReader(git, limit=MAX_BLOB)
        self._holds = dict.fromkeys(known, True)
        self._trees: dict[str, dict[bytes, str]] = {}
        self._found: dict[str, tuple[bytes, ...]] = {}

    def __enter__(self) -> Store:  # noqa: PYI034 - Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self._objects.close()

    def holds(self, oid: str, path: bytes) -> bool:
        """Whether a blob holds the value. One that cannot be read does not: the scan has told of it."""
        known = self._holds.get(oid)
        if known is None:
            found = self._read(oid)
            known = found is not None and found.kind == "blob" and self._scanner.holds(found.data, path)
            self._holds[oid] = known
        return known

    def paths_in(self, root: str, spots: Sequence[Spot]) -> tuple[bytes, ...]:
        """Return at which spots a commit or a tree has the value; for a blob that is it, one empty path."""
        known = self._found.get(root)
        if known is None:
            known = self._found[root] = tuple(self._paths_in(root, spots))
        return known

    def _paths_in(self, root: str, spots: Sequence[Spot]) -> Iterator[bytes]:
        found = self._read(root)
        if found is not None and found.kind == "blob":
            yield from [b""] if self.holds(root, b"") else []
            return
        tree = self.tree_of(root) if found is not None and found.kind == "commit" else root
        for spot in spots:
            oid = self._at(tree, spot.path)
            if oid and (spot.named or self.holds(oid, spot.path)):
                yield spot.path

    def tree_of(self, commit: str) -> str:
        """Return the tree of a commit; nothing where it cannot be read."""
        return next(iter(self._header(commit, b"tree ")), "")

    def parents_of(self, commit: str) -> list[str]:
        """Return the parents of a commit."""
        return self._header(commit, b"parent ")

    def _header(self, commit: str, name: bytes) -> list[str]:
        found = self._read(commit)
        if found is None or found.kind != "commit":
            return []
        lines = found.data.partition(b"\n\n")[0].split(b"\n")
        return [line.removeprefix(name).decode("ascii", "replace") for line in lines if line.startswith(name)]

    def _at(self, tree: str, path: bytes) -> str:
        """Return the object at a path below a tree; nothing where there is none."""
        oid = tree
        for name in path.split(b"/"):
            oid = self._entries(oid).get(name, "") if oid else ""
        return oid

    def _entries(self, tree: str) -> dict[bytes, str]:
        known = self._trees.get(tree)
        if known is None:
            found = self._read(tree)
            is_tree = found is not None and found.kind == "tree"
            known = self._trees[tree] = dict(_entries(found.data, len(tree) // 2)) if found and is_tree else {}
        return known

    def _read(self, oid: str) -> Object | None:
        try:
            kind, data = self._objects.kind_and_data(oid)
        except ObjectError:
            return None
        return Object(oid, kind, data)

    def taken_out_by(self, tips: Collection[str], spots: Sequence[Spot]) -> str:
        """Return the newest commit whose parent has the value at one of the spots and that has it at none; or nothing.

        Raises `GitError` where git cannot walk the history.
        """
        if not tips or not spots:
            return ""
        paths = {spot.path: spot.named for spot in spots}
        specs = [f":(top,literal){os.fsdecode(path)}" for path in paths]
        if sum(map(len, specs)) > _MOST_PATHSPECS:
            specs = []
        walk = ("rev-list", "--date-order", "--full-history", "--stdin", "--", *specs)
        commits = self._git.run(*walk, stdin="".join(f"{tip}\n" for tip in tips).encode())
        for record in stream(self._git, commits, specs):
            if isinstance(record, Record) and record.path in paths and self._takes(record, paths[record.path]):
                commit = record.commit.decode()
                if not self.paths_in(commit, spots):
                    return commit
        return ""

    def _takes(self, record: Record, named: bool) -> bool:  # noqa: FBT001 - as in a spot
        change = record.change()
        now = change.oid if change else ""
        if now and (named or self.holds(now, record.path)):
            return False
        return any(named or self.holds(oid, record.path) for oid in record.old_oids())


def _entries(tree: bytes, width: int) -> Iterator[tuple[bytes, str]]:
    """Yield name and id of a tree's entries, without submodules."""
    at = 0
    while (space := tree.find(b" ", at)) >= 0 and (end := tree.find(b"\0", space)) >= 0:
        if tree[at:space] != b"160000":
            yield tree[space + 1 : end], tree[end + 1 : end + 1 + width].hex()
        at = end + 1 + width


def roots(git: Git) -> dict[str, Root]:
    """Return what each ref leads to, by its full name. One that leads to nothing is left out: the scan tells of it."""
    lines = git.run("for-each-ref", "--format=%(objectname) %(refname)").decode("utf-8", "surrogateescape").split("\n")
    named = [(name, oid) for oid, _, name in (line.partition(" ") for line in lines if line)]
    request = "".join(f"{oid}^{{}}\n" for _, oid in named).encode()
    answers = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=request).decode().splitlines()
    found = {}
    for (name, own), answer in zip(named, answers, strict=True):
        oid, _, kind = answer.partition(" ")
        if kind in ("commit", "tree", "blob"):
            found[name] = Root(oid, kind, own)
    return found


def reaching(git: Git, tips: Collection[str], wanted: Collection[str]) -> set[str]:
    """Return those of the tips, all commits, that reach a `wanted` one. Raises `GitError` where git cannot walk."""
    has = set(wanted)
    if not has or not tips:
        return set()
    request = "".join(f"{tip}\n" for tip in tips).encode()
    with git.start("rev-list", "--topo-order", "--reverse", "--parents", "--stdin", stdin=request) as process:
        while line := process.readline():
            commit, *parents = line.decode().split()
            if not has.isdisjoint(parents):
                has.add(commit)
        process.finish()
    return has.intersection(tips)


def logged(git: Git, *which: str) -> list[tuple[str, str]]:
    """Return what the reflogs of some refs remember, newest first: full name of the ref, and commit.

    Parameters: `which`, refs, or an option such as `--remotes`.
    """
    try:
        found = git.run("log", "--walk-reflogs", "--no-show-signature", "--format=%H %gD", *which, "--")
    except GitError:
        return []  # there is no such ref, or no reflog
    lines = found.decode("utf-8", "surrogateescape").split("\n")
    return [(name.partition("@{")[0], oid) for oid, _, name in (line.partition(" ") for line in lines if line)]


def tag(found: Object) -> Commit:
    """Return what an annotated tag says of itself; its subject is its name."""
    head = found.data.partition(b"\n\n")[0].decode("utf-8", "replace")
    said = dict(line.partition(" ")[::2] for line in head.split("\n"))
    who = _TAGGER.fullmatch(said.get("tagger", ""))
    date = ""
    if who:
        with suppress(ValueError, OverflowError, OSError):
            zone = datetime.strptime(who["zone"], "%z").tzinfo
            date = datetime.fromtimestamp(int(who["at"]), zone).isoformat()
    name, email = (who["name"], who["email"]) if who else ("", "")
    return Commit(found.oid, name, email, date, said.get("tag", ""), "tag")
