"""Files and folders on disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from tightlip.errors import GitError, NotARepository, UsageError
from tightlip.finding import Unscanned
from tightlip.git.plumbing import Git
from tightlip.model import Blob

# A pipe that takes the place of a file between the look and the opening must not make this wait.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_NOT_OUT = "the submodule is not checked out; run `git submodule update --init --recursive`"


def blobs(
    paths: Iterable[str],
    *,
    limit: int | None = None,
    follow: bool = True,
    skip_ignored: bool = False,
    recurse_submodules: bool = False,
) -> Iterator[Blob | Unscanned]:
    """Yield each file: its path (part `path`), and its content or why that cannot be read.

    Folders are gone through, in the order of names, without what is in a `.git`. Of a symbolic link in a folder the
    target's name is what it holds. Pipes, sockets and devices hold nothing.

    Parameters: `paths`, files and folders; `limit`, the most bytes to read of a file; `follow`, whether one of `paths`
    that is a symbolic link stands for its target; `skip_ignored`, whether to leave out what git ignores in folders;
    `recurse_submodules`, whether to tell which submodules are not checked out, and to leave out what others ignore.
    Raises `UsageError` for a path that does not exist.
    """
    named = list(paths)
    for path in named:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: there is no such file or folder")
    for path in named:
        is_link = _is_link(os.lstat(path)) and not (follow and os.path.exists(path))
        if not is_link and os.path.isdir(path):
            inside = list(_submodules(path)) if recurse_submodules else []
            yield from (Unscanned(_joined(path, name), why) for name, why in inside if why)
            there = ["", *(name for name, why in inside if not why)]
            yield from _folder(path, limit, _ignored(path, there) if skip_ignored else frozenset())
        elif is_link or os.path.isfile(path):
            yield from _file(os.path.realpath(path) if not is_link else path, path, limit)
        else:
            yield Unscanned(path, "it is no regular file; name - to scan standard input")


def _folder(top: str, limit: int | None, ignored: frozenset[bytes]) -> Iterator[Blob | Unscanned]:
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Unscanned(folder, _why(error))
            continue
        inner = []
        for entry in entries:
            # `tightlip scan .` speaks of `a.py`, as git does, and not of `./a.py`
            path = entry.name if folder == os.curdir else entry.path
            if entry.name == ".git" or (ignored and os.fsencode(os.path.relpath(path, top)) in ignored):
                continue
            try:
                mode = entry.stat(follow_symlinks=False)
            except OSError as error:
                yield Unscanned(path, _why(error))
                continue
            if _is_link(mode) or stat.S_ISREG(mode.st_mode):
                yield from _file(path, path, limit)
            elif stat.S_ISDIR(mode.st_mode):
                inner.append(path)
        waiting += reversed(inner)


def _file(path: str, shown: str, limit: int | None) -> Iterator[Blob | Unscanned]:
    name = os.fsencode(shown.replace(os.sep, "/"))
    yield Blob(name, name, part="path")
    try:
        if _is_link(os.lstat(path)):
            yield Blob(os.fsencode(os.readlink(path)), name)
            return
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            status = os.fstat(file.fileno())
            too_large = limit is not None and status.st_size > limit
            data = file.read() if stat.S_ISREG(status.st_mode) and not too_large else None
    except OSError as error:
        yield Unscanned(shown, _why(error))
        return
    if data is not None:
        yield Blob(data, name)
    elif too_large:
        yield Unscanned(shown, f"its {status.st_size} bytes are over the limit of {limit}")
    else:
        yield Unscanned(shown, "it is no regular file any more")


def _joined(folder: str, name: str) -> str:
    """Return a path in a folder; an empty name is the folder itself, and the current folder is not told."""
    if folder == os.curdir and name:
        return name
    return os.path.join(folder, name) if name else folder


def _submodules(folder: str) -> Iterator[tuple[str, str]]:
    """Yield where in a folder submodules are, and why they are not checked out; an empty reason for those that are."""
    from tightlip.git.submodules import submodules

    git = Git(folder)
    try:
        top = os.fsdecode(git.run("rev-parse", "--show-toplevel").removesuffix(b"\n"))
        below = os.path.relpath(os.path.realpath(folder), os.path.realpath(top)).replace(os.sep, "/")
        for path, inner, why, its_top, _ in submodules(git, every=True):
            name = os.fsdecode(path)
            if below in (name, os.curdir) or name.startswith(f"{below}/"):
                missing = "" if its_top else _NOT_OUT
                yield name if below == os.curdir else name[len(below) + 1 :], missing if inner else why
    except NotARepository:
        return
    except GitError as error:
        yield "", f"which submodules it has is not known: {error}"


def _ignored(top: str, repositories: Iterable[str]) -> frozenset[bytes]:
    """Return what git ignores below a folder, relative to it; of an ignored folder just the folder.

    Parameters: `repositories`, where in it there are any: that itself, and submodules.
    """
    listing = ("ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
    found = set[bytes]()
    for name in repositories:
        folder = os.path.join(top, name)
        try:
            paths = Git(folder).run(*listing).split(b"\0")
        except NotARepository:
            continue
        found.update(os.fsencode(name and f"{name}/") + path.rstrip(b"/") for path in paths if path)
    return frozenset(found)


def _is_link(status: os.stat_result) -> bool:
    # A junction is a link between folders on Windows, and no symbolic link for Python.
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
    return stat.S_ISLNK(status.st_mode) or bool(junction and getattr(status, "st_reparse_tag", 0) == junction)


def _why(error: OSError) -> str:
    return f"it cannot be read: {error.strerror or error}"
