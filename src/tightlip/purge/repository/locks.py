"""Keeping everybody else from the refs, with git's own locks, and taking away the locks that a kill has left.

A lock that is left is removed only if this module's record names it, and it is the very file that the record means.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn

from tightlip.errors import GitError
from tightlip.purge.repository import durable
from tightlip.purge.repository.journal import folder_in
from tightlip.purge.repository.layout import Layout, layout

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.git.process import Process

_RECORD = "locks.json"
_ALIVE = "alive"
_MARK = "packed-refs.tightlip"
"""A second name of the lock of packed-refs: while it is there, the lock is ours."""

_PATIENCE = 5.0  # seconds to wait for another purge, or for git to notice that the one before was killed
_PACKED_PATIENCE = 2.0  # seconds to wait for the lock of packed-refs; git waits for one
_PAUSE = 0.02
_SETTLED = 1.0  # seconds: an empty lock that is younger may be another git's, which is about to write
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EINVAL)


@contextlib.contextmanager
def alone(place: Layout) -> Iterator[None]:
    """Keep other purges of the repository out; the kernel lets them in when this process ends, however it does.

    The git processes started inside keep them out too, for as long as they live. Raises `GitError` or `OSError`.
    """
    path = os.path.join(folder_in(place.common), _ALIVE)
    file = os.open(path, os.O_RDWR | os.O_CREAT, durable.PRIVATE)
    try:
        until = time.monotonic() + _PATIENCE
        while not _taken(file):
            if time.monotonic() > until:
                raise GitError(f"{place.common}: another tightlip is at work on its refs; wait for it, and try again")
            time.sleep(_PAUSE)
        os.set_inheritable(file, sys.platform != "win32")
        yield
    finally:
        os.close(file)


@contextlib.contextmanager
def held(git: Git, place: Layout, refs: Mapping[str, str | None]) -> Iterator[None]:
    """Keep every other git from changing `refs`; each must have the id given, None for: must not be there.

    Raises `GitError` if one has not, or is locked. Call it inside `alone`, and `clean_up_alone` before it.
    """
    record = _path(place)
    locks = [f"{name}.lock" for name in (*refs, *(f"{tree.name}/HEAD" for tree in place.worktrees))]
    durable.write(record, _told(dict.fromkeys(locks)))
    process = _transaction(git)
    try:
        process.write(b"start\0" + b"".join(_verify(name, oid) for name, oid in refs.items()) + b"prepare\0")
        if process.readline() != b"start: ok\n" or process.readline() != b"prepare: ok\n":
            _not_held(place, process)
        mine = {name: seen for name in locks if (seen := _seen(place.path(name)))}
        durable.write(record, _told(mine))
        yield
        process.write(b"abort\0")  # nothing of it was to be written
        process.finish()
    finally:
        process.close()
        _remove_recorded(place)


def _not_held(place: Layout, process: Process) -> NoReturn:
    """Raise what git says of why it did not lock the refs. Unless it was killed, it has left no lock."""
    try:
        killed = process.finish(-9) == -9
    except GitError:
        durable.remove(_path(place))  # so the locks that are there are not ours
        raise
    if not killed:
        durable.remove(_path(place))
    raise GitError(f"{place.common}: git was ended before it had locked the refs; try again")


@contextlib.contextmanager
def packed(place: Layout) -> Iterator[str]:
    """Lock packed-refs. Gives the path of the lock, an empty file, for the caller to write and to rename.

    Raises `GitError` if another git has the lock, or `OSError`. Call it inside `alone`.
    """
    lock, mark = _packed_lock(place)
    os.close(durable.opened(mark, os.O_EXCL))
    try:
        os.chmod(mark, _mode(lock.removesuffix(".lock")))
        _link(mark, lock)
        yield lock
    finally:
        _remove_packed(place)


def clean_up(git: Git) -> tuple[str, ...]:
    """Remove the locks that a killed purge has left, and return their paths. Raises `GitError` or `OSError`."""
    place = layout(git)
    with alone(place):
        return clean_up_alone(place)


def clean_up_alone(place: Layout) -> tuple[str, ...]:
    """Do what `clean_up` does, inside `alone`."""
    durable.remove(os.path.join(folder_in(place.common), durable.NEW))  # of a record or a journal
    return (*_remove_packed(place), *_remove_recorded(place))


def _transaction(git: Git) -> Process:
    """Start git so that what ends this process (Ctrl-C in its terminal) does not end git, too, and free the refs.

    It ends when its input does.
    """
    if sys.platform == "win32":
        return git.start("update-ref", "-z", "--stdin")
    deaf = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT))
    try:
        return git.start("update-ref", "-z", "--stdin")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, deaf)


def _verify(name: str, oid: str | None) -> bytes:
    return b"option no-deref\0verify %b\0%b\0" % (name.encode("utf-8", "surrogateescape"), (oid or "").encode())


def _taken(file: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL):
            raise
    return True  # or the file system has no such locks


def _link(mark: str, lock: str) -> None:
    """Give `mark` the name `lock` too, which says at once that it is locked, and by whom."""
    until = time.monotonic() + _PACKED_PATIENCE
    while not _linked(mark, lock):
        if time.monotonic() > until:
            raise GitError(f"{lock}: another git has locked the refs; if none runs, remove that file")
        time.sleep(_PAUSE)


def _linked(mark: str, lock: str) -> bool:
    try:
        os.link(mark, lock)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        raise GitError(
            f"{lock}: this file system has no hard links; copy the repository to one that has, and purge it there"
        ) from None
    return True


def _packed_lock(place: Layout) -> tuple[str, str]:
    path = os.path.realpath(os.path.join(place.common, "packed-refs"))  # git follows a link here, too
    return f"{path}.lock", os.path.join(os.path.dirname(path), _MARK)


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o777
    except FileNotFoundError:
        return 0o644


def _remove_packed(place: Layout) -> tuple[str, ...]:
    lock, mark = _packed_lock(place)
    ours = os.path.lexists(lock) and os.path.lexists(mark) and os.path.samefile(lock, mark)
    if ours:
        durable.remove(lock)
    durable.remove(mark)
    return (lock,) if ours else ()


def _remove_recorded(place: Layout) -> tuple[str, ...]:
    path = _path(place)
    try:
        with open(path, "rb") as stream:
            told = json.loads(stream.read())
            began = os.fstat(stream.fileno()).st_mtime_ns
    except FileNotFoundError:
        return ()
    removed = []
    for name, mine in told.items():
        lock = place.path(name)
        if tuple(mine) == _seen(lock) if mine else _is_orphan(lock, began):
            durable.remove(lock)
            removed.append(lock)
    durable.remove(path)
    return tuple(removed)


def _is_orphan(lock: str, began: int) -> bool:
    """Whether a lock is one that git made for us, when the kill came before its identity was written down.

    Git had begun to lock, and is gone (`alone` waits for that): its locks are empty, no older than the record, and
    nobody writes to them.
    """
    seen = _seen(lock)
    if seen is None or seen[1] < began or seen[2]:
        return False
    time.sleep(max(0.0, min(_SETTLED, _SETTLED - (time.time() - seen[1] / 1e9))))
    return seen == _seen(lock)


def _seen(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _told(locks: Mapping[str, tuple[int, int, int] | None]) -> bytes:
    return json.dumps(locks).encode()


def _path(place: Layout) -> str:
    return os.path.join(folder_in(place.common), _RECORD)
