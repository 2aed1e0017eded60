"""Dropping what no ref leads to any more: reflog entries, and then the objects themselves."""

from __future__ import annotations

import os
from collections.abc import Collection

from tightlip.git.plumbing import Git
from tightlip.purge import refs
from tightlip.purge.layout import Layout, files_under, layout
from tightlip.purge.reflogs import STASH

_COMMIT_GRAPHS = ("info/commit-graph", "info/commit-graphs")


def prune(git: Git, moved: Collection[str]) -> None:
    """Expire the reflogs of what has moved, and remove every object that nothing leads to.

    Parameters: `moved`, refs and HEADs by their full names. Raises `GitError` or `OSError`.
    """
    place = layout(git)
    gone = [name for name in moved if name != STASH]
    refs.expire_reflogs(git, [name for name in gone if _has_log(place, name)])
    others = [name for name in files_under(os.path.join(place.common, "logs")) if name not in {*gone, STASH}]
    for name in others:
        git.run("reflog", "expire", "--expire=never", "--expire-unreachable=all", name)
    refs.forget_fetched(git)
    had_graph = any(os.path.exists(os.path.join(place.common, "objects", path)) for path in _COMMIT_GRAPHS)
    _drop_graphs(place)
    git.run("repack", "-a", "-d", "-q", "--no-write-bitmap-index")
    git.run("prune", "--expire=now")
    if had_graph:
        git.run("commit-graph", "write", "--reachable", "--no-progress")


def _has_log(place: Layout, name: str) -> bool:
    return place.reftable or os.path.exists(place.log(name))


def _drop_graphs(place: Layout) -> None:
    """Remove the files that git keeps of commits: they are of those that were."""
    import shutil

    for path in _COMMIT_GRAPHS:
        full = os.path.join(place.common, "objects", path)
        if os.path.isdir(full):
            shutil.rmtree(full)
        elif os.path.exists(full):
            os.unlink(full)
