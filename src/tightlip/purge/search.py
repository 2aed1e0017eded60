"""Which objects of a store hold a value: blobs, names in trees, commits and tags, whatever reaches them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import new as new_hash
from typing import NamedTuple

import numpy as np

from tightlip import pool
from tightlip.git.edges import Commits, Edges, Gathering
from tightlip.git.graph import Graph
from tightlip.git.inventory import Inventory
from tightlip.git.native import brought
from tightlip.git.objects import Object, ObjectError, ObjectReader
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE
from tightlip.git.packs.read import Reader
from tightlip.git.plumbing import Git
from tightlip.purge.commits import ids_named, is_signed, only_text
from tightlip.purge.forms import Form, forms_of
from tightlip.purge.pointers import pointed
from tightlip.purge.values import Purged
from tightlip.tasks import KINDS, Task, asked, tasks

LARGEST = 1 << 30
"""Bytes of the largest object that is searched: all of it is in memory then."""

MALFORMED = "it is a malformed tree: what comes after the damage cannot be told"
"""Why a tree is not read to its end."""

_SHA1 = 20
"""Bytes of an id of SHA-1."""
_UNITED = (
    *("held", "kinds", "left", "stuck", "named", "signed"),
    *("unread", "unsearched", "becomes", "pointers"),
)
"""What is put together of the parts as it is."""

Kinds = frozenset[tuple[int, str]]
"""What something holds: the number of a value, and the name of the form in which it stands there."""


Place = tuple[bytes, int, int]
"""Where a value stands as it is: the id of an object, and from where to where in that."""


class Found(NamedTuple):
    """What a search found."""

    held: dict[int, Kinds]
    """By row, what blobs, commits and tags hold."""
    kinds: dict[int, int]
    """By row, what these are: BLOB, COMMIT or TAG."""
    left: dict[int, list[Form]]
    """By row, what of it cannot be replaced in a blob."""
    stuck: set[int]
    """Rows of blobs of which nothing can be replaced."""
    places: dict[int, Place]
    """By the number of a value, the first place where it stands as it is, by the id of the object."""
    signed: set[int]
    """Rows of commits and tags with a signature."""
    names: dict[bytes, Kinds]
    """Names of files and folders that hold a value."""
    named: dict[int, list[bytes]]
    """By row, what commits and tags name that may be the id of a commit, or the beginning of one."""
    unread: dict[int, str]
    """By row, objects that could not be searched, and why."""
    unsearched: dict[int, list[str]]
    """By row, blobs with an archive that could not be searched to its end, and why: in words without a value."""
    becomes: dict[int, str]
    """By row, the id that such a blob has once what could be replaced in it is."""
    pointers: dict[int, str]
    """By row, pointer files of Git LFS, and the id of the file that each stands for."""
    graph: Graph


@dataclass
class Part:
    """What a task found; as in `Found`."""

    held: dict[int, Kinds] = field(default_factory=dict)
    kinds: dict[int, int] = field(default_factory=dict)
    left: dict[int, list[Form]] = field(default_factory=dict)
    stuck: set[int] = field(default_factory=set)
    places: dict[int, Place] = field(default_factory=dict)
    signed: set[int] = field(default_factory=set)
    named: dict[int, list[bytes]] = field(default_factory=dict)
    unread: dict[int, str] = field(default_factory=dict)
    unsearched: dict[int, list[str]] = field(default_factory=dict)
    becomes: dict[int, str] = field(default_factory=dict)
    pointers: dict[int, str] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    """Rows that git has to be asked for."""
    gathered: tuple[Edges, Commits] | None = None
    """What trees, commits and tags say of each other."""


class Setup(NamedTuple):
    """What every process needs."""

    git: Git
    inventory: Inventory
    values: tuple[Purged, ...]

    def worker(self) -> Searcher:
        """Return what searches, in a process of its own or in this one."""
        return Searcher(self)


class Searcher:
    """Searches the objects of tasks."""

    def __init__(self, setup: Setup) -> None:
        self._git, self._table = setup.git, setup.inventory.table
        self._forms = forms_of(setup.values)
        self._reader = Reader(setup.inventory.forest, limit=LARGEST)
        self._gathering, self._part = Gathering(self._table), Part()

    def do(self, task: Task) -> Part:
        """Search the objects of a task."""
        if task.kind == TREE:
            self._gathering.trees(self._reader, task.rows)
        elif task.kind == BLOB:
            self._blobs(task)
        elif task.kind:
            for row, *_, content in self._reader.objects(task.rows):
                self._take(row, task.kind, content)
        else:
            self._loose(task.rows.tolist())
        part, self._part = self._part, Part()
        part.refused, self._reader.refused = self._reader.refused, []
        part.gathered, self._gathering = self._gathering.done(), Gathering(self._table)
        return part

    def _blobs(self, task: Task) -> None:
        """Search packed blobs; of one that is a delta of one without a value, only what is not in that."""
        clean: set[int] = set()
        for row, base, _, delta, content in self._reader.objects(task.rows):
            self._note_pointer(row, content)
            spans = brought(delta, self._forms.margin, len(content) * 3 // 4) if base in clean else None
            if self._forms.may_be_in(content) if spans is None else self._forms.may_come(content, spans):
                self._look_closely(row, BLOB, content)
            else:
                clean.add(row)

    def _loose(self, rows: Sequence[int]) -> None:
        with ObjectReader(self._git, limit=LARGEST) as reader:
            for row, found in zip(rows, reader.read_many(map(self._table.oid, rows)), strict=True):
                if isinstance(found, ObjectError):
                    self._part.unread[row] = found.why
                elif isinstance(found, Object):
                    self._take(row, KINDS[found.kind], found.data)

    def _take(self, row: int, kind: int, content: bytes) -> None:
        if kind == TREE:
            self._gathering.tree(row, content)
            return
        if kind == COMMIT:
            self._gathering.commit(row, content)
        elif kind == TAG:
            self._gathering.tag(row, content)
        if kind == BLOB:
            self._note_pointer(row, content)
        else:
            self._read_text(row, content)
        if self._forms.may_be_in(content):
            self._look_closely(row, kind, content)

    def _read_text(self, row: int, content: bytes) -> None:
        if words := ids_named(content):
            self._part.named[row] = words
        if is_signed(content):
            self._part.signed.add(row)

    def _note_pointer(self, row: int, content: bytes) -> None:
        oid = pointed(content)
        if oid is not None:
            self._part.pointers[row] = oid

    def _look_closely(self, row: int, kind: int, content: bytes) -> None:
        found, missed = self._forms.search(content if kind == BLOB else only_text(content))
        if missed:
            self._part.unsearched[row] = missed
        if not found:
            return
        self._part.held[row], self._part.kinds[row] = kinds(found), kind
        places = {
            form.which: (self._table.id(row), form.start, form.end) for form in found[::-1] if form.name == "plain"
        }
        self._part.places = first(self._part.places, places)
        if kind == BLOB:
            new, left = self._forms.replaced(content)
            if left:
                self._part.left[row] = left
            if new == content:
                self._part.stuck.add(row)
            elif missed:
                self._part.becomes[row] = self._oid(new)

    def _oid(self, blob: bytes) -> str:
        digest = new_hash("sha1" if self._table.width == _SHA1 else "sha256", b"blob %d\0" % len(blob))
        digest.update(blob)
        return digest.hexdigest()


def first(some: Mapping[int, Place], others: Mapping[int, Place]) -> dict[int, Place]:
    """Return the first place of each value."""
    return {which: min(own[which] for own in (some, others) if which in own) for which in {*some, *others}}


def kinds(found: Iterable[Form]) -> Kinds:
    """Return which values were found, and in which forms."""
    return frozenset((form.which, form.name) for form in found)


def search(
    git: Git, inventory: Inventory, values: Sequence[Purged], *, jobs: int, tell: Callable[[float], None] | None = None
) -> Found:
    """Search every object of a repository.

    Parameters: `jobs`, how many processes may do it; `tell`, called with the share that is done.
    """
    whole, gathered = Part(), [Gathering(inventory.table).done()]
    for part in _parts(git, inventory, values, jobs, tell):
        for name in _UNITED:
            getattr(whole, name).update(getattr(part, name))
        whole.places = first(whole.places, part.places)
        gathered += [part.gathered] if part.gathered else []
    graph = Graph(inventory.table, *map(list, zip(*gathered, strict=True)))
    whole.unread |= dict.fromkeys(graph.malformed, MALFORMED)
    forms = forms_of(values)
    named = ((name, kinds(forms.found(name))) for name in graph.names if forms.may_be_in(name))
    return Found(
        held=whole.held,
        kinds=whole.kinds,
        left=whole.left,
        stuck=whole.stuck,
        places=whole.places,
        signed=whole.signed,
        names={name: holds for name, holds in named if holds},
        named=whole.named,
        unread=whole.unread,
        unsearched=whole.unsearched,
        becomes=whole.becomes,
        pointers=whole.pointers,
        graph=graph,
    )


def _parts(
    git: Git, inventory: Inventory, values: Sequence[Purged], jobs: int, tell: Callable[[float], None] | None
) -> Iterator[Part]:
    work = tasks(inventory, jobs)
    whole, done = sum(task.weight for task in work) or 1, 0
    setup = Setup(git, inventory, tuple(values))
    forms_of(values)  # made here, so that processes that are forked have it
    with closing(pool.Workers(setup, min(jobs, len(work)), whole)) as workers:
        workers.submit(sorted(work, key=lambda task: task.kind == BLOB))
        while workers.waiting:
            task, part = workers.result()
            if isinstance(part, pool.Lost):
                yield Part(unread=dict.fromkeys(task.rows.tolist(), part.why))
                continue
            workers.submit(asked(np.array(part.refused, np.int64)))
            done += task.weight
            if tell:
                tell(min(done / whole, 1.0))
            yield part
