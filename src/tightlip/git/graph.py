"""Which commit brought what where, and what reaches a commit: asked of what the objects themselves said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.git.changes import HistoryChange
from tightlip.git.edges import Commits, Edges
from tightlip.git.packs.forest import NONE
from tightlip.git.packs.index import Numbers
from tightlip.git.table import Table

_Entries = frozenset[tuple[int, int]]
"""What of a tree matters: the label and the row of each child that leads to something asked for, or is it."""
_NOTHING: _Entries = frozenset()
_Listed = tuple[set[int], list[tuple[int, int]]]


class _Asked(NamedTuple):
    """What is asked for."""

    rows: frozenset[int]
    labels: frozenset[int]
    entries: dict[int, _Entries]
    """By tree: what of it matters; trees without such entries are left out."""


class Graph:
    """The commits and trees of a repository."""

    def __init__(self, table: Table, edges: Sequence[Edges], commits: Sequence[Commits]) -> None:
        """Parameters: what all units gave."""
        self._table = table
        self.names, self._labels, self._children, self._held = _united(edges)
        self.malformed = [row for part in edges for row in part.malformed]
        trees, bases, sizes = (np.concatenate([getattr(e, c) for e in edges]) for c in ("trees", "bases", "sizes"))
        self._trees, self._bases, self._holders = trees.tolist(), bases.tolist(), np.repeat(trees, sizes)
        self._commits = Commits(*(np.concatenate(column) for column in zip(*commits, strict=True)))
        first = np.cumsum(self._commits.counts) - self._commits.counts
        parents = self._commits.parents.tolist()
        self._parents = {
            row: [parent for parent in parents[at : at + count] if parent >= 0]
            for row, at, count in zip(
                *(c.tolist() for c in (self._commits.rows, first, self._commits.counts)), strict=True
            )
        }
        self._asked: _Asked | None = None
        self._dates, self._order = self._dated()
        self._tree_of = dict(zip(self._commits.rows.tolist(), self._commits.trees.tolist(), strict=True))

    def _dated(self) -> tuple[dict[int, int], list[int]]:
        """Return a date for each commit, and the commits with parents before children."""
        rows, parents = self._commits.rows, self._commits.parents
        sorted_ = np.argsort(rows)
        at = np.searchsorted(rows[sorted_], parents)
        at = sorted_[np.minimum(at, max(len(rows) - 1, 0))] if len(rows) else at
        known = np.flatnonzero(rows[at] == parents) if len(rows) else at
        children = np.repeat(np.arange(len(rows)), self._commits.counts)
        dates = _corrected_dates(self._commits.times, children[known], at[known])
        return dict(zip(rows.tolist(), dates.tolist(), strict=True)), rows[np.lexsort((rows, dates))].tolist()

    @property
    def is_whole(self) -> bool:
        """Whether everything is there that a commit or a tree refers to."""
        return not any((rows == NONE).any() for rows in (self._children, self._commits.trees, self._commits.parents))

    def changes_of(self, rows: Collection[int], names: Collection[bytes], tips: Collection[int]) -> list[HistoryChange]:
        """Return each change that brought one of the objects to a path, or put one of the names there.

        Parameters: `tips`, the commits that refs lead to. Parents come before children, and what no tip reaches last.
        """
        asked = self._ask(rows, names)
        if not asked.entries:
            return []
        found: dict[int, list[tuple[bytes, int, list[int]]]] = {}
        for commit, tree in self._tree_of.items():
            entries = asked.entries.get(tree)
            others = [self._tree_of[parent] for parent in self._parents[commit] if parent in self._tree_of]
            if entries and all(asked.entries.get(other) is not entries for other in others):
                brought = list(self._brought(asked, tree, others))
                if brought:
                    found[commit] = brought
        reached = self._reaching(found, tips)
        order = sorted(found, key=lambda commit: (not reached[commit], self._dates[commit], commit))
        return [
            HistoryChange(self._table.oid(commit), path, self._oid(child), tuple(map(self._table.oid, old)))
            for commit in order
            for path, child, old in found[commit]
        ]

    def paths_in(self, tree: int, rows: Collection[int], names: Collection[bytes]) -> list[tuple[bytes, str]]:
        """Return where in a tree the objects or names are: paths and ids."""
        return [(path, self._oid(child)) for path, child, _ in self._brought(self._ask(rows, names), tree, [])]

    def refs_reaching(self, commits: Collection[int], tips: Mapping[str, int]) -> dict[int, tuple[str, ...]]:
        """Return the names of the tips that reach each commit, sorted."""
        reached = self._reaching(commits, set(tips.values()))
        return {commit: tuple(sorted(n for n, tip in tips.items() if tip in reached[commit])) for commit in commits}

    def _oid(self, row: int) -> str:
        return self._table.oid(row) if row >= 0 else ""

    def _ask(self, rows: Collection[int], names: Collection[bytes]) -> _Asked:
        wanted = set(names)
        key = frozenset(rows), frozenset(label for label, name in enumerate(self.names) if name in wanted)
        if self._asked is None or (self._asked.rows, self._asked.labels) != key:
            matters, sought = self._leading_to(*key)
            self._asked = _Asked(*key, self._entries(matters, sought))
        return self._asked

    def _leading_to(
        self, rows: Collection[int], labels: Collection[int]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which objects may lead to what is asked for (all that do, and some that do not), and which entries may."""
        sought = np.zeros(len(self.names) + 1, np.bool_)
        sought[list(labels)] = True
        matters = np.zeros(len(self._table) + 2, np.bool_)  # and two for what is not there
        matters[list(rows)] = True
        count = -1
        while count != (count := int(matters.sum())):
            wanted = matters[self._children] | sought[self._labels]
            leads = bytearray(len(self._table) + 1)  # and one for no base
            for tree in np.unique(self._holders[wanted[self._held]]).tolist():
                leads[tree] = 1
            for tree, base in zip(self._trees, self._bases, strict=True):
                if leads[base]:
                    leads[tree] = 1
            matters[: len(self._table)] |= np.frombuffer(leads, np.bool_)[:-1]
        return matters, matters[self._children] | sought[self._labels]

    def _entries(self, matters: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> dict[int, _Entries]:
        """Return what of each tree matters: what its base has of it, but for the names that it lists itself."""
        met = np.zeros(len(self.names) + 1, np.bool_)
        met[self._labels[wanted]] = True
        own = self._listed(met, wanted)
        found: dict[int, _Entries] = {}
        for tree, base in zip(self._trees, self._bases, strict=True):
            entries = found.get(base, _NOTHING)
            if tree in own:
                names, new = own[tree]
                changed = frozenset([entry for entry in entries if entry[0] not in names] + new)
                entries = entries if changed == entries else changed
            if entries:
                found[tree] = entries
        return found

    def _listed(self, met: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> dict[int, _Listed]:
        """Return, by tree, the names that it lists of those met with, and the entries of these that are wanted."""
        rows = np.flatnonzero(met[self._labels][self._held])
        entries = self._held[rows]
        columns = (self._holders[rows], self._labels[entries], self._children[entries], wanted[entries])
        found: dict[int, _Listed] = {}
        for tree, label, child, is_wanted in zip(*(column.tolist() for column in columns), strict=True):
            known = found.get(tree)
            if known is None:
                known = found[tree] = (set(), [])
            known[0].add(label)
            if is_wanted:
                known[1].append((label, child))
        return found

    def _brought(self, asked: _Asked, tree: int, others: Sequence[int]) -> Iterator[tuple[bytes, int, list[int]]]:
        """Yield path, object, and the objects that were there before, of what a tree has and none of the others."""
        waiting = [(tree, list(others), b"")]
        while waiting:
            tree, others, folder = waiting.pop()
            before = [asked.entries.get(other, _NOTHING) for other in others]
            for label, child in asked.entries.get(tree, _NOTHING).difference(*before):
                path = folder + self.names[label]
                old = [was for entries in before for name, was in entries if name == label]
                if child in asked.rows or label in asked.labels:
                    yield path, child, [was for was in old if was >= 0]
                if child in asked.entries:
                    waiting.append((child, old, path + b"/"))

    def _reaching(self, commits: Collection[int], tips: Collection[int]) -> dict[int, set[int]]:
        """Return the tips that reach each commit.

        Each commit passes on to its children which of those asked for it comes after, a bit each.
        """
        bits = {commit: 1 << i for i, commit in enumerate(commits)}
        masks: dict[int, int] = {}
        for commit in self._order if bits else ():
            mask = bits.get(commit, 0)
            for parent in self._parents[commit]:
                if parent in masks:
                    mask |= masks[parent]
            if mask:
                masks[commit] = mask
        return {commit: {tip for tip in tips if masks.get(tip, 0) & bit} for commit, bit in bits.items()}


def _corrected_dates(times: Numbers, children: Numbers, parents: Numbers) -> Numbers:
    """Return dates of which none is before that of a parent: clocks go wrong."""
    dates: Numbers = times.copy()
    while True:
        late = np.flatnonzero(dates[children] <= dates[parents])
        if not len(late):
            return dates
        np.maximum.at(dates, children[late], dates[parents[late]] + 1)


def _united(edges: Sequence[Edges]) -> tuple[list[bytes], Numbers, Numbers, Numbers]:
    """Put together what the units gave, each of which has counted names and entries in its own way."""
    labels: dict[bytes, int] = {}
    columns: list[tuple[Numbers, ...]] = []
    entries = 0
    for part in edges:
        own = np.array([labels.setdefault(name, len(labels)) for name in part.names] or [0], np.int64)
        columns.append((own[part.labels], part.children, part.held + np.uint32(entries)))
        entries += len(part.labels)
    return list(labels), *(np.concatenate(column) for column in zip(*columns, strict=True))  # type: ignore[return-value]
