"""Which commit brought what where, and what reaches a commit: asked of what the objects themselves said."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.git.changes import HistoryChange
from tightlip.git.edges import GONE, SPARE, Commits, Edges
from tightlip.git.packs.forest import NONE
from tightlip.git.packs.index import Numbers
from tightlip.git.table import Table

Entries = frozenset[tuple[int, int]]
"""What of a tree matters: the label and the row of each child that leads to something asked for, or is it."""
_NOTHING: Entries = frozenset()


class _Asked(NamedTuple):
    """What is asked for."""

    rows: frozenset[int]
    labels: frozenset[int]
    entries: list[Entries]
    """By tree: what of it matters; one more at the end, for no tree."""


class Graph:
    """The commits and trees of a repository. Inside, both are counted, in the order in which they were given."""

    def __init__(self, table: Table, edges: Sequence[Edges], commits: Sequence[Commits]) -> None:
        """Parameters: what all units gave."""
        self._table = table
        self.malformed = [row for part in edges for row in part.malformed]
        self.names, self._labels, self._children, self._held = _united(edges)
        trees, bases, sizes = (np.concatenate([getattr(e, c) for e in edges]) for c in ("trees", "bases", "sizes"))
        self._rows = trees
        self._trees = _Places(len(table), trees)
        self._bases: list[int] = self._trees.of(bases).tolist()
        self._holders = np.repeat(np.arange(len(trees)), sizes)
        self._commits = Commits(*(np.concatenate(column) for column in zip(*commits, strict=True)))
        self._places = _Places(len(table), self._commits.rows)
        self._roots: list[int] = self._trees.of(self._commits.trees).tolist()
        self._parents, self._dates = self._family()
        self._tags = dict(zip(self._commits.tags.tolist(), self._commits.targets.tolist(), strict=True))
        self._asked: _Asked | None = None

    def _family(self) -> tuple[list[list[int]], Numbers]:
        """Return the parents of each commit, as far as they are there, and dates of which none is before a parent's."""
        counts = self._commits.counts
        parents = self._places.of(self._commits.parents)
        children = np.repeat(np.arange(len(counts)), counts)
        known = np.flatnonzero(parents >= 0)
        self._children_of, self._parents_of = children[known], parents[known]
        every, starts = parents.tolist(), (np.cumsum(counts) - counts).tolist()
        family = [every[start : start + count] for start, count in zip(starts, counts.tolist(), strict=True)]
        if len(known) < len(parents):
            family = [[parent for parent in each if parent >= 0] for each in family]
        return family, _corrected(self._commits.times, self._children_of, self._parents_of)

    def gathered(self) -> tuple[Edges, Commits]:
        """Return all that this was made of, as one part."""
        rows = np.append(self._rows, NONE)
        return Edges(
            names=self.names,
            labels=self._labels,
            children=self._children,
            trees=self._rows,
            bases=rows[np.array(self._bases, np.int64)],
            sizes=np.bincount(self._holders, minlength=len(self._rows)),
            held=self._held,
            malformed=self.malformed,
        ), self._commits

    @property
    def is_whole(self) -> bool:
        """Whether everything is there that a commit, a tree or a tag refers to."""
        commits = self._commits
        told = (self._children, commits.trees, commits.parents, commits.targets)
        return not any((rows == NONE).any() for rows in told)

    def peeled(self, row: int) -> int:
        """Return what a tag, or a tag of a tag, is of; of all else, itself."""
        while row in self._tags:
            row = self._tags[row]
        return row

    def is_commit(self, row: int) -> bool:
        """Whether it is a commit that could be read."""
        return self._places.at(row) >= 0

    def is_tree(self, row: int) -> bool:
        """Whether it is a tree that could be read."""
        return self._trees.at(row) >= 0

    def changes_of(self, rows: Collection[int], names: Collection[bytes], tips: Collection[int]) -> list[HistoryChange]:
        """Return each change that brought one of the objects to a path, or put one of the names there.

        Parameters: `tips`, the commits that refs lead to. Parents come before children, and what no tip reaches last.
        Of the objects that a change took away, only those that are asked for are told.
        """
        asked = self._ask(rows, names)
        found = {}
        for commit in self._changing(asked):
            others = [self._roots[parent] for parent in self._parents[commit]]
            brought = list(self._brought(asked, self._roots[commit], others))
            if brought:
                found[commit] = brought
        reached = self._reaching(list(found), self._places.among(tips))
        order = sorted(found, key=lambda commit: (not reached[commit], self._dates[commit], commit))
        rows_of = self._commits.rows.tolist()
        return [
            HistoryChange(self._oid(rows_of[commit]), path, self._oid(child), tuple(map(self._oid, old)))
            for commit in order
            for path, child, old in sorted(found[commit])
        ]

    def _changing(self, asked: _Asked) -> list[int]:
        """Return the commits in whose trees something matters, and not quite the same as in a parent's."""
        known: dict[Entries, int] = {_NOTHING: 0}
        numbers: dict[frozenset[tuple[int, int, bool]], int] = {}
        for entries in map(asked.entries.__getitem__, self._roots):
            if entries not in known:
                meaning = frozenset(self._meaning(asked, label, child) for label, child in entries)
                known[entries] = numbers.setdefault(meaning, len(numbers) + 1)
        versions = np.array([known[asked.entries[tree]] for tree in self._roots] or [0])
        unlike = versions > 0
        unlike[self._children_of[versions[self._children_of] == versions[self._parents_of]]] = False
        found: list[int] = np.flatnonzero(unlike).tolist()
        return found

    def _meaning(self, asked: _Asked, label: int, child: int) -> tuple[int, int, bool]:
        """Return what tells an entry from another one that has all the same below it."""
        below = asked.entries[self._trees.at(child)]
        if not below or child in asked.rows or label in asked.labels:
            return label, child, True
        return label, id(below), False

    def called(self, fits: Callable[[bytes], bool]) -> list[tuple[bytes, int]]:
        """Return the objects that a tree has under a name that fits, but for trees: names and rows."""
        wanted = np.zeros(len(self.names) + 1, np.bool_)
        wanted[[label for label, name in enumerate(self.names) if fits(name)]] = True
        at = wanted[self._labels] & (self._children >= 0)
        found = dict.fromkeys(zip(self._labels[at].tolist(), self._children[at].tolist(), strict=True))
        return [(self.names[label], row) for label, row in found if not self.is_tree(row)]

    def under(self, parts: Collection[bytes]) -> NDArray[np.bool_]:
        """Return, by row, which objects may have a path that holds one of `parts`, which are in lower case."""
        fits = np.zeros(len(self.names) + 1, np.bool_)
        fits[_holding(self.names, parts)] = True
        found = np.zeros(len(self._table) + SPARE, np.bool_)
        found[self._children[fits[self._labels]]] = True
        seen = np.zeros(len(self._rows), np.bool_)
        trees = np.flatnonzero(found[self._rows])
        while len(trees):
            seen[trees] = True
            children = self._children[self._held[seen[self._holders]]]
            found[children] = True
            next_ = np.zeros(len(self._rows) + 1, np.bool_)  # and one for no tree
            next_[[self._bases[tree] for tree in trees.tolist()]] = True
            next_[self._trees.of(children)] = True
            trees = np.flatnonzero(next_[:-1] & ~seen)
        return found[: len(self._table)]

    def paths_in(self, tree: int, rows: Collection[int], names: Collection[bytes]) -> list[tuple[bytes, str]]:
        """Return where in a tree the objects or names are: paths and ids."""
        asked = self._ask(rows, names)
        return [(path, self._oid(child)) for path, child, _ in self._brought(asked, self._trees.at(tree), [])]

    def leading_to(self, rows: Collection[int], names: Collection[bytes]) -> dict[int, Entries]:
        """Return what of each tree leads to one of the objects or names, or is it: by the tree's row, and not empty."""
        entries = self._ask(rows, names).entries
        return {row: found for row, found in zip(self._rows.tolist(), entries, strict=False) if found}

    def taken_out(
        self, groups: Sequence[Collection[int]], rows: Collection[int], names: Collection[bytes], tip: int
    ) -> list[int]:
        """Return for each group of objects the newest commit that has none of them where a parent had; -1 for no such.

        Parameters: `rows`, `names`, what was asked for before, so that it is known already, with all of the groups;
        `tip`, the commit whose history counts.
        """
        asked = self._ask(rows, names)
        held, versions = self._held_by(asked)
        unlike = versions[self._children_of] != versions[self._parents_of]
        children, parents = self._children_of[unlike], self._parents_of[unlike]
        counts = self._history_of(self._places.at(tip))[children]
        numbers: dict[int, list[int]] = {}
        for number, group in enumerate(groups):
            for row in group:
                numbers.setdefault(row, []).append(number)
        newest = [NONE] * len(groups)
        for child, parent in zip(children[counts].tolist(), parents[counts].tolist(), strict=True):
            now, before = held[versions[child]], held[versions[parent]]
            for number in {number for row in before - now for number in numbers.get(row, ())}:
                is_newer = newest[number] == NONE or self._dates[child] > self._dates[newest[number]]
                if is_newer and now.isdisjoint(groups[number]):
                    newest[number] = child
        return [int(self._commits.rows[commit]) if commit != NONE else NONE for commit in newest]

    def _held_by(self, asked: _Asked) -> tuple[list[frozenset[int]], Numbers]:
        """Return the sets of objects that commits hold of those asked for, and which of them each commit holds."""
        below: dict[Entries, frozenset[int]] = {_NOTHING: frozenset()}
        known: dict[frozenset[int], int] = {}
        of_entries: dict[Entries, int] = {}
        versions = []
        for root in self._roots:
            entries = asked.entries[root]
            version = of_entries.get(entries)
            if version is None:
                held = self._objects_below(asked, entries, below)
                version = of_entries[entries] = known.setdefault(held, len(known))
            versions.append(version)
        return list(known), np.array(versions, np.int64)

    def _objects_below(self, asked: _Asked, top: Entries, below: dict[Entries, frozenset[int]]) -> frozenset[int]:
        """Return the objects asked for that some entries lead to. `below` keeps what is known."""
        waiting = [top]
        while waiting:
            entries = waiting[-1]
            inner = [asked.entries[self._trees.at(child)] for _, child in entries]
            unknown = [it for it in inner if it not in below]
            if unknown:
                waiting += unknown
                continue
            waiting.pop()
            own = [child for _, child in entries if child in asked.rows]
            below[entries] = frozenset(own).union(*map(below.__getitem__, inner))
        return below[top]

    def _history_of(self, tip: int) -> NDArray[np.bool_]:
        """Return which commits a commit reaches, itself too."""
        reached = np.zeros(len(self._parents), np.bool_)
        waiting = [tip] if tip >= 0 else []
        while waiting:
            commit = waiting.pop()
            if not reached[commit]:
                reached[commit] = True
                waiting += self._parents[commit]
        return reached

    def history(self) -> Iterator[tuple[int, int, list[int]]]:
        """Yield each commit, its tree and its parents as far as they are there, by their rows; parents come first."""
        rows, trees = self._commits.rows.tolist(), self._commits.trees.tolist()
        for commit in np.argsort(self._dates, kind="stable").tolist():
            yield rows[commit], trees[commit], [rows[parent] for parent in self._parents[commit]]

    @property
    def tags(self) -> dict[int, int]:
        """What each annotated tag is of, by their rows; -1 for what is not there."""
        return self._tags

    def refs_reaching(self, commits: Collection[int], tips: Mapping[str, int]) -> dict[int, tuple[str, ...]]:
        """Return the names of the tips that reach each commit, sorted."""
        places = {name: self._places.at(tip) for name, tip in tips.items()}
        wanted = {self._places.at(commit): commit for commit in commits}
        reached = self._reaching(list(wanted), set(places.values()))
        return {
            commit: tuple(sorted(name for name, tip in places.items() if tip in reached[place]))
            for place, commit in wanted.items()
        }

    def _oid(self, row: int) -> str:
        return self._table.oid(row) if row >= 0 else ""

    def _ask(self, rows: Collection[int], names: Collection[bytes]) -> _Asked:
        wanted = set(names)
        key = frozenset(rows), frozenset(label for label, name in enumerate(self.names) if name in wanted)
        if self._asked is None or (self._asked.rows, self._asked.labels) != key:
            self._asked = _Asked(*key, self._entries(self._leading_to(*key)))
        return self._asked

    def _leading_to(self, rows: Collection[int], labels: Collection[int]) -> NDArray[np.bool_]:
        """Return which entries may lead to what is asked for: all that do, and some that do not."""
        sought = np.zeros(len(self.names) + 1, np.bool_)
        sought[list(labels)] = True
        matters = np.zeros(len(self._table) + SPARE, np.bool_)
        matters[list(rows)] = True
        named: NDArray[np.bool_] = sought[self._labels] & (self._children != GONE)
        count = -1
        while count != (count := int(matters.sum())):
            leads = np.zeros(len(self._rows) + 1, np.bool_)  # and one for no base
            leads[self._holders[(matters[self._children] | named)[self._held]]] = True
            flags = bytearray(leads.tobytes())
            for tree, base in enumerate(self._bases):
                if flags[base]:
                    flags[tree] = 1
            matters[self._rows[np.frombuffer(flags, np.bool_)[:-1]]] = True
        leading: NDArray[np.bool_] = matters[self._children] | named
        return leading

    def _entries(self, wanted: NDArray[np.bool_]) -> list[Entries]:
        """Return what of each tree matters: what its base has of it, but for the names that it lists itself."""
        met = np.zeros(len(self.names) + 1, np.bool_)
        met[self._labels[wanted]] = True
        rows = np.flatnonzero(met[self._labels][self._held])  # of names met with
        names, starts = self._labels[self._held[rows]].tolist(), self._starts(rows)
        rows = rows[wanted[self._held[rows]]]
        columns = (self._labels[self._held[rows]], self._children[self._held[rows]])
        new, new_starts = list(zip(*(column.tolist() for column in columns), strict=True)), self._starts(rows)
        found = [_NOTHING] * (len(self._rows) + 1)
        once: dict[Entries, Entries] = {}
        for tree, base in enumerate(self._bases):
            entries = found[base]
            if starts[tree] < starts[tree + 1]:
                listed = set(names[starts[tree] : starts[tree + 1]])
                own = new[new_starts[tree] : new_starts[tree + 1]]
                changed = frozenset([entry for entry in entries if entry[0] not in listed] + own)
                entries = once.setdefault(changed, changed)
            found[tree] = entries
        return found

    def _starts(self, rows: Numbers) -> list[int]:
        """Return where in some rows of `_held` those of each tree begin; one more at the end."""
        starts: list[int] = np.searchsorted(self._holders[rows], np.arange(len(self._rows) + 1)).tolist()
        return starts

    def _brought(self, asked: _Asked, tree: int, others: Sequence[int]) -> Iterator[tuple[bytes, int, list[int]]]:
        """Yield path, object, and the objects that were there before, of what a tree has and none of the others."""
        waiting = [(tree, list(others), b"")]
        while waiting:
            tree, others, folder = waiting.pop()
            before = [asked.entries[other] for other in others]
            for label, child in asked.entries[tree].difference(*before):
                path = folder + self.names[label]
                old = [was for entries in before for name, was in entries if name == label]
                if child in asked.rows or label in asked.labels:
                    yield path, child, [was for was in old if was >= 0]
                below = self._trees.at(child)
                if asked.entries[below]:
                    waiting.append((below, [self._trees.at(was) for was in old], path + b"/"))

    def _reaching(self, commits: Sequence[int], tips: Collection[int]) -> dict[int, set[int]]:
        """Return the tips that reach each commit.

        Each commit passes on to its children which of those asked for it comes after, a bit each.
        """
        bits = {commit: 1 << number for number, commit in enumerate(commits)}
        masks = [0] * len(self._parents)
        for commit in np.argsort(self._dates, kind="stable").tolist() if bits else ():
            mask = bits.get(commit, 0)
            for parent in self._parents[commit]:
                mask |= masks[parent]
            masks[commit] = mask
        ends = [(tip, masks[tip]) for tip in tips if tip >= 0 and masks[tip]]
        return {commit: {tip for tip, mask in ends if mask & bit} for commit, bit in bits.items()}


class _Places:
    """Where in a list of objects each is, by its row in the table; -1 for one that is not in the list."""

    def __init__(self, size: int, rows: Numbers) -> None:
        self._places = np.full(size + SPARE, NONE, np.int64)
        self._places[rows] = np.arange(len(rows))

    def of(self, rows: Numbers) -> Numbers:
        return self._places[rows]

    def at(self, row: int) -> int:
        return int(self._places[row])

    def among(self, rows: Collection[int]) -> set[int]:
        return set(self._places[list(rows)].tolist())


def _holding(names: Sequence[bytes], parts: Collection[bytes]) -> Numbers:
    """Return the places of the names that hold one of the parts, in whatever case. No name holds a NUL."""
    some = re.compile(b"|".join(map(re.escape, sorted(parts))) or b"(?!)")
    places = [match.start() for match in some.finditer(b"\0".join(names).lower())]
    ends = np.cumsum(np.fromiter(map(len, names), np.int64, len(names)) + 1)
    return np.searchsorted(ends, places, side="right")


def _corrected(times: Numbers, children: Numbers, parents: Numbers) -> Numbers:
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
