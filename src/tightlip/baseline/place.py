"""Where the file is: on disk at the top of a working tree, or in a revision that is already accepted."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from tightlip.baseline.file import NAME, Baseline, parse
from tightlip.config.repository import oid_in, top_of, within
from tightlip.errors import GitError, UsageError
from tightlip.git.plumbing import Git
from tightlip.git.repo import commits_at, resolve

if TYPE_CHECKING:
    from tightlip.finding import Occurrence

_LARGEST = 1 << 26


class Place(NamedTuple):
    """What is known somewhere, and the folder that the paths in it are counted from."""

    baseline: Baseline | None
    top: str | None


def of_working_tree(git: Git, file: str | None = None) -> Place:
    """Return what is known in a repository: by the file at its top, or without a working tree by the one in HEAD.

    Parameters: `file`, one that a person names instead. Raises `UsageError` where that is not there.
    """
    top = top_of(git)
    if file is not None:
        return Place(named(file), top)
    if top is None:
        return Place(of_revision(git, "HEAD") if any(commits_at(git, ["HEAD"])) else None, None)
    return Place(on_disk(os.path.join(top, NAME), NAME), top)


def of_current_folder(file: str | None = None) -> Place:
    """Return the same for the repository that the current folder is in, if it is in one."""
    try:
        return of_working_tree(Git(os.curdir), file)
    except GitError:
        return Place(None if file is None else named(file), None)


def named(file: str) -> Baseline:
    """Read a file that a person names. Raises `UsageError`."""
    found = on_disk(file, file)
    if found is None:
        raise UsageError(f"--baseline: there is no file {file}; `tightlip baseline create` makes one")
    return found


def on_disk(path: str, name: str) -> Baseline | None:
    """Read a file, or return None where it is not there. Raises `UsageError`, which calls it by `name`."""
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise UsageError(f"{name}: this is no ordinary file of a reasonable size; move it away")
        with open(path, "rb") as file:
            return parse(file.read(_LARGEST), name)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"{name}: it cannot be read: {error.strerror}") from None


def of_revision(git: Git, revision: str) -> Baseline | None:
    """Read the file that a branch, tag or commit has, or return None where it has none. Raises `UsageError`."""
    oid = oid_in(git, resolve(git, [revision])[0], NAME)
    return parse(git.run("cat-file", "blob", oid), f"{revision}:{NAME}") if oid else None


def path_of(occurrence: Occurrence, kind: str, top: str | None) -> str | None:
    """Return the path of an occurrence, counted from the top; None for one that is in no file, or not below the top.

    Parameters: `kind`, of the scan; `top`, None where paths are counted from there already.
    """
    if occurrence.part not in ("content", "path") or not occurrence.path or kind == "text":
        return None
    if kind != "files":
        return occurrence.path
    if top is None:
        return None
    return within(occurrence.path, top)
