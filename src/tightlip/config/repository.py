"""Where a repository's own configuration is: in its working tree, or in a revision that is already accepted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.git.repo import resolve

if TYPE_CHECKING:
    from tightlip.config import Read
    from tightlip.config.settings import Config
    from tightlip.git.plumbing import Git

_FILES = ("100644", "100755")


def top_of(git: Git) -> str | None:
    """Return the top folder of the working tree, or None where there is none. Raises `GitError`."""
    asked = ("rev-parse", "--is-inside-work-tree", "--show-toplevel")
    inside, _, top = git.run(*asked, fine=(128,)).partition(b"\n")
    if inside == b"false":
        return None
    return os.fsdecode((top if inside else git.run(*asked).partition(b"\n")[2]).removesuffix(b"\n"))


def within(path: str, top: str) -> str | None:
    """Return a path of the disk counted from a folder, with `/`; None for one that is not below it.

    A symbolic link counts where it is, not where it leads.
    """
    folder, name = os.path.split(os.path.abspath(path))
    try:
        inside = os.path.relpath(os.path.join(os.path.realpath(folder), name), os.path.realpath(top))
    except ValueError:  # on another drive
        return None
    return None if inside.split(os.sep)[0] == os.pardir else inside.replace(os.sep, "/")


def oid_in(git: Git, commit: str, path: str) -> str:
    """Return the id of a file in a commit, or nothing. A symbolic link, which leads anywhere, is none."""
    for line in git.run("ls-tree", "-z", "--full-tree", commit, f":(top,literal){path}").split(b"\0")[:-1]:
        mode, kind, oid = line.partition(b"\t")[0].decode().split(" ")
        if kind == "blob" and mode in _FILES:
            return oid
    return ""


def reader(git: Git, revision: str) -> Read:
    """Return what reads files of a revision. Raises `UsageError` where there is no such revision."""
    commit = resolve(git, [revision])[0]

    def read(path: str) -> bytes | None:
        oid = oid_in(git, commit, path)
        return git.run("cat-file", "blob", oid) if oid else None

    return read


def rule_paths(config: Config, folder: str) -> tuple[str, ...]:
    """Return where the rule files of a configuration are on disk.

    Parameters: `folder`, an empty folder that nobody else can write to; those of a revision are written there.
    """
    paths = []
    for number, file in enumerate(config.rules):
        path = file.path or os.path.join(folder, f"{number}-{os.path.basename(file.name)}")
        if file.content is not None:
            with open(path, "wb") as out:
                out.write(file.content)
        paths.append(path)
    return tuple(paths)
