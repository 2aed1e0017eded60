"""What the file holds, and what is done with it inside one transaction.

A *set* is a repository under one rule set. It has *runs* of ids, and an outcome. Each run and outcome carries a
checksum that is bound to its set; if one does not hold, the whole file is damaged, and that is a `ValueError`.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from tightlip.memory.ids import union

if TYPE_CHECKING:
    from sqlite3 import Connection

PAGE = 16384
"""Bytes. Large values read and write quicker than with SQLite's 4096."""
FORM = 0x746C_0001
"""Of the file, as its `user_version`; raise it when the form changes."""
_SCHEMA = (
    """CREATE TABLE sets (id INTEGER PRIMARY KEY,
    repository BLOB, rules TEXT, used REAL, UNIQUE (repository, rules))""",
    """CREATE TABLE runs (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES sets ON DELETE CASCADE,
    width INTEGER, ids BLOB, checksum INTEGER)""",
    """CREATE INDEX runs_of ON runs (owner)""",
    """CREATE TABLE outcomes (owner INTEGER PRIMARY KEY REFERENCES sets ON DELETE CASCADE,
    state BLOB, outcome BLOB, checksum INTEGER)""",
)
_INFO = """
SELECT repository, rules, (SELECT total(length(ids) / width) FROM runs WHERE owner = sets.id),
    (SELECT total(length(ids)) FROM runs WHERE owner = sets.id)
        + (SELECT total(length(state) + length(outcome)) FROM outcomes WHERE owner = sets.id),
    used
FROM sets ORDER BY used DESC, id DESC
"""
_FEW = 128
"""The small runs of a set are together at most this part of the largest: a scan that has little to add writes little,
and one that asks has little to put together."""


class Remembered(NamedTuple):
    """What is remembered of one repository under one rule set."""

    repository: str
    rules: str
    ids: int
    """How many. One that two scans stored at the same time may count twice."""
    bytes: int
    used: float
    """When a scan last asked for it or added to it, to the hour: seconds since 1970."""


class Key:
    """A repository and a rule set, as they are stored: a path need not be Unicode."""

    def __init__(self, repository: str, rules: str) -> None:
        self.columns = (os.fsencode(repository), rules)

    def checksum(self, *parts: bytes) -> int:
        """Return what tells content that was stored under this key from any other."""
        value = crc32(repr((self.columns, *map(len, parts))).encode("utf-8", "surrogatepass"))
        for part in parts:
            value = crc32(part, value)
        return value

    def checked(self, checksum: int, *parts: bytes) -> bytes:
        """Return the last part of what was stored with a checksum. Raises `ValueError` if that does not hold."""
        if checksum != self.checksum(*parts):
            raise ValueError
        return parts[-1]


def form(connection: Connection) -> int:
    """Return the form of the file: 0 for an empty one, -1 where the tables are not as they were made."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    made = {statement for (statement,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    return found if made == {statement.encode() for statement in _SCHEMA if found} else -1


def make(connection: Connection) -> None:
    """Make the tables of an empty file."""
    for statement in (*_SCHEMA, f"PRAGMA user_version = {FORM}"):
        connection.execute(statement)


def used(connection: Connection, key: Key) -> float:
    """Return when a set was last used, or 0 where there is none."""
    row = connection.execute("SELECT used FROM sets WHERE repository = ? AND rules = ?", key.columns).fetchone()
    return float(row[0]) if row else 0.0


def use(connection: Connection, key: Key) -> int:
    """Note that a set is in use now, and return its row. It is made if need be."""
    connection.execute(
        "INSERT INTO sets (repository, rules, used) VALUES (?, ?, ?) "
        "ON CONFLICT (repository, rules) DO UPDATE SET used = excluded.used",
        (*key.columns, time.time()),
    )
    found = connection.execute("SELECT id FROM sets WHERE repository = ? AND rules = ?", key.columns)
    return int(found.fetchone()[0])


def clean(connection: Connection, key: Key) -> bytes:
    """Return the ids of a set as one run."""
    runs = _runs(connection, key)
    width = runs[0][0] if runs else 0
    return union([ids for _, ids in runs], width)


def _runs(connection: Connection, key: Key) -> list[tuple[int, bytes]]:
    rows = connection.execute(
        "SELECT width, ids, checksum FROM runs JOIN sets ON owner = sets.id WHERE repository = ? AND rules = ?",
        key.columns,
    )
    return [(width, key.checked(checksum, b"%d" % width, ids)) for width, ids, checksum in rows]


def add(connection: Connection, key: Key, run: bytes, width: int) -> None:
    """Add a run of ids to a set."""
    owner = use(connection, key)
    connection.execute("DELETE FROM runs WHERE owner = ? AND width <> ?", (owner, width))
    stored = connection.execute("SELECT length(ids) FROM runs WHERE owner = ?", (owner,))
    sizes = [len(run), *(size for (size,) in stored)]
    if (sum(sizes) - max(sizes)) * _FEW > max(sizes):
        run = union([run, *(ids for _, ids in _runs(connection, key))], width)
        connection.execute("DELETE FROM runs WHERE owner = ?", (owner,))
    row = (owner, width, run, key.checksum(b"%d" % width, run))
    connection.execute("INSERT INTO runs (owner, width, ids, checksum) VALUES (?, ?, ?, ?)", row)


def outcome(connection: Connection, key: Key, state: bytes) -> bytes | None:
    """Return the outcome that is kept for this state."""
    row = connection.execute(
        "SELECT outcome, checksum FROM outcomes JOIN sets ON owner = id "
        "WHERE repository = ? AND rules = ? AND state = ?",
        (*key.columns, state),
    ).fetchone()
    return key.checked(row[1], state, row[0]) if row else None


def keep(connection: Connection, key: Key, state: bytes, found: bytes) -> None:
    """Keep the outcome for a state in place of the one before."""
    row = (use(connection, key), state, found, key.checksum(state, found))
    connection.execute("INSERT OR REPLACE INTO outcomes (owner, state, outcome, checksum) VALUES (?, ?, ?, ?)", row)


def evict(connection: Connection, most_sets: int, most_bytes: int) -> None:
    """Drop what was used least recently, until the rest is within bounds."""

    def number(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    while sets := number("SELECT count(*) FROM sets"):
        pages = number("PRAGMA page_count") - number("PRAGMA freelist_count")
        if sets <= most_sets and pages * PAGE <= most_bytes:
            return
        connection.execute("DELETE FROM sets WHERE id = (SELECT id FROM sets ORDER BY used, id LIMIT 1)")


def info(connection: Connection) -> list[Remembered]:
    """Return what is in the file, the last used first."""
    return [
        Remembered(os.fsdecode(repository), str(rules, "utf-8"), int(ids), int(size), float(at))
        for repository, rules, ids, size, at in connection.execute(_INFO)
    ]


def clear(connection: Connection, repository: str | None) -> list[Remembered]:
    """Drop the sets of a repository, or all, and return what they were."""
    gone = [row for row in info(connection) if repository in (None, row.repository)]
    for row in gone:
        connection.execute(
            "DELETE FROM sets WHERE repository = ? AND rules = ?", Key(row.repository, row.rules).columns
        )
    return gone
