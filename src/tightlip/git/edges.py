"""What objects say of each other, gathered as they are read: trees of their children, commits of theirs.

A tree that is a delta tells only what it has more and less than its base, so that the millions of entries that trees
have in common are never looked at.
"""

from __future__ import annotations

import random
import re
from array import array
from binascii import a2b_hex
from typing import NamedTuple

import numpy as np

from tightlip.git import listing
from tightlip.git.native import Listing
from tightlip.git.packs.forest import NONE
from tightlip.git.packs.index import Bytes, Numbers
from tightlip.git.packs.read import Reader
from tightlip.git.table import Table

ELSEWHERE = -2
GONE = -3
SPARE = 3
"""How many of these there are: NONE, ELSEWHERE, GONE. An array by row has so many places more at its end."""


class Edges(NamedTuple):
    """What trees have. Entries are counted, and of each tree only those are listed that its base does not have.

    One that is listed may be one that the base has too; it takes the place of what the base has of that name.
    """

    names: list[bytes]
    labels: Numbers
    """By entry: its name, by the place in `names`."""
    children: Numbers
    """By entry: the object. -1 where it is not there, -2 for a submodule's commit, which is not meant to be, and -3 for
    none: the base has something of that name, the tree has not."""
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
        self._table = table
        oid = b"[0-9a-f]{%d}" % (2 * table.width)
        self._head = re.compile(
            b"tree (" + oid + b")\n((?:parent " + oid + b"\n)*)(?:author [^\n]*\ncommitter [^\n]*> ([0-9]{1,12}) )?"
        )
        self._parent = len(b"parent \n") + 2 * table.width  # bytes of the line
        self._tagged = re.compile(b"object (" + oid + b")\n")
        self._tags = array("q")
        self._targets: list[bytes] = []
        self._listing = Listing(table.width, random.getrandbits(64))
        self._malformed: list[int] = []
        self._commits, self._times, self._counts = array("q"), array("q"), array("q")
        self._roots: list[bytes] = []
        self._parents: list[bytes] = []

    def trees(self, reader: Reader, unit: Numbers) -> None:
        """Read the trees of a unit and note their entries."""
        for row, base, before, _, content in reader.objects(unit):
            if base == NONE:
                self.tree(row, content)
            elif not self._listing.changed(row, content, base, before):
                self._malformed.append(row)

    def tree(self, row: int, content: bytes) -> None:
        """Note the entries of a tree."""
        if not self._listing.whole(row, content):
            self._malformed.append(row)

    def commit(self, row: int, content: bytes) -> None:
        """Note a commit's tree and parents. What is not in the form of a commit has neither."""
        match = self._head.match(content)
        if match is None:
            return
        tree, parents, time = match.groups()
        self._commits.append(row)
        self._roots.append(tree)
        self._parents.append(parents)
        self._counts.append(len(parents) // self._parent)
        self._times.append(int(time or 0))

    def tag(self, row: int, content: bytes) -> None:
        """Note what an annotated tag is of."""
        match = self._tagged.match(content)
        if match:
            self._tags.append(row)
            self._targets.append(match[1])

    def done(self) -> tuple[Edges, Commits]:
        """Return what was gathered."""
        names, labels, oids, kinds, *columns = self._listing.done()
        trees, bases, sizes = (np.frombuffer(column, np.int64) for column in columns[:3])
        edges = Edges(
            names=names,
            labels=np.frombuffer(labels, np.int64),
            children=self._children(oids, np.frombuffer(kinds, np.uint8)),
            trees=trees,
            bases=bases,
            sizes=sizes,
            held=np.frombuffer(columns[3], np.uint32),
            malformed=self._malformed,
        )
        lines = b"".join(self._parents).replace(b"parent ", b"").replace(b"\n", b"")
        every = (b"".join(self._roots), lines, b"".join(self._targets))
        roots, parents, targets = (self._table.rows(a2b_hex(ids)) for ids in every)
        return edges, Commits(
            rows=_numbers(self._commits),
            times=_numbers(self._times),
            trees=roots,
            parents=parents,
            counts=_numbers(self._counts),
            tags=_numbers(self._tags),
            targets=targets,
        )

    def _children(self, oids: bytes, kinds: Bytes) -> Numbers:
        children = self._table.rows(oids)
        children[kinds == listing.SUBMODULE] = ELSEWHERE
        children[kinds == listing.GONE] = GONE
        return children


def _numbers(values: array[int]) -> Numbers:
    return np.array(values, np.int64)
