"""The proof that values are gone: every object of the store is searched again, and every file of the git folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tightlip.git import inventory as stock
from tightlip.git.inventory import Inventory
from tightlip.git.plumbing import Git
from tightlip.purge.forms import forms_of
from tightlip.purge.places import files_that_hold
from tightlip.purge.repository.roots import roots
from tightlip.purge.rewriting.affected import Affected
from tightlip.purge.rewriting.notes import PREFIX
from tightlip.purge.rewriting.paths import Parts
from tightlip.purge.search import Found, search
from tightlip.purge.values import Purged


@dataclass(frozen=True, slots=True)
class Proof:
    """What still holds a value."""

    searched: int
    """Objects that were searched."""
    objects: tuple[str, ...]
    """Ids of blobs, commits and tags."""
    names: int
    """Names of files and folders."""
    files: tuple[str, ...]
    """Files of the git folder."""
    refs: int
    """Refs whose own name holds a value."""
    paths: tuple[str, ...]
    """Paths that were to be taken out, and that something a ref leads to still has."""
    unread: tuple[str, ...]
    """Ids of objects that could not be searched."""

    @property
    def holds(self) -> bool:
        """Whether nothing is left, and everything was searched."""
        return not (self.objects or self.names or self.files or self.refs or self.paths or self.unread)

    def told(self) -> dict[str, Any]:
        """Return it for a report."""
        return {
            "holds": self.holds,
            "searched": self.searched,
            "objects": list(self.objects),
            "names": self.names,
            "files": list(self.files),
            "refs": self.refs,
            "paths": list(self.paths),
            "unread": list(self.unread),
        }


def prove(git: Git, values: Sequence[Purged], deleted: Sequence[Parts] = (), *, jobs: int) -> Proof:
    """Search a repository once more, with all that it holds now. Raises `GitError` or `OSError`."""
    inventory = stock.take(git)
    found = search(git, inventory, values, jobs=jobs)
    files = files_that_hold(git, forms_of(values))
    oid = inventory.table.oid
    return Proof(
        searched=len(inventory.table) - len(found.unread),
        objects=tuple(map(oid, sorted(found.held))),
        names=len(found.names),
        files=files.beside_refs(),
        refs=len(files.refs),
        paths=tuple(_left(git, inventory, found, deleted)) if deleted else (),
        unread=tuple(map(oid, sorted(found.unread))),
    )


def _left(git: Git, inventory: Inventory, found: Found, deleted: Sequence[Parts]) -> Iterator[str]:
    """Yield the paths that something still has that a ref, a HEAD or a stash leads to, other than notes."""
    start, rows = roots(git), inventory.table.rows
    notes = rows(bytes.fromhex("".join(oid for name, oid in start.refs.items() if name.startswith(PREFIX))))
    every = rows(bytes.fromhex("".join(start.oids())))
    paths = Affected(inventory, found, {*every.tolist()} - {-1}, {*notes.tolist()} - {-1}, deleted).paths
    yield from (b"/".join(path).decode("utf-8", "surrogateescape") for path in deleted if paths.having(path))
