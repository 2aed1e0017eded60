"""Clean copies of blobs and trees, made in tasks: what each is now goes into a chunk of a pack, its id into `Ids`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tightlip.git.graph import Entries
from tightlip.git.inventory import Inventory
from tightlip.git.objects import Object, ObjectError, ObjectReader
from tightlip.git.packs.entries import BLOB
from tightlip.git.packs.forest import NONE
from tightlip.git.packs.read import Reader
from tightlip.git.plumbing import Git
from tightlip.purge.forms import Form, forms_of
from tightlip.purge.rewriting import trees
from tightlip.purge.rewriting.chunk import Chunk
from tightlip.purge.rewriting.ids import Ids
from tightlip.purge.rewriting.line import Line
from tightlip.purge.search import LARGEST, MALFORMED
from tightlip.purge.values import Purged
from tightlip.tasks import KINDS, Task

try:
    from tightlip.purge.rewriting._trees import relinked
except ImportError:  # there was no compiler
    from tightlip.purge.rewriting.trees import relinked


class Cleaned(NamedTuple):
    """What came of a task."""

    chunk: Chunk
    left: dict[int, list[Form]]
    """By row, what could not be replaced in a blob."""
    refused: list[int]
    """Rows that git has to be asked for."""
    unread: dict[int, str]


class _NewEntry(NamedTuple):
    name: bytes
    oid: bytes
    new_name: bytes
    new_oid: bytes


class Setup(NamedTuple):
    """What every process needs. It is not for sending: `ids` is of this process and those that are forked from it."""

    git: Git
    inventory: Inventory
    values: Sequence[Purged]
    ids: Ids
    leading: Mapping[int, Entries]
    """By tree, which entries have another id or name."""
    names: Sequence[bytes]
    """Names by their labels."""
    new_names: Mapping[bytes, bytes]

    def worker(self) -> Cleaner:
        """Return what cleans, in a process of its own or in this one."""
        return Cleaner(self)


class Cleaner:
    """Cleans the objects of tasks: those that `again` says; the others are read for the deltas that these are."""

    def __init__(self, setup: Setup) -> None:
        self._git, self._ids, self._leading = setup.git, setup.ids, setup.leading
        self._table = setup.inventory.table
        self._names, self._new_names = setup.names, setup.new_names
        self._forms = forms_of(setup.values)
        self._reader = Reader(setup.inventory.forest, limit=LARGEST)
        self._begin()

    def _begin(self) -> None:
        self._chunk = Chunk(self._table.width)
        self._line = Line(self._chunk)
        self._entries: dict[tuple[int, int], _NewEntry | None] = {}
        self._left: dict[int, list[Form]] = {}
        self._unread: dict[int, str] = {}

    def do(self, task: Task) -> Cleaned:
        """Clean what is wanted of a task."""
        if task.kind and task.again is not None:
            wanted = set(task.rows[task.again].tolist())
            for row, base, *_, content in self._reader.objects(task.rows):
                if row in wanted:
                    self._take(row, task.kind, content, base)
        else:
            wanted = set()
            self._loose(task.rows.tolist())
        refused, self._reader.refused = self._reader.refused, []
        cleaned = Cleaned(self._chunk, self._left, [row for row in refused if row in wanted], self._unread)
        self._begin()
        return cleaned

    def _loose(self, rows: Sequence[int]) -> None:
        with ObjectReader(self._git, limit=LARGEST) as reader:
            for row, found in zip(rows, reader.read_many(map(self._table.oid, rows)), strict=True):
                if isinstance(found, ObjectError):
                    self._unread[row] = found.why
                elif isinstance(found, Object):
                    self._take(row, KINDS[found.kind], found.data, NONE)

    def _take(self, row: int, kind: int, content: bytes, base: int) -> None:
        if kind == BLOB:
            new, left = self._forms.replaced(content)
            if left:
                self._left[row] = left
        else:
            try:
                new = self._tree(content, row)
            except ValueError:
                self._unread[row] = MALFORMED
                return
        if new != content:
            self._ids.rewrite(row, self._line.add(kind, new, row, base))

    def _tree(self, content: bytes, row: int) -> bytes:
        """Return what a tree becomes. Raises `ValueError` for a malformed one."""
        entries = [found for entry in self._leading[row] if (found := self._entry(entry))]
        if any(entry.new_name != entry.name for entry in entries):
            oids = {entry.oid: entry.new_oid for entry in entries}
            return trees.renamed(content, self._table.width, self._new_names, oids)
        new = relinked(content, self._table.width, [entry.oid + entry.new_oid for entry in entries])
        if new is None:
            raise ValueError(MALFORMED)
        return new

    def _entry(self, entry: tuple[int, int]) -> _NewEntry | None:
        """Return what becomes of an entry, told by its label and its object; None where it stays as it is."""
        if entry not in self._entries:
            label, child = entry
            name, new_oid = self._names[label], self._ids.of(child) if child >= 0 else None
            new_name = self._new_names.get(name, name)
            oid = self._table.id(child) if child >= 0 else b""
            is_same = new_oid is None and new_name == name
            self._entries[entry] = None if is_same else _NewEntry(name, oid, new_name, new_oid or oid)
        return self._entries[entry]
