"""What earlier history scans found clean, so that the next one costs what is new: one SQLite file in the cache folder.

It holds, for each repository and rule set, the ids of objects with nothing to report in them, and the outcome of the
last complete scan. It holds no secret: an id says nothing of what is in an object, and whoever keeps an outcome has to
have left the values out of it.

A wrong answer from here would be a false all-clear, while no answer only costs time. So every row carries a checksum, a
file that is odd in any way is thrown away, and it is used only where nobody else can have written it. For that reason
SQLite need not wait for the disk either (`synchronous = OFF`): after a power failure a row is whole, or not believed.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from tightlip import cachefolder
from tightlip.memory import ids, rows
from tightlip.memory.rows import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from sqlite3 import Connection

__all__ = ["MOST_BYTES", "MOST_SETS", "NAME", "PATIENCE", "Memory", "Remembered"]

NAME = "history.sqlite"
MOST_SETS = 1000
"""So many pairs of a repository and a rule set are kept; the one that was used least recently goes first."""
MOST_BYTES = 512_000_000
"""In all. The file can be larger for a while: room that becomes free in it is used again, and not given back."""
PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""
_USED_ANEW = 3600.0
_T = TypeVar("_T")


class Memory:
    """The store in a folder, by default the user's cache folder.

    A call never raises for what is wrong with the file, the folder or the disk. It then answers as if nothing were
    remembered, and `trouble` says why; a damaged file is replaced. Each call opens the file and closes it again: there
    is nothing to close, and threads and forks may share a Memory. Several scans may use one file at once, and may be
    killed at any time.

    `repository` is a path. `rules` stands for all else that an answer depends on: the rules, the program's version, how
    wide ids are.
    """

    def __init__(self, folder: str | None = None) -> None:
        self._folder = folder or cachefolder.path()
        self.file = os.path.join(self._folder, NAME)
        self.trouble = ""
        """What was wrong at the last call, on one line; empty when nothing was."""

    def clean(self, repository: str, rules: str) -> bytes:
        """Return the ids of objects that hold nothing to report: raw, one after the other, sorted and distinct."""
        return self._recall(rows.Key(repository, rules), rows.clean, b"")

    def remember(self, repository: str, rules: str, oids: bytes, width: int) -> None:
        """Add ids of `width` bytes each, in any order. It is quickest when they are sorted, and new."""
        if len(oids) % width:
            raise ValueError(f"{len(oids)} bytes are no ids of {width} bytes each")
        if oids and len(oids) <= MOST_BYTES:
            key, run = rows.Key(repository, rules), ids.distinct(oids, width)
            self._store(lambda connection: rows.add(connection, key, run, width))

    def outcome(self, repository: str, rules: str, state: bytes) -> bytes | None:
        """Return what was kept for exactly this state of the repository."""
        nothing: bytes | None = None
        key = rows.Key(repository, rules)
        return self._recall(key, lambda connection, key: rows.outcome(connection, key, state), nothing)

    def keep_outcome(self, repository: str, rules: str, state: bytes, outcome: bytes) -> None:
        """Keep the outcome of a complete scan, in place of the one before. It must hold no secret."""
        if len(state) + len(outcome) <= MOST_BYTES:
            key = rows.Key(repository, rules)
            self._store(lambda connection: rows.keep(connection, key, state, outcome))

    def info(self) -> list[Remembered]:
        """Return what is remembered, the last used first."""
        nothing: list[Remembered] = []
        return self._attempt(lambda: self._asked(rows.info, nothing), nothing)

    def clear(self, repository: str | None = None) -> list[Remembered]:
        """Forget a repository, or everything, and return what that was. A damaged file is replaced."""
        nothing: list[Remembered] = []
        if not os.path.lexists(self.file):
            return nothing
        gone = self._write(lambda connection: rows.clear(connection, repository), nothing)
        if gone:
            self._attempt(self._shrink, None)
        return gone

    def _recall(self, key: rows.Key, query: Callable[[Connection, rows.Key], _T], nothing: _T) -> _T:
        """Ask a set, and note that it is in use: now and then, and only if that needs no waiting."""

        def ask() -> tuple[_T, float]:
            try:
                return self._asked(lambda connection: (query(connection, key), rows.used(connection, key)), unknown)
            except _UnfitError:  # adding to it might go well, and every later question badly
                self._remove()
                raise

        unknown = (nothing, 0.0)
        found, used = self._attempt(ask, unknown)
        if used and not 0 <= time.time() - used < _USED_ANEW:
            self._write(lambda connection: rows.use(connection, key), None, wait=False)
            self.trouble = ""  # it only matters for what is dropped first
        return found

    def _store(self, change: Callable[[Connection], None]) -> None:
        def within_bounds(connection: Connection) -> None:
            change(connection)
            rows.evict(connection, MOST_SETS, MOST_BYTES)

        self._write(within_bounds, None)

    def _asked(self, query: Callable[[Connection], _T], nothing: _T) -> _T:
        self._check()
        with self._transaction("BEGIN", PATIENCE) as (connection, empty):
            return nothing if empty else query(connection)

    def _write(self, change: Callable[[Connection], _T], nothing: _T, *, wait: bool = True) -> _T:
        def write() -> _T:
            self._make()
            self._check()
            with self._transaction("BEGIN IMMEDIATE", PATIENCE if wait else 0.0) as (connection, empty):
                if empty:
                    rows.make(connection)
                return change(connection)

        def write_anew() -> _T:
            try:
                return write()
            except _UnfitError:
                self._remove()
                return write()

        return self._attempt(write_anew, nothing)

    def _attempt(self, work: Callable[[], _T], nothing: _T) -> _T:
        self.trouble = ""
        try:
            import sqlite3
        except ImportError:
            self.trouble = "this Python has no sqlite3"
            return nothing
        try:
            return work()
        except FileNotFoundError:  # nothing is remembered yet
            return nothing
        except (_UnfitError, OSError, sqlite3.Error) as error:
            self.trouble = f"{self.file}: {getattr(error, 'strerror', None) or error}"
            return nothing

    def _check(self) -> None:
        if not cachefolder.is_ours(self._folder):
            raise PermissionError("others can write to its folder, so it is not used")
        if not cachefolder.is_ours(self.file):
            raise _UnfitError("others can have written it, so it is not used")

    def _make(self) -> None:
        """Make the file, empty, where there is none: SQLite would let everybody read it."""
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        with suppress(FileExistsError):
            if cachefolder.is_ours(self._folder):
                os.close(os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))

    def _remove(self) -> None:
        """Remove the file. What SQLite lays beside it goes first: it would be taken for a part of the next file."""
        for suffix in ("-journal", "-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                os.unlink(self.file + suffix)

    def _shrink(self) -> None:
        with self._opened(PATIENCE) as connection:
            connection.execute("VACUUM")

    @contextmanager
    def _transaction(self, begin: str, patience: float) -> Iterator[tuple[Connection, bool]]:
        """Run what is inside as one transaction: when it fails, or the process is killed, nothing of it was done.

        Yields the connection, and whether the file is empty. Raises `_UnfitError` for a damaged or foreign file.
        """
        with self._opened(patience) as connection:
            connection.execute(begin)
            form = rows.form(connection)
            if form not in (rows.FORM, 0):
                raise _UnfitError("it is of another version")
            yield connection, form == 0
            connection.execute("COMMIT")

    @contextmanager
    def _opened(self, patience: float) -> Iterator[Connection]:
        import sqlite3
        from pathlib import Path

        uri = f"{Path(self.file).absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
        connection.text_factory = bytes  # what is damaged need not be UTF-8
        try:
            for setting in (f"page_size = {rows.PAGE}", "synchronous = OFF", "foreign_keys = ON"):
                connection.execute(f"PRAGMA {setting}")
            yield connection
        except sqlite3.DatabaseError as error:
            if type(error) is sqlite3.DatabaseError:  # itself, and not one of its kinds: locked, full, ...
                raise _UnfitError(str(error)) from error
            raise
        except (ArithmeticError, TypeError, ValueError) as error:  # it holds what was never stored there
            raise _UnfitError("it is damaged") from error
        finally:
            connection.close()


class _UnfitError(Exception):
    """The file cannot be used as it is, and may be replaced."""
