"""The proof that values are gone: every object of the store is searched again, and every file of the git folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tightlip.git import inventory as stock
from tightlip.git.plumbing import Git
from tightlip.purge.forms import forms_of
from tightlip.purge.places import files_that_hold
from tightlip.purge.search import search
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
    unread: tuple[str, ...]
    """Ids of objects that could not be searched."""

    @property
    def holds(self) -> bool:
        """Whether nothing is left, and everything was searched."""
        return not (self.objects or self.names or self.files or self.refs or self.unread)

    def told(self) -> dict[str, Any]:
        """Return it for a report."""
        return {
            "holds": self.holds,
            "searched": self.searched,
            "objects": list(self.objects),
            "names": self.names,
            "files": list(self.files),
            "refs": self.refs,
            "unread": list(self.unread),
        }


def prove(git: Git, values: Sequence[Purged], *, jobs: int) -> Proof:
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
        unread=tuple(map(oid, sorted(found.unread))),
    )
