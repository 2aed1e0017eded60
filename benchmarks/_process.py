"""One run of a program, measured from outside: its time, and the memory of its whole tree of processes. Linux only."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

INTERVAL = 0.05
"""Seconds between two looks at the memory."""


class Usage(NamedTuple):
    """What a run took.

    `wall` and `cpu` are seconds; `cpu` is user and system time of the program and of all processes that it waited for.
    `largest` and `tree` are bytes: the most that one of these processes ever held (max-RSS), and the most that all of
    them held at one look, what they share counted once (the sum of their PSS). `tree` is 0 where nobody looked.
    """

    wall: float
    cpu: float
    largest: int
    tree: int


def run(command: list[str], environment: dict[str, str], folder: Path, *, watched: bool) -> tuple[int, Usage]:
    """Run `command` in `folder`, with what it prints in `folder/output`; return its exit code and what it took.

    Looking at the memory makes the kernel walk every page of it, which takes CPU time from what runs beside it. So a
    run is either `watched` or timed: the times of a watched one are not worth much.
    """
    with (folder / "output").open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        memory = _Memory(process.pid)
        if watched:
            memory.start()
        _, status, used = os.wait4(process.pid, 0)  # unlike Popen.wait, it tells what was used
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    tree = memory.stop() if watched else 0
    return process.returncode, Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, tree)


class _Memory(threading.Thread):
    """Looks at the processes under `root` again and again, and remembers the most memory that it saw."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = root
        self._ended = threading.Event()
        self._known = {root}
        self._peak = 0

    def stop(self) -> int:
        """Stop looking and return the peak in bytes."""
        self._ended.set()
        self.join()
        return self._peak

    def run(self) -> None:
        """Look until told to stop."""
        while not self._ended.wait(INTERVAL):
            self._look()

    def _look(self) -> None:
        """Add up one look.

        A process counts from the second look on that finds it: until a new one starts its own program, it may be
        borrowing all the memory of its parent (vfork), which would then count twice.
        """
        found = set(_tree(self._root))
        self._peak = max(self._peak, sum(map(_pss, found & self._known)))
        self._known = found


def _tree(root: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [root]
    for parent in found:  # it grows meanwhile
        try:
            threads = os.listdir(f"/proc/{parent}/task")
        except FileNotFoundError:  # it has ended
            continue
        for thread in threads:
            found += map(int, _read(f"/proc/{parent}/task/{thread}/children").split())
    return found


def _pss(process: int) -> int:
    """Return a process's memory in bytes, of each page that others map as well only its share; 0 if it has ended."""
    fields = _read(f"/proc/{process}/smaps_rollup").partition(b"\nPss:")[2].split()
    return int(fields[0]) * 1024 if fields else 0


def _read(file: str) -> bytes:
    """Return what the kernel says in a file about a process; nothing if it has ended."""
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except (FileNotFoundError, ProcessLookupError):
        return b""
