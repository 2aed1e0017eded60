"""Which objects of a history have to be rewritten, as far as that can be said before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tightlip.git.edges import SPARE
from tightlip.git.graph import Entries
from tightlip.git.inventory import Inventory
from tightlip.git.packs.entries import BLOB
from tightlip.purge.rewriting.paths import Parts, Paths
from tightlip.purge.search import Found

Commit = tuple[int, int, list[int]]
"""A commit, its tree, and its parents."""

_SHORT = 7
"""Digits of an id that are enough to name a commit in a message, as git shortens it."""


class Affected:
    """What has to be rewritten. Objects are told by their rows in the inventory."""

    def __init__(
        self,
        inventory: Inventory,
        found: Found,
        roots: Collection[int],
        notes: Collection[int] = (),
        deleted: Sequence[Parts] = (),
    ) -> None:
        """Parameters: `roots`, the objects that refs, HEADs and the stash lead to; `notes`, those of refs of notes.

        `deleted`, paths that are taken out of all that is no note.
        """
        self._inventory, self._found, graph = inventory, found, found.graph
        self._history = list(graph.history())
        dirty = [row for row, kind in found.kinds.items() if kind == BLOB and row not in found.stuck]
        self.leading: Mapping[int, Entries] = graph.leading_to(dirty, found.names)
        """By tree, which entries have another id or name."""
        self.meaning = Meaning(inventory, (row for row, *_ in self._history))
        self.reached = self._reached(roots)
        self.notes = self._reached(notes) - self._reached({*roots} - {*notes}) if notes else set()
        """Commits of notes: a note is under the id of a commit."""
        self.paths = Paths(graph, deleted, self._tops(roots))
        self.commits = self._commits(self.reached - self.notes, self.leading.keys() | self.paths.changing, ())
        self.commits += self._commits(self.notes, self._keyed(dirty), self.commits) if self.notes else []
        """The commits that change, with their trees and parents; parents come first, and notes last."""
        self.tags = list(self._tags(roots))
        """The tags that change; a tag of a tag comes after that."""
        tops = {tree for _, tree, _ in self.commits} | {graph.peeled(root) for root in roots}
        kept = (tops - self.paths.changing) | self.paths.kept(self.leading)
        below = Below(len(inventory.table), self.leading, kept)
        self.heights = below.heights
        """The trees that change, and how far each is above what it changes for."""
        self.blobs = [row for row in dirty if below.reached[row]]

    @cached_property
    def trees(self) -> dict[int, int]:
        """The tree of each commit that changes."""
        return {row: tree for row, tree, _ in self.commits}

    def changing(self) -> set[int]:
        """Return all objects that change."""
        return (
            {row for row, *_ in self.commits} | {*self.tags} | self.heights.keys() | {*self.blobs} | self.paths.changing
        )

    def first(self) -> list[int]:
        """Return the commits that change and of whose parents none does."""
        changing = {row for row, *_ in self.commits}
        return [row for row, _, parents in self.commits if changing.isdisjoint(parents)]

    def _tops(self, roots: Iterable[int]) -> set[int]:
        """Return the trees that paths begin in: those of commits, and what a ref or a tag leads to beside commits."""
        own = self.reached - self.notes
        return {tree for row, tree, _ in self._history if row in own} | {*map(self._found.graph.peeled, roots)}

    def _reached(self, roots: Iterable[int]) -> set[int]:
        """Return the commits that the roots reach."""
        family = {row: parents for row, _, parents in self._history}
        waiting = [row for row in map(self._found.graph.peeled, roots) if row in family]
        reached: set[int] = set()
        while waiting:
            row = waiting.pop()
            if row not in reached:
                reached.add(row)
                waiting += family[row]
        return reached

    def _commits(self, among: Collection[int], trees: Collection[int], known: Iterable[Commit]) -> list[Commit]:
        """Return the commits that change. Parameters: `trees`, those that do; `known`, commits that do."""
        changing, found = {row for row, *_ in known}, []
        for row, tree, parents in self._history:
            if row in among and (
                tree in trees
                or row in self._found.held
                or not changing.isdisjoint(parents)
                or any(self.meaning.of(word) in changing for word in self._found.named.get(row, ()))
            ):
                changing.add(row)
                found.append((row, tree, parents))
        return found

    def _keyed(self, dirty: Collection[int]) -> Collection[int]:
        """Return the trees that change, also those with a note of a commit that does; it is in folders by its id."""
        oids = [self._inventory.table.oid(row).encode() for row, *_ in self.commits]
        ends = {oid[cut:] for oid in oids for cut in range(0, 10, 2)}
        return self._found.graph.leading_to(dirty, {*self._found.names, *ends}) if oids else self.leading

    def _tags(self, roots: Iterable[int]) -> Iterable[int]:
        graph, held = self._found.graph, self._found.held
        changing = (
            {row for row, *_ in self.commits}
            | self.leading.keys()
            | self.paths.changing
            | (held.keys() - self._found.stuck)
        )
        seen: set[int] = set()
        for root in roots:
            for tag in reversed([*_tags_from(root, graph.tags)]):
                if tag not in seen and (graph.tags[tag] in changing or tag in held):
                    changing.add(tag)
                    yield tag
                seen.add(tag)


def _tags_from(row: int, tags: Mapping[int, int]) -> Iterable[int]:
    """Yield a tag, what it is of if that is a tag, and so on."""
    while row in tags:
        yield row
        row = tags[row]


class Meaning:
    """Which commit an id stands for that a message names, in full or by its beginning."""

    def __init__(self, inventory: Inventory, commits: Iterable[int]) -> None:
        self._commits: dict[bytes, list[tuple[bytes, int]]] = {}
        for row in commits:
            oid = inventory.table.oid(row).encode()
            self._commits.setdefault(oid[:_SHORT], []).append((oid, row))

    def of(self, word: bytes) -> int | None:
        """Return the row of the one commit whose id begins so; None where there is none, or more than one."""
        found = [row for oid, row in self._commits.get(word[:_SHORT], ()) if oid.startswith(word)]
        return found[0] if len(found) == 1 else None


class Below:
    """What is below some trees, and leads to something."""

    def __init__(self, rows: int, leading: Mapping[int, Entries], tops: Collection[int]) -> None:
        """Parameters: `rows`, how many objects there are; `leading`, as `Affected` has it."""
        trees = np.fromiter(leading, np.int64, len(leading))
        sizes = np.fromiter(map(len, leading.values()), np.int64, len(leading))
        children = np.fromiter((child for entries in leading.values() for _, child in entries), np.int64, sizes.sum())
        self._starts, self._trees = np.cumsum(sizes) - sizes, trees  # none is empty
        self._holders, self._children = np.repeat(trees, sizes), children
        self.reached = self._reach(rows, tops)
        """By row, whether it is one of the trees, or below one; a place more for what is not there."""
        self.heights = self._heights(rows)
        """How far each of the trees reached is above what it leads to: 1 and more."""

    def _reach(self, rows: int, tops: Collection[int]) -> NDArray[np.bool_]:
        reached = np.zeros(rows + SPARE, np.bool_)
        reached[list(tops)] = True
        count = -1
        while count != (count := int(reached.sum())):
            reached[self._children[reached[self._holders]]] = True
        return reached

    def _heights(self, rows: int) -> dict[int, int]:
        heights = np.zeros(rows + SPARE, np.int64)
        before = None
        while len(self._trees) and (before is None or not np.array_equal(before, heights[self._trees])):
            before = heights[self._trees]
            heights[self._trees] = 1 + np.maximum.reduceat(heights[self._children], self._starts)
        trees = self._trees[self.reached[self._trees]]
        return dict(zip(trees.tolist(), heights[trees].tolist(), strict=True))
