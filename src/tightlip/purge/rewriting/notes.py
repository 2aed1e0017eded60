"""Notes of commits that are rewritten: a note is kept under its commit's id, which is another one now."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tightlip.git.objects import ObjectReader
from tightlip.purge.rewriting import trees
from tightlip.purge.rewriting.trees import Entry

PREFIX = "refs/notes/"


class _Note(NamedTuple):
    parts: tuple[bytes, ...]
    """The folders that it lies in, and its name: together the id of a commit, or some other path."""
    mode: bytes
    oid: bytes


class New(NamedTuple):
    """What becomes of what a tree of notes has."""

    commit: Callable[[bytes], bytes | None]
    """Gives the new id of a commit, in hexadecimal; None for one that stays."""
    blob: Callable[[bytes], bytes | None]
    """Gives the new id of a blob; None for one that stays."""
    name: Callable[[bytes], bytes]
    """Gives the name of a file that is no note without a value."""


class Notes:
    """Trees of notes under new ids."""

    def __init__(self, objects: ObjectReader, width: int, new: New, write: Callable[[bytes], bytes]) -> None:
        """Parameters: `width`, the bytes of an id; `write`, writes a tree and returns its id."""
        self._objects, self._width, self._new, self._write = objects, width, new, write
        self._known: dict[bytes, list[_Note]] = {}

    def rewritten(self, tree: bytes) -> bytes | None:
        """Return the id of a tree with its notes under new ids; None where it stays as it is."""
        notes = self._notes(tree)
        moved = [self._moved(note) for note in notes]
        return None if moved == notes else self._tree(moved)

    def _notes(self, tree: bytes) -> list[_Note]:
        if tree not in self._known:
            found = []
            for entry in trees.entries(self._objects.read(tree.hex()), self._width):
                if entry.is_folder:
                    below = self._notes(entry.oid)
                    found += [note._replace(parts=(entry.name, *note.parts)) for note in below]
                else:
                    found.append(_Note((entry.name,), entry.mode, entry.oid))
            self._known[tree] = found
        return self._known[tree]

    def _moved(self, note: _Note) -> _Note:
        new = self._new.commit(b"".join(note.parts))
        parts = tuple(map(self._new.name, note.parts)) if new is None else _cut(new, note.parts)
        return _Note(parts, note.mode, self._new.blob(note.oid) or note.oid)

    def _tree(self, notes: list[_Note]) -> bytes:
        """Write a tree, and those in it, and return its id."""
        folders: dict[bytes, list[_Note]] = {}
        found = []
        for note in notes:
            if len(note.parts) == 1:
                found.append(Entry(note.mode, note.parts[0], note.oid))
            else:
                folders.setdefault(note.parts[0], []).append(note._replace(parts=note.parts[1:]))
        found += [Entry(b"40000", name, self._tree(below)) for name, below in folders.items()]
        return self._write(trees.joined(trees.named_apart(found)))


def _cut(key: bytes, like: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Cut an id into parts that are as long as others."""
    parts, at = [], 0
    for part in like:
        parts.append(key[at : at + len(part)])
        at += len(part)
    return tuple(parts)
