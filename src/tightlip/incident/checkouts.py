"""A repository's working trees, with the index of each: which files in them hold a value."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import GitError, UsageError
from tightlip.finding import Unscanned
from tightlip.git.attribution import blobs_in_head
from tightlip.git.plumbing import Git
from tightlip.git.staged import SUBMODULE
from tightlip.model import MAX_BLOB, Blob
from tightlip.sources import files

if TYPE_CHECKING:
    from tightlip.incident.sought import ValueScanner
    from tightlip.incident.whereabouts import Spot, Store


class Checkout(NamedTuple):
    """A working tree."""

    path: str
    git: Git
    """Git in it."""
    is_ours: bool
    """Whether it is the one that was asked about, and not another of the same repository."""


def checkouts(git: Git) -> list[Checkout]:
    """Return the working trees that are there, the one that was asked about first; a bare repository has none."""
    top = git.run("rev-parse", "--show-toplevel", fine=(128,)).removesuffix(b"\n")
    found = [Checkout(os.fsdecode(top), git, is_ours=True)] if top else []
    for entry in git.run("worktree", "list", "--porcelain").split(b"\n\n"):
        first, *more = entry.split(b"\n")
        path = os.fsdecode(first.removeprefix(b"worktree "))
        if first and b"bare" not in more and os.path.isdir(path) and not (top and os.path.samefile(path, top)):
            found.append(Checkout(path, Git(path), is_ours=False))
    return found


def in_index(checkout: Checkout, store: Store, spots: Sequence[Spot]) -> list[bytes]:
    """Return the paths at which the index holds the value. Raises `GitError` where it cannot be read.

    What HEAD has as well is looked at where the value was seen in the history.
    """
    named = {spot.path: spot.named for spot in spots}
    try:
        head = blobs_in_head(checkout.git)
    except GitError:  # damaged, as the scan has told
        head = set()
    found = []
    for line in checkout.git.run("ls-files", "--stage", "-z", "--full-name", ":/").split(b"\0")[:-1]:
        meta, _, path = line.partition(b"\t")
        mode, oid, _ = meta.decode().split(" ")
        if mode == SUBMODULE or (oid in head and path not in named):
            continue
        if named.get(path) or store.holds(oid, path):
            found.append(path)
    return list(dict.fromkeys(found))


def on_disk(
    checkout: Checkout, scanner: ValueScanner, spots: Sequence[Spot], others: Iterable[Checkout]
) -> tuple[list[bytes], list[Unscanned]]:
    """Return the files that hold the value, by content or name, and what could not be read.

    What git ignores is looked at only where the value was seen in the history. Parameters: `others`, working trees that
    may lie inside this one, and are not part of it.
    """
    own = _below(checkout.path)
    inner = tuple(below for other in others if (below := _below(other.path)) != own and below.startswith(own))
    found: dict[bytes, None] = {}
    missed = []
    for item in _blobs(checkout.path, spots):
        if isinstance(item, Unscanned):
            missed.append(item)
        elif not item.path.startswith(inner):
            path = item.path.removeprefix(own)
            if scanner.holds(path if item.part == "path" else item.data, path):
                found[path] = None
    return list(found), missed


def _blobs(top: str, spots: Sequence[Spot]) -> Iterator[Blob | Unscanned]:
    """Yield all files below a folder that git does not ignore, and then the spots that it does."""
    left = {spot.path for spot in spots}
    for item in files.blobs([top], limit=MAX_BLOB, skip_ignored=True):
        if isinstance(item, Blob):
            left.discard(item.path.removeprefix(_below(top)))
        yield item
    for path in sorted(left):
        file = os.path.join(top, os.fsdecode(path))
        if _is_inside(path) and os.path.lexists(file) and not os.path.isdir(file):
            try:
                yield from files.blobs([file], limit=MAX_BLOB, follow=False)
            except UsageError:  # it has gone meanwhile
                continue


def _below(top: str) -> bytes:
    return os.fsencode(top.replace(os.sep, "/").rstrip("/") + "/")


def _is_inside(path: bytes) -> bool:
    """Whether a path from a tree leads to no place but below the top: a tree made by hand may hold `..`."""
    names = path.replace(b"\\", b"/").split(b"/")
    return bool(path) and not any(name in (b"", b".", b"..") or name.lower() == b".git" for name in names)
