"""Copies of what a git folder holds beside its objects: HEADs, refs, reflogs, indexes and what else names objects."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from tightlip.purge.repository import durable
from tightlip.purge.repository.layout import files_under

_FOLDERS = ("info", "logs", "rebase-apply", "rebase-merge", "refs", "reftable", "sequencer", "worktrees")
_IN_WORKTREES = re.compile(r"worktrees/[^/]+/(.*)", re.DOTALL)
_REFS = re.compile(r"(refs|reftable|logs)/.*", re.DOTALL)
_NAMED = re.compile(r"[A-Z][A-Z_]*_HEAD|AUTO_MERGE|HEAD|index|sharedindex\.[0-9a-f]+|packed-refs")
_TABLES = "tables.list"


class Copied(NamedTuple):
    """A file in a backup."""

    sha256: str
    mode: int


def take(common: str, folder: str) -> dict[str, Copied]:
    """Copy the files of a git folder, and return what was copied, by its path in there. Raises `OSError`."""
    found = {}
    for name in _all(common):
        path = os.path.join(common, *name.split("/"))
        content = _content(path)
        _write(os.path.join(folder, *name.split("/")), content)
        found[name] = Copied(sha256(content).hexdigest(), os.stat(path).st_mode & 0o777)
    return found


def damaged(folder: str, files: Mapping[str, Copied]) -> str:
    """Return the first file of a backup that is missing or not as it was copied, or nothing. Raises `OSError`."""
    for name, copied in files.items():
        path = os.path.join(folder, *name.split("/"))
        if not os.path.isfile(path) or sha256(_content(path)).hexdigest() != copied.sha256:
            return name
    return ""


def put_back(folder: str, common: str, files: Mapping[str, Copied]) -> None:
    """Put the files of a backup that name objects back into a git folder, and remove those that came later.

    Each is replaced at once, and the refs come last: first the loose ones, then packed-refs. Working trees that are
    gone stay so. What was configured stays as it is now. Raises `OSError`.
    """
    wanted = [name for name in files if _is_restored(name, common)]
    for name in sorted(wanted, key=_order):
        target = os.path.join(common, *name.split("/"))
        content = _content(os.path.join(folder, *name.split("/")))
        if not os.path.islink(target) and os.path.isfile(target) and _content(target) == content:
            os.chmod(target, files[name].mode)
            continue
        _make_way(common, target)
        durable.write(os.path.realpath(target) if name == "packed-refs" else target, content, files[name].mode)
    for name in _all(common):
        if name not in files and _is_restored(name, common):
            durable.remove(os.path.join(common, *name.split("/")))


def rehearse(folder: str, common: str, files: Mapping[str, Copied]) -> None:
    """Put the files of a backup that name objects into another, empty git folder. Raises `OSError`."""
    for name in files:
        if _is_restored(name, "") or name.startswith("worktrees/"):
            target = os.path.join(common, *name.split("/"))
            durable.remove(target)
            _write(target, _content(os.path.join(folder, *name.split("/"))))


def _all(common: str) -> Iterator[str]:
    for name in sorted(os.listdir(common)):
        path = os.path.join(common, name)
        if name in _FOLDERS:
            yield from (f"{name}/{inner}" for inner in files_under(path) if _is_file(os.path.join(path, inner), inner))
        elif _is_file(path, name):
            yield name


def _is_file(path: str, name: str) -> bool:
    return (os.path.isfile(path) and not name.endswith(".lock") and name != "gc.pid") or _is_head_link(path)


def _is_head_link(path: str) -> bool:
    return os.path.basename(path) == "HEAD" and os.path.islink(path)


def _is_restored(name: str, common: str) -> bool:
    inner = _IN_WORKTREES.fullmatch(name)
    if inner and common and not os.path.isfile(os.path.join(common, *name.split("/")[:2], "gitdir")):
        return False
    own = inner[1] if inner else name
    return bool(_REFS.fullmatch(own) or _NAMED.fullmatch(own))


def _order(name: str) -> tuple[int, str]:
    """Return where a file comes: what says which of the others count is last."""
    if name == "packed-refs":
        return 3, name
    if name.endswith(f"/{_TABLES}"):
        return 2, name
    return (1 if name.startswith("refs/") else 0), name


def _make_way(common: str, target: str) -> None:
    """Make the folder of a file, where a file may be in the way, and remove empty folders that have its name."""
    folder = os.path.dirname(target)
    above = folder
    while len(above) > len(common):
        if os.path.isfile(above):
            os.unlink(above)
        above = os.path.dirname(above)
    os.makedirs(folder, exist_ok=True)
    if os.path.isdir(target):
        for where, _, names in os.walk(target, topdown=False):
            for name in names:
                os.unlink(os.path.join(where, name))
            os.rmdir(where)


def _content(path: str) -> bytes:
    if _is_head_link(path):  # as git wrote it long ago
        return b"ref: " + os.fsencode(os.readlink(path)) + b"\n"
    with open(path, "rb") as stream:
        return stream.read()


def _write(path: str, content: bytes) -> None:
    durable.make_folders(os.path.dirname(path))
    with open(durable.opened(path, os.O_EXCL), "wb") as stream:
        stream.write(content)
        durable.settle(stream)
