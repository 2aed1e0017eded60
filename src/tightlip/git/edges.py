"""What objects say of each other, gathered as they are read: trees of their children, commits of theirs.

A tree that is a delta tells only what it has more and less than its base, so that the millions of entries that trees
have in common are never looked at.
"""

from __future__ import annotations

import re
from array import array
from binascii import a2b_hex
from typing import NamedTuple

import numpy as np

from tightlip.git.packs.forest import NONE
from tightlip.git.packs.index import Numbers
from tightlip.git.table import Table
from tightlip.git.trees import Trees, differences

ELSEWHERE = -2
_MOST_TWINS = 256


class _Twin(NamedTuple):
    """A tree that another of its length may be told as a change of."""

    row: int
    content: bytes
    longest: int
    """No entry of it has more bytes."""


class Edges(NamedTuple):
    """What trees have. Entries are counted, and of each tree only those are listed that its base does not have.

    One that is listed may be one that the base has too; it takes the place of what the base has of that name.
    """

    names: list[bytes]
    labels: Numbers
    """By entry: its name, by the place in `names`."""
    children: Numbers
    """By entry: the object. -1 where it is not there, -2 for a submodule's commit, which is not meant to be."""
    trees: Numbers
    """All trees, each after its base."""
    bases: Numbers
    """By tree, as in `trees`: the one that it is told as a change of; -1 where all of its entries are listed."""
    sizes: Numbers
    """By tree: how many entries of it are listed in `held`."""
    held: Numbers
    """Entries: those of the first tree, then those of the next."""
    malformed: list[int]
    """Trees that could not be taken apart to their end."""


class Commits(NamedTuple):
    """Commits, a row each."""

    rows: Numbers
    times: Numbers
    """The committer's date, in seconds since 1970."""
    trees: Numbers
    parents: Numbers
    """The parents of the first, then those of the next; -1 for one that is not there, as for trees."""
    counts: Numbers
    """How many parents each has."""
    tags: Numbers
    """Annotated tags, and"""
    targets: Numbers
    """what they are of; -1 for one that is not there."""


class Gathering:
    """Gathers what trees and commits say."""

    def __init__(self, table: Table) -> None:
        self._table, self._trees = table, Trees(table.width)
        oid = b"[0-9a-f]{%d}" % (2 * table.width)
        self._head = re.compile(
            b"tree (" + oid + b")\n((?:parent " + oid + b"\n)*)(?:author [^\n]*\ncommitter [^\n]*> ([0-9]{1,12}) )?"
        )
        self._tagged = re.compile(b"object (" + oid + b")\n")
        self._tags = array("q")
        self._targets: list[bytes] = []
        self._entries = _Counted()
        self._all, self._bases, self._sizes, self._held = array("q"), array("q"), array("q"), array("I")
        self._twins: dict[int, _Twin] = {}
        self._malformed: list[int] = []
        self._longest = 0
        self._commits, self._times, self._counts = array("q"), array("q"), array("q")
        self._roots: list[bytes] = []
        self._parents: list[bytes] = []

    def begin(self) -> None:
        """Forget how long entries may be: the next tree is not made of one before."""
        self._longest = 0

    def tree(self, row: int, content: bytes) -> None:
        """Note the entries of a tree: those in which it differs from the last one of its length, or all."""
        twin = self._twins.get(len(content))
        spans = differences(twin.content, content) if twin else None
        if twin and spans is not None:
            self._longest = max(self._longest, twin.longest)
            self.replaced(row, twin.row, twin.content, content, spans)
        else:
            self._alone(row, content)
        if len(self._twins) == _MOST_TWINS:
            self._twins.clear()
        self._twins[len(content)] = _Twin(row, content, self._longest)

    def replaced(self, row: int, base_row: int, base: bytes, own: bytes, spans: list[tuple[int, int]]) -> None:
        """Note the entries of a tree in the spans in which it differs from one that has as many bytes."""
        entries = self._trees.replaced(base, own, spans, self._longest)
        if entries is None:
            self._alone(row, own)
        else:
            self._add(row, base_row, entries)

    def _alone(self, row: int, content: bytes) -> None:
        entries = self._trees.entries(content)
        self._add(row, NONE, entries)
        if entries:
            self._longest = max(self._longest, len(max(entries, key=len)))
        if len(b"".join(entries)) != len(content):
            self._malformed.append(row)

    def _add(self, row: int, base: int, entries: list[bytes]) -> None:
        self._all.append(row)
        self._bases.append(base)
        self._sizes.append(len(entries))
        self._held.extend(map(self._entries.__getitem__, entries))

    def commit(self, row: int, content: bytes) -> None:
        """Note a commit's tree and parents. What is not in the form of a commit has neither."""
        match = self._head.match(content)
        if match is None:
            return
        self._commits.append(row)
        self._roots.append(match[1])
        parents = match[2].replace(b"parent ", b"").replace(b"\n", b"")
        self._parents.append(parents)
        self._counts.append(len(parents) // (2 * self._table.width))
        self._times.append(int(match[3] or 0))

    def tag(self, row: int, content: bytes) -> None:
        """Note what an annotated tag is of."""
        match = self._tagged.match(content)
        if match:
            self._tags.append(row)
            self._targets.append(match[1])

    def done(self) -> tuple[Edges, Commits]:
        """Return what was gathered."""
        labels = _Counted()
        parsed = [self._trees.parsed(entry) for entry in self._entries]
        edges = Edges(
            labels=np.array([labels[name] for name, _ in parsed], np.int64),
            children=self._children([oid for _, oid in parsed]),
            trees=_numbers(self._all),
            bases=_numbers(self._bases),
            sizes=_numbers(self._sizes),
            held=np.array(self._held, np.uint32),
            names=list(labels),
            malformed=self._malformed,
        )
        roots, parents, targets = (
            self._table.rows(a2b_hex(b"".join(ids))) for ids in (self._roots, self._parents, self._targets)
        )
        return edges, Commits(
            rows=_numbers(self._commits),
            times=_numbers(self._times),
            trees=roots,
            parents=parents,
            counts=_numbers(self._counts),
            tags=_numbers(self._tags),
            targets=targets,
        )

    def _children(self, oids: list[bytes]) -> Numbers:
        children = self._table.rows(b"".join(oids))
        for entry in np.flatnonzero(children == NONE).tolist():
            if not any(oids[entry]):
                children[entry] = ELSEWHERE
        return children


class _Counted(dict[bytes, int]):
    """Gives each thing that it is asked for the next number."""

    def __missing__(self, key: bytes) -> int:
        number = self[key] = len(self)
        return number


def _numbers(values: array[int]) -> Numbers:
    return np.array(values, np.int64)
