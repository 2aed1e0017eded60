"""What does a task of a history scan: it reads objects, from packs or through git, and sweeps them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.engine import Scanner
from tightlip.git.inventory import Inventory
from tightlip.git.objects import Object, ObjectError, ObjectReader
from tightlip.git.packs.read import Reader
from tightlip.git.plumbing import Git
from tightlip.sweep import Sweep, Swept
from tightlip.tasks import KINDS, Task


class Setup(NamedTuple):
    """What every process needs."""

    git: Git
    scanner: Scanner
    inventory: Inventory
    limit: int
    """The most bytes of an object."""
    clean: NDArray[np.bool_]
    """By row: which blobs are known to hold nothing to report."""
    any_path: bool
    """Whether there is a rule that goes by the path and may want any."""

    def worker(self) -> Worker:
        """Return what does tasks, in a process of its own or in this one."""
        return Worker(self)


Done = tuple[Swept, list[tuple[int, str]]]
"""What came of a task, and which objects were not to be had, with the reason."""


class Worker:
    """Does tasks."""

    def __init__(self, setup: Setup) -> None:
        self._git, self._limit, self._table = setup.git, setup.limit, setup.inventory.table
        self._reader = Reader(setup.inventory.forest, limit=setup.limit)
        self._sweep = Sweep(setup.scanner, setup.inventory.table, setup.clean, any_path=setup.any_path)

    def do(self, task: Task) -> Done:
        """Do a task."""
        if task.kind and task.again is not None:
            return self._sweep.again(self._reader, task.rows, task.again), []
        if task.kind:
            return self._sweep.packed(self._reader, task.rows, task.kind), []
        unread: list[tuple[int, str]] = []
        objects = self._objects(task.rows.tolist(), unread)
        return self._sweep.loose(objects, every=task.again is not None), unread

    def _objects(self, rows: Sequence[int], unread: list[tuple[int, str]]) -> Iterator[tuple[int, int, bytes]]:
        with ObjectReader(self._git, limit=self._limit) as reader:
            for row, found in zip(rows, reader.read_many(map(self._table.oid, rows)), strict=True):
                if isinstance(found, ObjectError):
                    unread.append((row, found.why))
                elif isinstance(found, Object):
                    yield row, KINDS[found.kind], found.data
