"""Tasks on several processes, or in this one."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from tightlip import patterns
from tightlip.tasks import Task

_NOT_WORTH_IT = 1 << 20  # bytes for which no other process is started
_MOST_PROCESSES = 61
"""More than that Windows does not wait for."""
_Done = TypeVar("_Done")
_Done_co = TypeVar("_Done_co", covariant=True)


class Does(Protocol[_Done_co]):
    """Does tasks."""

    def do(self, task: Task) -> _Done_co:
        """Do a task."""
        ...


class Setup(Protocol[_Done_co]):
    """What every process needs. It is pickled where processes cannot be forked."""

    def worker(self) -> Does[_Done_co]:
        """Return what does tasks, in a process of its own or in this one."""
        ...


class Lost(NamedTuple):
    """A task whose process died."""

    why: str


_LOST = Lost("the process that scanned it died; is there enough memory?")


class Workers(Generic[_Done]):
    """Do tasks, in as many processes as are worth it. What is submitted first is begun first."""

    def __init__(self, setup: Setup[_Done], jobs: int, weight: int) -> None:
        """Parameters: `jobs`, how many processes there may be; `weight`, that of all tasks, more or less."""
        self._setup = setup
        self._pool: ProcessPoolExecutor | None = None
        self._futures: dict[Future[_Done], Task] = {}
        self._waiting: deque[Task] = deque()
        if jobs <= 1 or weight < _NOT_WORTH_IT:
            self._alone = setup.worker()
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

    def result(self) -> tuple[Task, _Done | Lost]:
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

    def _done_here(self, task: Task) -> _Done | Lost:
        try:
            return self._alone.do(task)
        except MemoryError:
            self._alone = self._setup.worker()  # the other one is left with half of a task
            return Lost("there is not enough memory for it")


_worker: Does[Any]
_setup: Setup[Any]


def _start(setup: Setup[Any]) -> None:
    """Prepare a process. An interrupt is for its parent to deal with."""
    global _worker, _setup  # noqa: PLW0603 - what an initializer leaves for the calls that follow has no other place
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    gc.disable()
    _setup = setup
    _worker = setup.worker()


def _do(task: Task) -> Any:  # noqa: ANN401 - of whatever the worker makes
    global _worker  # noqa: PLW0603 - as above
    try:
        return _worker.do(task)
    except MemoryError:
        _worker = _setup.worker()  # the other one is left with half of a task
        raise
    finally:
        patterns.keep()  # nobody tells a process that it was its last task


def _context() -> multiprocessing.context.BaseContext:
    """Fork where nothing else runs in this process, since then nothing has to be made twice."""
    return multiprocessing.get_context("fork" if can_fork() else "spawn")


def can_fork() -> bool:
    """Whether this process may be forked: it is known to have no other thread, be it Python's or a library's."""
    try:
        return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
