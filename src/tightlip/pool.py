"""Units of a sweep on several processes, or in this one."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.engine import Scanner
from tightlip.git.inventory import Inventory
from tightlip.git.objects import Object, ObjectError, ObjectReader
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE
from tightlip.git.packs.index import Numbers
from tightlip.git.packs.read import Reader
from tightlip.git.packs.units import units
from tightlip.git.plumbing import Git
from tightlip.sweep import Sweep, Swept

KINDS = {"commit": COMMIT, "tree": TREE, "blob": BLOB, "tag": TAG}
_UNITS_EACH = 16
"""Units for each process, so that all have something to do until the end."""
_MOST = 1 << 23  # packed bytes of a unit
_LEAST = 1 << 18
_NOT_WORTH_IT = 1 << 20  # bytes for which no other process is started
_MOST_PROCESSES = 61
"""More than that Windows does not wait for."""
_OBJECTS = 500
"""Objects that are not in packs, in one task."""


class Task(NamedTuple):
    """Something for one process to do."""

    rows: Numbers
    kind: int
    """Of packed objects; 0 for objects that git is to be asked for."""
    weight: int
    """Its share of the whole: packed bytes, or a guess at what they would be."""


class Setup(NamedTuple):
    """What every process needs."""

    git: Git
    scanner: Scanner
    inventory: Inventory
    limit: int
    """The most bytes of an object."""
    clean: NDArray[np.bool_]
    """By row: which blobs are known to hold nothing to report."""
    special: NDArray[np.bool_]
    """By row: which blobs may have a path that a rule goes by."""


Done = tuple[Swept, list[tuple[int, str]]]
"""What came of a task, and which objects were not to be had, with the reason."""


class Worker:
    """Does tasks."""

    def __init__(self, setup: Setup) -> None:
        self._git, self._limit, self._table = setup.git, setup.limit, setup.inventory.table
        self._reader = Reader(setup.inventory.forest, limit=setup.limit)
        self._sweep = Sweep(setup.scanner, setup.inventory.table, setup.clean, setup.special)

    def do(self, task: Task) -> Done:
        """Do a task."""
        if task.kind:
            return self._sweep.packed(self._reader, task.rows, task.kind), []
        unread: list[tuple[int, str]] = []
        return self._sweep.loose(self._objects(task.rows.tolist(), unread)), unread

    def _objects(self, rows: Sequence[int], unread: list[tuple[int, str]]) -> Iterator[tuple[int, int, bytes]]:
        with ObjectReader(self._git, limit=self._limit) as reader:
            for row, found in zip(rows, reader.read_many(map(self._table.oid, rows)), strict=True):
                if isinstance(found, ObjectError):
                    unread.append((row, found.why))
                elif isinstance(found, Object):
                    yield row, KINDS[found.kind], found.data


def tasks(inventory: Inventory, jobs: int) -> list[Task]:
    """Divide the objects of a repository."""
    forest = inventory.forest
    weights = forest.ends - forest.starts
    most = min(_MOST, max(_LEAST, int(weights.sum()) // (jobs * _UNITS_EACH)))
    packed = [Task(unit, int(forest.kinds[unit[0]]), int(weights[unit].sum())) for unit in units(forest, most)]
    return packed + asked(inventory.others)


def asked(rows: Numbers) -> list[Task]:
    """Divide objects that git is to be asked for."""
    parts = [rows[at : at + _OBJECTS] for at in range(0, len(rows), _OBJECTS)]
    return [Task(part, 0, 1000 * len(part)) for part in parts]


class Lost(NamedTuple):
    """A task whose process died."""

    why: str


def run(setup: Setup, work: list[Task], jobs: int) -> Iterator[tuple[Task, Done | Lost]]:
    """Do tasks and yield what came of each, in no order; where there is little to do, in this process."""
    if jobs == 1 or sum(task.weight for task in work) < _NOT_WORTH_IT:
        worker = Worker(setup)
        for task in work:
            yield task, worker.do(task)
        return
    with ProcessPoolExecutor(min(jobs, len(work), _MOST_PROCESSES), _context(), _start, (setup,)) as pool:
        waiting: dict[Future[Done], Task] = {pool.submit(_do, task): task for task in work}
        try:
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    task = waiting.pop(future)
                    try:
                        yield task, future.result()
                    except (BrokenProcessPool, MemoryError):
                        yield task, Lost("the process that scanned it died; is there enough memory?")
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_worker: Worker


def _start(setup: Setup) -> None:
    """Prepare a process. An interrupt is for its parent to deal with."""
    global _worker  # noqa: PLW0603 - what an initializer leaves for the calls that follow has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.disable()
    _worker = Worker(setup)


def _do(task: Task) -> Done:
    return _worker.do(task)


def _context() -> multiprocessing.context.BaseContext:
    """Fork where nothing else runs in this process, since then nothing has to be made twice."""
    return multiprocessing.get_context("fork" if _is_alone() else "spawn")


def _is_alone() -> bool:
    """Whether this process is known to have no other thread, be it Python's or a library's."""
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
