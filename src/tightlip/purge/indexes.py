"""What the index of each working tree holds: objects that nothing else may lead to."""

from __future__ import annotations

from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.purge.layout import MAIN, Layout, Worktree, layout


class Index(NamedTuple):
    """The index of a working tree."""

    tree: Worktree
    staged: frozenset[str]
    """The ids of what is in it."""
    resolved: frozenset[str]
    """The ids of the sides of conflicts that were resolved: it remembers them for `git checkout --merge`."""

    @property
    def path(self) -> str:
        """Its path in the git folder."""
        return "index" if self.tree.name == MAIN else f"{self.tree.name}/index"


def indexes(git: Git) -> list[Index]:
    """Return the indexes of all working trees, also of those whose files are gone. Raises `GitError`."""
    place = layout(git)
    return [
        Index(tree, _listed(place, tree, "--stage", at=1), _listed(place, tree, "--resolve-undo", at=1))
        for tree in place.worktrees
    ]


def run(place: Layout, tree: Worktree, *args: str) -> bytes:
    """Run git with the index of a working tree. Raises `GitError`."""
    if tree.top:
        return Git(tree.top).run(*args)
    return Git(place.common).run(f"--git-dir={tree.folder}", *args)


def _listed(place: Layout, tree: Worktree, what: str, at: int) -> frozenset[str]:
    lines = run(place, tree, "ls-files", "-z", what).split(b"\0")
    return frozenset(line.split(b" ", at + 1)[at].decode() for line in lines if line)
