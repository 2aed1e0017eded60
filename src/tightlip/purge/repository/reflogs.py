"""Reflogs: an entry for what moved, other ids in what is there, and dropping entries."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from tightlip.errors import GitError
from tightlip.purge.repository import durable, locks
from tightlip.purge.repository.layout import Layout, files_under, layout, shared_refs

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.purge.repository.journal import Move

MESSAGE = "tightlip purge"
STASH = "refs/stash"
"""Its entries are the stashes themselves, so none may be added."""

_ENTRY = re.compile(rb"([0-9a-f]{40,64}) ([0-9a-f]{40,64})( [^\n]*)?(\n|\Z)")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_NOBODY = b"tightlip <tightlip@localhost> 0 +0000"
_AT_ONCE = 200  # refs in one call of git, well below what an argument list may hold


def append(git: Git, place: Layout, refs: Mapping[str, Move]) -> None:
    """Add an entry to the reflog of each ref that moved, and of each HEAD on it; drop the reflogs of those removed.

    A ref without a reflog gets none. An entry that is there already is not added again. Raises `OSError`.
    """
    who = git.run("var", "GIT_COMMITTER_IDENT", fine=(128,)).strip() or _NOBODY
    on = [(tree.branch(), os.path.join(tree.folder, "logs", "HEAD")) for tree in place.worktrees]
    for name, move in refs.items():
        if move.new is None:
            _drop(place, name)
        elif move.old is not None and name != STASH:
            entry = b"%b %b %b\t%b\n" % (move.old.encode(), move.new.encode(), who, MESSAGE.encode())
            _append(place.log(name), entry)
            for log in [log for branch, log in on if branch == name]:
                _append(log, entry)


def rewrite(git: Git, ids: Mapping[str, str | None], text: Callable[[bytes], bytes] | None = None) -> int:
    """Put new ids for old ones in all reflogs of all working trees, and return how many files changed.

    Parameters: `ids`, new by old; None drops the entries that lead there. `text`, what makes of an entry's identity and
    message what shall stand there. Raises `GitError` or `OSError`; every file is then as it was, or done.
    """
    place = layout(git)
    if place.reftable:
        raise GitError(
            f"{place.common}: git cannot rewrite reflogs in reftables; expire them, or `git refs migrate` to files"
        )
    logs = list(_logs(place))
    with locks.alone(place):
        locks.clean_up_alone(place)
        logged = set(logs)
        standing = {name: oid for name, oid in shared_refs(git).items() if place.log(name) in logged}
        with locks.held(git, place, standing):
            return sum(_rewritten(path, ids, text) for path in logs)


def expire(git: Git, refs: Iterable[str]) -> None:
    """Drop all entries of the reflogs of `refs`, full names or as `heads` names them. Raises `GitError`."""
    names = list(refs)
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        git.run("reflog", "expire", "--expire=all", "--expire-unreachable=all", *some)


def has_any(place: Layout) -> bool:
    """Whether there is a reflog."""
    return any(True for _ in _logs(place))


def _logs(place: Layout) -> Iterator[str]:
    for tree in place.worktrees:
        folder = os.path.join(tree.folder, "logs")
        yield from (os.path.join(folder, *name.split("/")) for name in files_under(folder))


def _rewritten(path: str, ids: Mapping[str, str | None], text: Callable[[bytes], bytes] | None) -> bool:
    while True:
        with open(path, "rb") as stream:
            before, status = stream.read(), os.fstat(stream.fileno())
        after = b"".join(_entries(before, ids, text))
        if after == before:
            return False
        now = os.stat(path)
        if (now.st_size, now.st_mtime_ns) == (status.st_size, status.st_mtime_ns):
            durable.write(path, after, status.st_mode & 0o777)
            return True


def _entries(content: bytes, ids: Mapping[str, str | None], text: Callable[[bytes], bytes] | None) -> Iterator[bytes]:
    for line in _LINE.findall(content):
        entry = _ENTRY.fullmatch(line)
        if not entry:
            yield text(line) if text else line  # git passes over it
            continue
        old, new, rest, end = (entry[1].decode(), entry[2].decode(), entry[3] or b"", entry[4])
        after = ids.get(new, new)
        if after is None:
            continue
        before = ids.get(old, old) or "0" * len(old)
        yield f"{before} {after}".encode() + (text(rest) if text else rest) + end


def _append(path: str, entry: bytes) -> None:
    if not os.path.isfile(path):
        return
    with open(path, "a+b") as stream:
        stream.seek(0)
        last = stream.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
        if not _says_the_same(last, entry):
            stream.write(entry)
            durable.settle(stream)


def _says_the_same(last: bytes, entry: bytes) -> bool:
    """Whether two entries differ at most in who wrote them, and when."""
    return last.split(b" ")[:2] == entry.split(b" ")[:2] and last.endswith(entry[entry.index(b"\t") : -1])


def _drop(place: Layout, name: str) -> None:
    path = place.log(name)
    durable.remove(path)
    top = os.path.join(place.common, "logs", "refs")
    with contextlib.suppress(OSError):  # another reflog is in that folder, or it is gone
        while (path := os.path.dirname(path)) != top and path.startswith(top):
            os.rmdir(path)
