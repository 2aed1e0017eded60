"""Repositories inside a repository: its submodules, where they are checked out."""

from __future__ import annotations

import os
from collections.abc import Iterator

from tightlip.git.plumbing import Git
from tightlip.git.staged import SUBMODULE


def submodules(git: Git) -> Iterator[tuple[bytes, Git]]:
    """Yield path and repository of each submodule in the index that is checked out here. A bare repository has none.

    Raises `GitError` where the index cannot be read.
    """
    top = git.run("rev-parse", "--show-toplevel", fine=(128,)).rstrip(b"\n")
    if not top:
        return
    for line in git.run("ls-files", "--stage", "-z").split(b"\0"):
        if line.startswith(SUBMODULE.encode()):
            path = line.partition(b"\t")[2]
            where = os.path.join(top, path)
            if os.path.lexists(os.path.join(where, b".git")):
                yield path, Git(os.fsdecode(where))
