"""What the index of each working tree holds: objects that nothing else may lead to."""

from __future__ import annotations

from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.purge.repository.layout import MAIN, Layout, Worktree, layout


class Index(NamedTuple):
    """The index of a working tree."""

    tree: Worktree
    staged: frozenset[str]
    """The ids of what is in it."""
    names: bytes
    """The paths in it, one a line: in the file itself they may be shortened."""

    @property
    def path(self) -> str:
        """Its path in the git folder."""
        return "index" if self.tree.name == MAIN else f"{self.tree.name}/index"


def indexes(git: Git) -> list[Index]:
    """Return the indexes of all working trees, also of those whose files are gone. Raises `GitError`."""
    place = layout(git)
    found = []
    for tree in place.worktrees:
        staged = _listed(place, tree, "--stage")
        names = b"\n".join(line.partition(b"\t")[2] for line in staged)
        found.append(Index(tree, _ids(staged), names))
    return found


def resolved(place: Layout, tree: Worktree) -> frozenset[str]:
    """Return the ids of the sides of resolved conflicts: an index remembers them for `git checkout --merge`.

    Raises `GitError`.
    """
    return _ids(_listed(place, tree, "--resolve-undo"))


def run(place: Layout, tree: Worktree, *args: str) -> bytes:
    """Run git with the index of a working tree. Raises `GitError`."""
    if tree.top:
        return Git(tree.top).run(*args)
    return Git(place.common).run(f"--git-dir={tree.folder}", *args)


def _listed(place: Layout, tree: Worktree, what: str) -> list[bytes]:
    return run(place, tree, "ls-files", "-z", what).split(b"\0")[:-1]


def _ids(lines: list[bytes]) -> frozenset[str]:
    return frozenset(line.split(b" ", 2)[1].decode() for line in lines)
