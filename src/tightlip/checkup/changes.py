"""The changes of files in the history of HEAD, through merges and renames: which object each was, and since when."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import NamedTuple

from tightlip.git.plumbing import Git

_MOST_RENAMES = 10
"""Names that one file had."""
_MOST_BYTES = 64_000
"""Of names that git is asked about at once: arguments have a limit."""
_RENAMES = ("-M30%", "-l400")
_FORMAT = ("--raw", "-z", "--no-abbrev", "--format=%x01%H %at %ct", "--no-textconv", "--no-ext-diff")


class Change(NamedTuple):
    """A file, as a commit left it."""

    commit: str
    written: datetime | None
    """When its author wrote it; None for a day that has not come yet, and for none."""
    committed: datetime | None
    """When it was committed, which a rebase does anew."""
    oid: str
    """Empty where the file was removed."""
    is_new: bool
    """Whether there was no such file before."""


def changes(git: Git, paths: Iterable[bytes]) -> dict[bytes, list[Change]]:
    """Return the changes of files, the newest first. Raises `GitError`."""
    if not git.run("rev-parse", "--verify", "--quiet", "HEAD", fine=(1,)).strip():
        return {}
    found = _logged(git, paths)
    born = {path: (every[-1].commit, path) for path, every in found.items() if every[-1].is_new}
    for _ in range(_MOST_RENAMES):
        names = _names_before(git, born)
        older = _logged(git, dict.fromkeys(names.values()), "--full-history")
        before = {path: _before(older.get(name, []), born[path][0]) for path, name in names.items()}
        for path, every in before.items():
            found[path] += every
        born = {path: (every[-1].commit, names[path]) for path, every in before.items() if every and every[-1].is_new}
    return found


def _before(every: list[Change], commit: str) -> list[Change]:
    """Return the changes before a commit; all of them where it is none of these."""
    at = next((number for number, it in enumerate(every, 1) if it.commit == commit), 0)
    return every[at:]


def _names_before(git: Git, born: dict[bytes, tuple[str, bytes]]) -> dict[bytes, bytes]:
    """Return what files were called before the commit that gave them a name: where it renamed them."""
    if not born:
        return {}
    commits = "\n".join(dict.fromkeys(commit for commit, _ in born.values()))
    output = git.run("log", "--stdin", "--no-walk=unsorted", "-m", *_RENAMES, *_FORMAT, stdin=commits.encode())
    renamed = {(it.commit, it.names[1]): it.names[0] for it in _parsed(output) if len(it.names) > 1}
    return {path: renamed[it] for path, it in born.items() if it in renamed}


def _logged(git: Git, paths: Iterable[bytes], *more: str) -> dict[bytes, list[Change]]:
    """Return the changes of files by their names alone. Of merges those that no parent has."""
    found: dict[bytes, list[Change]] = {}
    for some in _batches(paths):
        names = (f":(top,literal){os.fsdecode(path)}" for path in some)
        output = git.run("log", *more, "-c", "--no-renames", "--no-follow", *_FORMAT, "--", *names)
        for it in _parsed(output):
            is_new = not it.status.strip("A")
            found.setdefault(it.names[0], []).append(
                Change(it.commit, it.written, it.committed, it.oid.strip("0") and it.oid, is_new)
            )
    return found


def _batches(paths: Iterable[bytes]) -> Iterator[list[bytes]]:
    some, size = list[bytes](), 0
    for path in paths:
        if some and size + len(path) > _MOST_BYTES:
            yield some
            some, size = [], 0
        some.append(path)
        size += len(path)
    if some:
        yield some


class _Raw(NamedTuple):
    """One entry of `git log --raw`."""

    commit: str
    written: datetime | None
    committed: datetime | None
    oid: str
    status: str
    """A letter for each parent; with how alike the files are where it was renamed."""
    names: list[bytes]
    """One, or the earlier and the later."""


def _parsed(output: bytes) -> Iterator[_Raw]:
    now = datetime.now(timezone.utc).timestamp()
    commit, written, committed = "", None, None
    fields = iter(output.split(b"\0"))
    for field in fields:
        if field.startswith(b"\x01"):
            commit, *dates = field[1:].decode().split(" ")
            written, committed = (_time(it, now) for it in dates)
        elif field.lstrip(b"\n").startswith(b":"):
            *_, oid, status = field.decode().split(" ")
            names = [next(fields, b"") for _ in range(1 + status.startswith("R"))]
            yield _Raw(commit, written, committed, oid, status, names)


def _time(seconds: str, now: float) -> datetime | None:
    """Return a time that was, and nothing for one that cannot be."""
    return datetime.fromtimestamp(int(seconds), timezone.utc) if seconds.isdigit() and int(seconds) <= now else None
