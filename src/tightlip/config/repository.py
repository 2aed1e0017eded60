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
    if git.run("rev-parse", "--is-inside-work-tree").strip() != b"true":
        return None
    return os.fsdecode(git.run("rev-parse", "--show-toplevel").removesuffix(b"\n"))


def reader(git: Git, revision: str) -> Read:
    """Return what reads files of a revision. Raises `UsageError` where there is no such revision."""
    commit = resolve(git, [revision])[0]

    def read(path: str) -> bytes | None:
        pathspec = f":(top,literal){path}"
        for line in git.run("ls-tree", "-z", "--full-tree", commit, pathspec).split(b"\0")[:-1]:
            mode, kind, oid = line.partition(b"\t")[0].decode().split(" ")
            if kind == "blob" and mode in _FILES:  # a symbolic link's target is no configuration
                return git.run("cat-file", "blob", oid)
        return None

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
