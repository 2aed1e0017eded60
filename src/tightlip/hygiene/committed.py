"""`.env` files that were ever committed, from all that branches and tags reach."""

from __future__ import annotations

import os
from typing import NamedTuple

from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.hygiene import dotenv

_SPECS = (":(top,glob)**/.env", ":(top,glob)**/.env.*", ":(top,glob)**/*.env", ":(top,glob)**/.envrc")
_SHORT = 10
_LARGEST = 1 << 20


class Once(NamedTuple):
    """A file, and when it was in the history."""

    path: str
    first: str
    """The commit that brought it in: its short id, and the date."""
    last: str
    """The last that changed or removed it."""
    live: tuple[str, ...]
    """Keys whose value of then a local `.env` still has."""


def look(git: Git, local: dict[str, tuple[str, ...]]) -> list[Once]:
    """Return the files, those that only ever held examples or encrypted values left out. Raises `GitError`.

    Parameters: `local`, by value, the local files that hold it.
    """
    output = git.run(
        *("log", "--all", "--raw", "-z", "--no-abbrev", "-m", "--format=%x01%H %cs", "--no-textconv", "--no-renames"),
        *("--", *_SPECS),
    )
    seen: dict[str, list[tuple[str, str]]] = {}
    commit, fields = "", iter(output.split(b"\0"))
    for field in fields:
        rest = field
        if field.startswith(b"\x01"):
            head, _, rest = field[1:].partition(b"\n")
            oid, _, date = head.decode().partition(" ")
            commit = f"{oid[:_SHORT]} {date}"
        if rest.lstrip(b"\n").startswith(b":"):
            oid = rest.split(b" ")[3].decode()
            path = os.fsdecode(next(fields, b""))
            if dotenv.is_env(path) and not dotenv.is_example(path):
                seen.setdefault(path, []).append((commit, oid))
    with ObjectReader(git, limit=_LARGEST) as objects:
        return [once for path, every in seen.items() if (once := _once(objects, path, every, local))]


def _once(
    objects: ObjectReader, path: str, every: list[tuple[str, str]], local: dict[str, tuple[str, ...]]
) -> Once | None:
    """Return what is told of a file. Parameters: `every`, its changes, the newest first."""
    oids = list(dict.fromkeys(oid for _, oid in every if oid.strip("0")))
    datas = [it.data for it in objects.read_many(oids) if isinstance(it, Object)]
    clear = [data for data in datas if not dotenv.is_sealed(data, path)]
    pairs = [pair for data in clear for pair in dotenv.pairs(data) if pair.value]
    if not pairs:
        return None
    live = tuple(dict.fromkeys(pair.key for pair in pairs if pair.value in local))
    return Once(path, every[-1][0], every[0][0], live)
