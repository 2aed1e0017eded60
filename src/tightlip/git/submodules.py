"""Repositories inside a repository: its submodules, as far as they are here.

Nothing is fetched, and nothing outside of the repository is looked at: a submodule's git folder lies in the one of the
repository that it is in, or in its own folder, as git puts it. Any other is told as one that cannot be had.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from tightlip.errors import GitError, NotARepository
from tightlip.git.plumbing import Git
from tightlip.git.staged import SUBMODULE
from tightlip.git.state import identity

_DEEPEST = 32
"""How many submodules are looked for in each other."""
_NOT_HERE = "the submodule is not here; run `git submodule update --init --recursive`"
_BROKEN = "its git folder is gone or damaged; check the submodule out anew"
_NOT_OURS = "its git folder is outside of the repository that the submodule is in; scan it by itself"
_NO_PATH = "git itself allows no submodule such a path"
_LINK = "it is behind a symbolic link, where git itself allows no submodule"
_TOO_DEEP = f"it is in {_DEEPEST} others; scan it by itself"


class Submodule(NamedTuple):
    """A repository inside another."""

    path: bytes
    """From the top of the outermost working tree; of a git folder that no submodule uses any more, its own path."""
    git: Git | None
    """None where it cannot be had."""
    why: str = ""
    """Why it cannot."""
    top: bytes = b""
    """Its working tree; empty where only its git folder is here."""
    folder: str = ""
    """Its git folder: the one that its working trees share."""


def submodules(git: Git, *, every: bool = False, unused: bool = False) -> Iterator[Submodule]:
    """Yield the submodules that are checked out here, and those in them: each repository once.

    Parameters: `every`, whether to yield those that are not checked out too, with no more than a git folder or not here
    at all; `unused`, whether to yield git folders that no submodule of the index uses any more.
    Raises `GitError` where the submodules of the repository itself are not to be known.
    """
    top = git.run("rev-parse", "--show-toplevel", fine=(128,)).removesuffix(b"\n")
    outermost = Submodule(b"", git, top=top, folder=identity(git))
    done, waiting = {outermost.folder}, [(outermost, 0)]
    while waiting:
        outer, depth = waiting.pop()
        found = []
        try:
            for inner in chain(_in_index(outer, every=every), _unused(outer) if unused else ()):
                if depth == _DEEPEST:
                    yield Submodule(inner.path, None, _TOO_DEEP)
                elif inner.git is None:
                    yield inner
                elif inner.folder not in done:  # else it leads back
                    done.add(inner.folder)
                    found.append((inner, depth + 1))
                    yield inner
        except GitError as error:
            if outer is outermost:
                raise
            yield Submodule(outer.path, None, f"which submodules it has is not known: {error}")
        waiting += reversed(found)


def _in_index(outer: Submodule, *, every: bool) -> Iterator[Submodule]:
    git = outer.git
    if git is None or not (outer.top or every):
        return
    listing = git.run("ls-files", "--stage", "--full-name", "-z", "--", ":/")
    if not outer.top:
        listing += git.run("ls-tree", "-r", "-z", "--full-tree", "HEAD", fine=(128,))
    paths = [entry.partition(b"\t")[2] for entry in listing.split(b"\0") if entry.startswith(SUBMODULE.encode())]
    names = _names(git) if every and paths else {}
    for path in dict.fromkeys(paths):
        yield from _at(outer, path, names.get(path, b""), every=every)


def _at(outer: Submodule, path: bytes, name: bytes, *, every: bool) -> Iterator[Submodule]:
    """Yield the submodule at a path, if it is wanted. Parameters: `name`, by which git calls it."""
    shown = os.path.join(outer.path, path)
    if path.startswith(b"/") or {b"", b".", b"..", b".git"} & set(path.split(b"/")):
        yield Submodule(shown, None, _NO_PATH)
        return
    where = os.path.join(outer.top, path)
    if outer.top and os.path.lexists(os.path.join(where, b".git")):
        yield Submodule(shown, None, _LINK) if _is_linked(outer.top, path) else _opened(outer, shown, where, where)
    elif every:
        folder = _by_name(outer, name)
        yield _opened(outer, shown, folder) if folder else Submodule(shown, None, _NOT_HERE)


def _opened(outer: Submodule, shown: bytes, where: bytes, top: bytes = b"") -> Submodule:
    """Return a submodule. Parameters: `where`, its working tree or its git folder; `top`, its working tree if any."""
    git = Git(os.fsdecode(where))
    # What is broken must not pass for the repository that it is in, and what a git folder says of its files not count.
    git.env |= {"GIT_CEILING_DIRECTORIES": os.path.dirname(os.path.realpath(git.where or ".")), "GIT_WORK_TREE": "."}
    try:
        folder = identity(git)
    except NotARepository:
        return Submodule(shown, None, _BROKEN)
    except GitError as error:
        return Submodule(shown, None, str(error))
    if not (_is_below(folder, outer.folder) or (top and _is_below(folder, os.path.realpath(os.fsdecode(top))))):
        return Submodule(shown, None, _NOT_OURS)
    return Submodule(shown, git, top=top, folder=folder)


def _names(git: Git) -> dict[bytes, bytes]:
    """Return by path what git calls the submodules: .gitmodules as it is in the index or in HEAD, never on disk."""
    for source in (":.gitmodules", "HEAD:.gitmodules"):
        rows = git.run(
            *("config", "--null", "--blob", source, "--get-regexp", r"^submodule\..*\.path$"), fine=(1, 128)
        ).split(b"\0")[:-1]
        if rows:
            pairs = (row.partition(b"\n") for row in rows)
            return {path: key.removeprefix(b"submodule.").removesuffix(b".path") for key, _, path in pairs}
    return {}


def _by_name(outer: Submodule, name: bytes) -> bytes:
    """Return the git folder of a submodule that is not checked out; empty where there is none, or by a bad name."""
    if not name or b".." in name.replace(b"\\", b"/").split(b"/"):  # git's own rule
        return b""
    folder = _modules(outer) + b"/" + name
    return folder if os.path.isdir(folder) else b""


def _unused(outer: Submodule) -> Iterator[Submodule]:
    """Yield all git folders that a repository has for submodules of any working tree: those in use were told before."""
    own = os.fsencode(outer.folder)
    trees = os.path.join(own, b"worktrees")
    each = (os.path.join(trees, name) for name in sorted(os.listdir(trees))) if os.path.isdir(trees) else ()
    for folder in chain.from_iterable(_git_folders(os.path.join(it, b"modules")) for it in (own, *each)):
        inner = os.path.relpath(os.path.realpath(folder), own)
        yield _opened(outer, os.path.join(outer.path, b".git", inner), folder)


def _git_folders(folder: bytes) -> Iterator[bytes]:
    for where, folders, files in os.walk(folder):
        folders.sort()
        if b"HEAD" in files and {b"objects", b"refs"} <= set(folders):
            folders.clear()
            yield where


def _modules(outer: Submodule) -> bytes:
    """Return where a repository keeps the git folders of its submodules."""
    git = outer.git or Git()
    name = git.run("rev-parse", "--git-path", "modules").removesuffix(b"\n")
    return os.path.join(os.fsencode(git.where or "."), name)


def _is_linked(top: bytes, path: bytes) -> bool:
    """Whether the way to a path, or what is there, is a symbolic link."""
    parts = path.split(b"/")
    ways = (os.path.join(top, *parts[:number]) for number in range(1, len(parts) + 1))
    return any(stat.S_ISLNK(os.lstat(way).st_mode) for way in ways)


def _is_below(path: str, folder: str) -> bool:
    return os.path.join(path, "").startswith(os.path.join(folder, ""))
