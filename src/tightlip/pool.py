"""Units of a sweep on several processes, or in this one."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip import patterns
from tightlip.engine import Scanner
from tightlip.git.inventory import Inventory
from tightlip.git.objects import Object, ObjectError, ObjectReader
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE
from tightlip.git.packs.forest import made_of
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
    again: NDArray[np.bool_] | None = None
    """Which of them to look at once more, with the rules that go by the path; None for a first look at all."""


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


def tasks(inventory: Inventory, jobs: int) -> list[Task]:
    """Divide the objects of a repository."""
    forest = inventory.forest
    weights = forest.ends - forest.starts
    most = min(_MOST, max(_LEAST, int(weights.sum()) // (jobs * _UNITS_EACH)))
    packed = [Task(unit, int(forest.kinds[unit[0]]), int(weights[unit].sum())) for unit in units(forest, most)]
    return packed + asked(inventory.others)


def asked(rows: Numbers, *, again: bool = False) -> list[Task]:
    """Divide objects that git is to be asked for. Parameters: `again`, whether all are looked at once more."""
    parts = [rows[at : at + _OBJECTS] for at in range(0, len(rows), _OBJECTS)]
    return [Task(part, 0, 1000 * len(part), np.ones(len(part), np.bool_) if again else None) for part in parts]


def again(inventory: Inventory, tasks: Iterable[Task], wanted: NDArray[np.bool_]) -> Iterator[Task]:
    """Yield what to do in order to look at some objects once more: they have to be read with what they are made of.

    Parameters: `tasks`, all there are; `wanted`, by row.
    """
    needed = made_of(inventory.forest, np.flatnonzero(wanted[: len(inventory.forest.bases)]))
    for task in tasks:
        if task.kind == BLOB and wanted[task.rows].any():
            rows = task.rows[needed[task.rows]]
            yield Task(rows, task.kind, 0, wanted[rows])


class Lost(NamedTuple):
    """A task whose process died."""

    why: str


_LOST = Lost("the process that scanned it died; is there enough memory?")


class Workers:
    """Do tasks, in as many processes as are worth it. What is submitted first is begun first."""

    def __init__(self, setup: Setup, jobs: int, weight: int) -> None:
        """Parameters: `jobs`, how many processes there may be; `weight`, that of all tasks, more or less."""
        self._setup = setup
        self._pool: ProcessPoolExecutor | None = None
        self._futures: dict[Future[Done], Task] = {}
        self._waiting: deque[Task] = deque()
        if jobs <= 1 or weight < _NOT_WORTH_IT:
            self._alone = Worker(setup)
        else:
            self._pool = ProcessPoolExecutor(min(jobs, _MOST_PROCESSES), _context(), _start, (setup,))

    def close(self) -> None:
        """End the processes; what they have not begun with is not done."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, tasks: Iterable[Task]) -> None:
        """Have tasks done."""
        self._waiting += tasks
        if self._pool:
            with suppress(BrokenProcessPool):  # what could not be submitted is lost
                while self._waiting:
                    future = self._pool.submit(_do, self._waiting[0])
                    self._futures[future] = self._waiting.popleft()

    @property
    def waiting(self) -> list[Task]:
        """Tasks that are not done yet."""
        return [*self._futures.values(), *self._waiting]

    def result(self) -> tuple[Task, Done | Lost]:
        """Wait for one of the tasks; return it and what came of it. There must be one."""
        if not self._futures:
            task = self._waiting.popleft()
            return task, _LOST if self._pool else self._done_here(task)
        future = next(iter(wait(self._futures, return_when=FIRST_COMPLETED).done))
        task = self._futures.pop(future)
        try:
            return task, future.result()
        except (BrokenProcessPool, MemoryError):
            return task, _LOST

    def _done_here(self, task: Task) -> Done | Lost:
        try:
            return self._alone.do(task)
        except MemoryError:
            self._alone = Worker(self._setup)  # the other one is left with half of a task
            return Lost("there is not enough memory for it")


_worker: Worker
_setup: Setup


def _start(setup: Setup) -> None:
    """Prepare a process. An interrupt is for its parent to deal with."""
    global _worker, _setup  # noqa: PLW0603 - what an initializer leaves for the calls that follow has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.disable()
    _setup = setup
    _worker = Worker(setup)


def _do(task: Task) -> Done:
    global _worker  # noqa: PLW0603 - as above
    try:
        return _worker.do(task)
    except MemoryError:
        _worker = Worker(_setup)  # the other one is left with half of a task
        raise
    finally:
        patterns.keep()  # nobody tells a process that it was its last task


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
