"""A history without the values: clean blobs, the trees above them, commits and tags, all in one new pack.

Only what holds a value, and what is above it, is read and written. A commit before the first that changes keeps its id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from tightlip import pool
from tightlip.git.inventory import Inventory
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE
from tightlip.git.packs.read import Reader
from tightlip.git.plumbing import Git
from tightlip.purge import commits
from tightlip.purge.forms import Form, forms_of
from tightlip.purge.repository.names import file_name
from tightlip.purge.rewriting import paths
from tightlip.purge.rewriting.affected import Affected
from tightlip.purge.rewriting.cleaning import Cleaned, Setup
from tightlip.purge.rewriting.ids import Ids
from tightlip.purge.rewriting.line import Line
from tightlip.purge.rewriting.notes import New, Notes
from tightlip.purge.rewriting.packwriter import PackWriter
from tightlip.purge.search import LARGEST, MALFORMED, Found
from tightlip.purge.values import Purged
from tightlip.tasks import Task, again, asked, tasks


@dataclass
class Outcome:
    """What became of a history. Objects are told by their rows in the inventory."""

    ids: Ids
    tops: dict[int, bytes] = field(default_factory=dict)
    """New ids of trees that paths were taken out of, as the trees of commits; elsewhere the same ones may stay."""
    signed: list[int] = field(default_factory=list)
    """Commits and tags that have lost a signature."""
    left: dict[int, list[Form]] = field(default_factory=dict)
    """What could not be replaced in a blob."""
    unread: dict[int, str] = field(default_factory=dict)
    """Objects that could not be read, and why."""
    pack: str | None = None
    """The pack that holds all that is new; None where nothing is."""

    def new(self, row: int) -> bytes | None:
        """Return the new id of what a ref, a tag or a commit leads to; None for what stays."""
        return self.tops.get(row) or self.ids.of(row)


class Rewriting:
    """Rewrites a history once; `run` does it."""

    def __init__(
        self, git: Git, inventory: Inventory, values: Sequence[Purged], found: Found, affected: Affected
    ) -> None:
        """Parameters: `found`, by a search for these values; `affected`, what has to be rewritten for it."""
        self._git, self._inventory, self._values, self._found = git, inventory, values, found
        self.affected = affected
        self._forms = forms_of(values)
        self._outcome = Outcome(Ids(len(inventory.table), inventory.table.width))
        self._work: list[Task] = []

    def run(self, folder: str, *, jobs: int = 1) -> Outcome:
        """Write everything that is new into a pack.

        Parameters: `folder`, that of the packs; `jobs`, how many processes may do it. Raises `OSError` where the folder
        cannot be written to, and `MemoryError`.
        """
        jobs = jobs if pool.can_fork() else 1  # the new ids are in memory that only forked processes share
        self._work = tasks(self._inventory, jobs)
        with PackWriter(folder, self._inventory.table.width) as pack:
            self._clean(pack, jobs)
            self._take_out(pack)
            self._write(pack, COMMIT, {row: (tree, *parents) for row, tree, parents in self.affected.commits})
            self._write(pack, TAG, {row: (self._found.graph.tags[row],) for row in self.affected.tags})
            self._outcome.pack = pack.finish()
        return self._outcome

    def _clean(self, pack: PackWriter, jobs: int) -> None:
        """Write clean blobs, and then the trees, from the lowest up."""
        heights = self.affected.heights
        levels = [(BLOB, self.affected.blobs)]
        levels += [
            (TREE, [tree for tree, own in heights.items() if own == height])
            for height in range(1, max(heights.values(), default=0) + 1)
        ]
        weight = sum(len(rows) for _, rows in levels) << 10  # enough for other processes, if there is much to do
        with closing(pool.Workers(self._setup(), jobs, weight)) as workers:
            for kind, rows in levels:
                workers.submit(self._tasks(kind, rows))
                while workers.waiting:
                    _, cleaned = workers.result()
                    workers.submit(self._take(cleaned, pack))

    def _take_out(self, pack: PackWriter) -> None:
        """Write the trees that paths are taken out of, once all that stays in them has its new id."""
        deleted = self.affected.paths
        new = paths.New(self.affected.leading, self._outcome.ids.of, self._new_name)
        line = Line(pack)
        self._outcome.tops = deleted.rewritten(
            self._inventory.table,
            new,
            lambda rows: self._contents(TREE, rows),
            lambda content: line.add(TREE, content),
        )
        missing = deleted.changing - self._outcome.tops.keys()
        self._outcome.unread = dict.fromkeys(missing, MALFORMED) | self._outcome.unread

    def _new_name(self, old: bytes) -> bytes:
        return file_name(old, self._forms.replaced_text) if old in self._found.names else old

    def _setup(self) -> Setup:
        names = {name: file_name(name, self._forms.replaced_text) for name in self._found.names}
        return Setup(
            git=self._git,
            inventory=self._inventory,
            values=self._values,
            ids=self._outcome.ids,
            leading=self.affected.leading,
            names=self._found.graph.names,
            new_names=names,
        )

    def _tasks(self, kind: int, rows: Collection[int]) -> Iterator[Task]:
        """Yield what there is to do for objects of a kind."""
        wanted = np.zeros(len(self._inventory.table), np.bool_)
        wanted[list(rows)] = True
        yield from again(self._inventory, self._work, wanted, kind)
        others = self._inventory.others
        yield from asked(others[wanted[others]], again=True)

    def _take(self, cleaned: Cleaned | pool.Lost, pack: PackWriter) -> Iterable[Task]:
        """Keep what came of a task; return what is left to do."""
        if isinstance(cleaned, pool.Lost):
            raise MemoryError(cleaned.why)  # noqa: TRY004 - that is what it died of
        pack.append(cleaned.chunk)
        self._outcome.left |= cleaned.left
        self._outcome.unread |= cleaned.unread
        return asked(np.array(cleaned.refused, np.int64), again=True)

    def _write(self, pack: PackWriter, kind: int, about: Mapping[int, Iterable[int]]) -> None:
        """Write commits or tags, in this order. Parameters: `about`, the objects that the header of each names."""

        def same(text: bytes) -> bytes:
            return text

        def named(message: bytes) -> bytes:
            return commits.with_ids(message, lambda word: self._new_id(self.affected.meaning.of(word)))

        contents = dict(self._contents(kind, about))
        with ObjectReader(self._git) as objects:
            notes = self._notes(objects, pack)
            for row, rows in about.items():
                if row not in contents:
                    continue
                old, new_ids = contents.pop(row), self._new_ids(rows)
                if row in self.affected.notes:
                    new_ids |= self._of_notes(notes, self.affected.trees[row])
                text = self._forms.replaced_text if row in self._found.held else None
                naming = named if row in self._found.named else None
                new = None if text or naming else commits.relinked(old, new_ids)
                if new is None:
                    new, was_signed = commits.rewritten(old, new_ids, text or same, naming or same)
                    self._outcome.signed += [row] if was_signed else []
                if new != old:
                    self._outcome.ids.rewrite(row, pack.add(kind, new))

    def _notes(self, objects: ObjectReader, pack: PackWriter) -> Notes:
        table = self._inventory.table

        def commit(key: bytes) -> bytes | None:
            return self._new_id(self.affected.meaning.of(key)) if len(key) == 2 * table.width else None

        def blob(oid: bytes) -> bytes | None:
            row = int(table.rows(oid)[0])
            return self._outcome.ids.of(row) if row >= 0 else None

        return Notes(objects, table.width, New(commit, blob, self._new_name), lambda content: pack.add(TREE, content))

    def _of_notes(self, notes: Notes, tree: int) -> dict[bytes, bytes]:
        """Return the new id of a tree of notes by its old one, if it has one."""
        if tree < 0:
            return {}
        old = self._inventory.table.id(tree)
        new = notes.rewritten(old)
        return {old.hex().encode(): new.hex().encode()} if new else {}

    def _new_ids(self, rows: Iterable[int]) -> dict[bytes, bytes]:
        new = ((row, self._new_id(row)) for row in rows if row >= 0)
        return {self._inventory.table.oid(row).encode(): oid for row, oid in new if oid}

    def _new_id(self, row: int | None) -> bytes | None:
        """Return an object's new id in hexadecimal; None where it has none."""
        oid = None if row is None else self._outcome.new(row)
        return None if oid is None else oid.hex().encode()

    def _contents(self, kind: int, rows: Collection[int]) -> Iterator[tuple[int, bytes]]:
        """Yield commits, tags or trees, and their contents."""
        reader, wanted = Reader(self._inventory.forest, limit=LARGEST), set(rows)
        alone: list[int] = []
        for task in self._tasks(kind, rows):
            if task.kind:
                yield from ((row, content) for row, *_, content in reader.objects(task.rows) if row in wanted)
                alone += [row for row in reader.refused if row in wanted]
                reader.refused = []
            else:
                alone += task.rows.tolist()
        yield from self._asked(alone)

    def _asked(self, rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """Yield the contents of objects that git has to be asked for."""
        with ObjectReader(self._git, limit=LARGEST) as objects:
            for row, read in zip(rows, objects.read_many(map(self._inventory.table.oid, rows)), strict=True):
                if isinstance(read, Object):
                    yield row, read.data
                else:
                    self._outcome.unread[row] = read.why
