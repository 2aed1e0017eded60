"""Which objects some paths have in some commits."""

from __future__ import annotations

import os
from collections.abc import Iterable

from tightlip.git.plumbing import Git


class Tree:
    """Paths in commits, looked up all at once."""

    def __init__(self, git: Git, wanted: Iterable[tuple[str, str]]) -> None:
        """Parameters: `wanted`, commits and paths from the top. Raises `GitError`."""
        self._oids = present(git, wanted)
        self._of: dict[str, list[str]] = {}
        for commit, path in self._oids:
            self._of.setdefault(commit, []).append(path)

    def oid(self, commit: str, path: str) -> str:
        """Return the file at a path, or nothing."""
        return self._oids.get((commit, path), "")

    def paths(self, commit: str) -> list[str]:
        """Return those paths that a commit has of the ones that were asked for."""
        return self._of.get(commit, [])


def present(git: Git, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the files that are there, of some commits and paths. Raises `GitError`."""
    asked = [it for it in dict.fromkeys(wanted) if "\n" not in it[1]]
    if not asked:
        return {}
    request = b"".join(b"%s:%s\n" % (commit.encode(), os.fsencode(path)) for commit, path in asked)
    answers = git.run("cat-file", "--batch-check=blob %(objecttype) %(objectname)", stdin=request).split(b"\n")
    found = zip(asked, answers, strict=False)
    return {it: answer[10:].decode() for it, answer in found if answer.startswith(b"blob blob ")}
