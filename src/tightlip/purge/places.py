"""What holds values beside objects: files of the git folder, the names of refs, large files that are kept elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.purge.forms import Forms
from tightlip.purge.layout import layout
from tightlip.purge.roots import Roots

_OBJECTS = ("objects", "lfs/tmp", "tightlip")
_OWN = {
    "config": "it is yours to edit: take the value out, a remote's password into a credential helper",
    "logs": "reflogs are rewritten, or dropped with --prune",
    "packed-refs": "the ref's own name",
    "refs": "the ref's own name",
    "hooks": "it is yours to edit",
    "lfs": "delete it here and on the LFS server, and commit a clean file in its place",
    "modules": "it is another repository: run tightlip in it",
    "worktrees": "it is dropped with --prune",
}
"""What is to be done about a file, by the first part of its path."""
_REST = "it is dropped with --prune"
_AT_ONCE = 1 << 26
"""Bytes of a file that are searched at a time."""
_OVERLAP = 1 << 16


class Files(NamedTuple):
    """What holds a value beside objects."""

    paths: tuple[str, ...]
    """Files, by their paths in the git folder; `config` and the like."""
    refs: tuple[str, ...]
    """Refs whose own name holds a value."""

    def told(self) -> list[dict[str, str]]:
        """Return what is said of them, without a value."""
        rows = [{"file": path, "what": _what(path)} for path in self.paths if not path.startswith(("refs/", "logs/"))]
        others = sum(path.startswith("logs/") for path in self.paths)
        rows += [{"file": "logs", "what": _OWN["logs"]}] if others else []
        return rows + [{"file": f"ref {number}", "what": _OWN["refs"]} for number, _ in enumerate(self.refs, 1)]


def _what(path: str) -> str:
    return _OWN.get(path.split("/", 1)[0], _REST)


def files_that_hold(git: Git, forms: Forms, start: Roots) -> Files:
    """Return the files of the git folder, and the refs, that hold a value. Raises `GitError` or `OSError`."""
    common = layout(git).common
    paths = tuple(path for path in _paths(common) if _holds(os.path.join(common, path), forms))
    refs = tuple(name for name in start.refs if forms.found(name.encode("utf-8", "surrogateescape")))
    return Files(paths, refs)


def _paths(folder: str) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        inside = os.path.relpath(where, folder).replace(os.sep, "/")
        folders[:] = sorted(name for name in folders if f"{inside}/{name}".removeprefix("./") not in _OBJECTS)
        for name in sorted(names):
            yield name if inside == "." else f"{inside}/{name}"


def _holds(path: str, forms: Forms) -> bool:
    if os.path.islink(path) or not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        before = b""
        while part := file.read(_AT_ONCE):
            data = before + part
            if forms.may_be_in(data) and forms.found(data):
                return True
            before = data[-_OVERLAP:]
    return False
