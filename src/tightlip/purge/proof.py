"""The proof that values are gone: every object of the store is searched again, and every file of the git folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
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
    unsearched: Mapping[str, Sequence[str]]
    """Blobs, by their ids, and files with an archive that could not be searched to its end, and why."""
    unplanned: tuple[str, ...]
    """Those of them that the plan has not named."""

    @property
    def holds(self) -> bool:
        """Whether nothing is left, and everything was searched, but for what the plan has named before."""
        found = self.objects or self.names or self.files or self.refs or self.paths
        return not (found or self.unread or self.unplanned)

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
            "unsearched": [{"what": what, "why": list(why)} for what, why in self.unsearched.items()],
            "unplanned": list(self.unplanned),
        }


def prove(
    git: Git, values: Sequence[Purged], deleted: Sequence[Parts] = (), planned: Collection[str] = (), *, jobs: int
) -> Proof:
    """Search a repository once more, with all that it holds now. Raises `GitError` or `OSError`.

    Parameters: `deleted`, paths that were to go; `planned`, what the plan has said could not be searched to its end.
    """
    inventory = stock.take(git)
    found = search(git, inventory, values, jobs=jobs)
    files = files_that_hold(git, forms_of(values))
    oid = inventory.table.oid
    unsearched = dict(sorted((oid(row), why) for row, why in found.unsearched.items())) | {**files.unsearched}
    return Proof(
        searched=len(inventory.table) - len(found.unread),
        objects=tuple(map(oid, sorted(found.held))),
        names=len(found.names),
        files=files.beside_refs(),
        refs=len(files.refs),
        paths=tuple(_left(git, inventory, found, deleted)) if deleted else (),
        unread=tuple(map(oid, sorted(found.unread))),
        unsearched=unsearched,
        unplanned=tuple(each for each in unsearched if each not in planned),
    )


def _left(git: Git, inventory: Inventory, found: Found, deleted: Sequence[Parts]) -> Iterator[str]:
    """Yield the paths that something still has that a ref, a HEAD or a stash leads to, other than notes."""
    start, rows = roots(git), inventory.table.rows
    notes = rows(bytes.fromhex("".join(oid for name, oid in start.refs.items() if name.startswith(PREFIX))))
    every = rows(bytes.fromhex("".join(start.oids())))
    paths = Affected(inventory, found, {*every.tolist()} - {-1}, {*notes.tolist()} - {-1}, deleted).paths
    yield from (b"/".join(path).decode("utf-8", "surrogateescape") for path in deleted if paths.having(path))
