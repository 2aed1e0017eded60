"""What holds values beside objects: files of the git folder, the names of refs, large files that are kept elsewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tightlip.engine.decode.magic import is_container
from tightlip.git.plumbing import Git
from tightlip.purge.forms import Forms
from tightlip.purge.repository.indexes import indexes
from tightlip.purge.repository.layout import PER_WORKTREE, layout, listed

_NOT_SEARCHED = ("objects", "tightlip")
_OWN = {
    "config": "it is yours to edit: take the value out, a remote's password into a credential helper",
    "logs": "reflogs are rewritten, or dropped with --prune",
    "hooks": "it is yours to edit",
    "index": "it becomes what HEAD is then; what is staged besides you have to commit or to unstage",
    "info": "it is yours to edit",
    "lfs": "delete it here and on the LFS server, and commit a clean file in its place",
    "modules": "it is another repository: run tightlip in it, and look at its name",
    **dict.fromkeys(("rebase-apply", "rebase-merge", "sequencer"), "it goes when what is under way there has ended"),
    "worktrees": "it is of another working tree: mend it there, or `git worktree remove` that",
}
"""What is to be done about a file, by the first part of its path."""
_REF = "the ref's own name: the ref gets another one"
_OWN_REF = "the own name of a ref that a working tree has for itself: delete it there"
_DROPPED = "it is dropped with --prune"
_OTHERS = "it is not of git itself: take the value out, or delete it"
_PASSING = re.compile(
    r"(worktrees/[^/]+/)?"
    r"([A-Z_]+_EDITMSG|EDIT_DESCRIPTION|MERGE_MSG|SQUASH_MSG|FETCH_HEAD|MERGE_RR|addp-hunk-edit\.diff|gc\.log)"
    r"|rr-cache/.+|gitk\.cache",
    re.DOTALL,
)
"""Files that git makes for the moment, and does without (gitrepository-layout)."""
_LOG = re.compile(r"(worktrees/[^/]+/)?logs/.+", re.DOTALL)
_HEAD = re.compile(r"(worktrees/[^/]+/)?HEAD", re.DOTALL)
_AT_ONCE = 1 << 26
"""Bytes of a file that are searched at a time."""
_OVERLAP = 1 << 16
_IN_PIECES = f"it is an archive of which only the first {_AT_ONCE >> 20} MiB were unpacked"


class Files(NamedTuple):
    """What holds a value beside objects."""

    paths: tuple[str, ...]
    """Files, and folders by their names alone, by their paths in the git folder; `config` and the like."""
    shown: tuple[str, ...]
    """The same, without a value."""
    refs: tuple[str, ...]
    """Refs whose own name holds a value, symbolic ones too, and the branches that HEADs are on."""
    unsearched: Mapping[str, list[str]]
    """Files with an archive that could not be searched to its end, by their paths without a value, and why."""

    def told(self) -> list[dict[str, str]]:
        """Return what is said of them, without a value."""
        both = [
            (path, shown) for path, shown in zip(self.paths, self.shown, strict=True) if not self._is_of_a_ref(path)
        ]
        rows = [{"file": shown, "what": _what(path)} for path, shown in both if not _LOG.fullmatch(path)]
        rows += [{"file": "logs", "what": _OWN["logs"]}] if any(_LOG.fullmatch(path) for path in self.paths) else []
        whats = (_OWN_REF if name.startswith(PER_WORKTREE) else _REF for name in self.refs)
        return rows + [{"file": f"ref {number}", "what": what} for number, what in enumerate(whats, 1)]

    def beside_refs(self) -> tuple[str, ...]:
        """Return the files that do not just hold the names of refs that do, without a value."""
        if not self.refs:
            return self.shown
        names = {*self.refs, "packed-refs"}
        return tuple(shown for path, shown in zip(self.paths, self.shown, strict=True) if path not in names)

    @staticmethod
    def _is_of_a_ref(path: str) -> bool:
        return path.startswith("refs/") or path == "packed-refs" or bool(_HEAD.fullmatch(path))


def _what(path: str) -> str:
    return _DROPPED if is_passing(path) else _OWN.get(_first(path), _OTHERS)


def _first(path: str) -> str:
    first = path.split("/", 1)[0]
    return "index" if first.startswith("sharedindex.") else first


def is_passing(path: str) -> bool:
    """Whether a file of the git folder is one that git makes for the moment."""
    return _PASSING.fullmatch(path) is not None


def files_that_hold(git: Git, forms: Forms) -> Files:
    """Return the files of the git folder, and the refs, that hold a value. Raises `GitError` or `OSError`."""
    place = layout(git)
    common, names = place.common, [*listed(git), *(tree.branch() for tree in place.worktrees)]
    listing = {index.path for index in indexes(git) if _is_in(index.names, forms)}
    paths, unsearched = list[str](), dict[str, list[str]]()
    for path in _paths(common):
        holds, missed = _search(os.path.join(common, path), forms)
        if holds or path in listing or _is_in(_bytes(path), forms):
            paths.append(path)
        if missed:
            unsearched[_shown(path, forms)] = missed
    shown = tuple(_shown(path, forms) for path in paths)
    refs = tuple(name for name in dict.fromkeys(names) if _is_in(_bytes(name), forms))
    return Files(tuple(paths), shown, refs, unsearched)


def _paths(folder: str) -> Iterator[str]:
    """Yield the paths of all files, and of folders that are empty."""
    for where, folders, names in os.walk(folder):
        inside = os.path.relpath(where, folder).replace(os.sep, "/")
        if inside == ".":
            folders[:] = [name for name in folders if name not in _NOT_SEARCHED]
        folders.sort()
        for name in sorted(names):
            yield name if inside == "." else f"{inside}/{name}"
        if not folders and not names:
            yield inside


def _is_in(data: bytes, forms: Forms) -> bool:
    return forms.may_be_in(data) and bool(forms.found(data))


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _shown(path: str, forms: Forms) -> str:
    return forms.replaced_text(_bytes(path)).decode("utf-8", "surrogateescape")


def _search(path: str, forms: Forms) -> tuple[bool, list[str]]:
    """Return whether a file holds a value, and what of an archive could not be searched."""
    missed: list[str] = []
    if os.path.islink(path) or not os.path.isfile(path):
        return False, missed
    with open(path, "rb") as file:
        before = b""
        while part := file.read(_AT_ONCE):
            if not before:
                missed += _missed(part, os.fstat(file.fileno()).st_size, forms)
            data = before + part
            if _is_in(data, forms):
                return True, missed
            before = data[-_OVERLAP:]
    return False, missed


def _missed(first: bytes, size: int, forms: Forms) -> list[str]:
    """Return what of an archive could not be searched. Parameters: `first`, what the file begins with."""
    if not is_container(first):
        return []
    return forms.search(first).missed + [_IN_PIECES] * (len(first) < size)
