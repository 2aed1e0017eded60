"""`.env` files that were ever committed, from all that branches and tags reach."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from tightlip.finding import Unscanned
from tightlip.git import changes
from tightlip.git.objects import Object, ObjectError, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.hygiene import dotenv

_SHORT = 10
_LARGEST = 64 << 20


class Once(NamedTuple):
    """A file, and when it was in the history."""

    path: str
    first: str
    """The commit that brought it in: its short id, and the date."""
    last: str
    """The last that changed or removed it."""
    live: tuple[str, ...]
    """Keys whose value of then a local `.env` still has."""
    unread: str = ""
    """Why a version cannot be read, where none of the others holds a value."""


def look(git: Git, local: dict[str, tuple[str, ...]]) -> list[Once]:
    """Return the files, those that only ever held nothing or encrypted values left out. Raises `GitError`.

    Parameters: `local`, by value, the local files that hold it.
    """
    seen: dict[str, list[tuple[str, str]]] = {}
    untold: list[Once] = []
    # No pathspec: git takes several times as long to compare each name with it as to tell all names.
    for it in changes.stream(git, git.run("rev-list", "--all")):
        if isinstance(it, Unscanned):
            untold.append(Once(it.what, "", "", (), it.why))
        elif b".env" in it.path and dotenv.is_env(path := os.fsdecode(it.path)) and not dotenv.is_example(path):
            change = it.change()
            seen.setdefault(path, []).append((it.commit.decode(), change.oid if change else ""))
    dates = _dates(git, {commit for every in seen.values() for commit, _ in every})
    with ObjectReader(git, limit=_LARGEST) as objects:
        found = [
            _once(objects, path, [(dates[commit], oid) for commit, oid in every], local) for path, every in seen.items()
        ]
    return [*filter(None, found), *untold]


def _dates(git: Git, commits: Iterable[str]) -> dict[str, str]:
    """Return how commits are told: the short id, and the date."""
    stdin = "".join(f"{commit}\n" for commit in commits).encode()
    if not stdin:
        return {}
    lines = git.run("log", "--no-walk=unsorted", "--format=%H %cs", "--stdin", stdin=stdin).decode().split("\n")
    return {oid: f"{oid[:_SHORT]} {date}" for oid, _, date in (line.partition(" ") for line in lines if line)}


def _once(
    objects: ObjectReader, path: str, every: list[tuple[str, str]], local: dict[str, tuple[str, ...]]
) -> Once | None:
    """Return what is told of a file. Parameters: `every`, its changes, the newest first."""
    oids = list(dict.fromkeys(oid for _, oid in every if oid))
    read = list(objects.read_many(oids))
    clear = [it.data for it in read if isinstance(it, Object) and not dotenv.is_sealed(it.data, path)]
    ends = every[-1][0], every[0][0]
    if any(dotenv.held(path, data) for data in clear):
        pairs = (pair for data in clear for pair in dotenv.pairs(data))
        return Once(path, *ends, tuple(dict.fromkeys(pair.key for pair in pairs if pair.value in local)))
    unread = next((it.why for it in read if isinstance(it, ObjectError)), "")
    return Once(path, *ends, (), unread) if unread else None
