"""Dropping what no ref leads to any more: entries of reflogs, files of the moment, and then the objects themselves."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Iterator

from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.purge.forms import Forms
from tightlip.purge.places import files_that_hold, is_passing
from tightlip.purge.repository import durable, indexes, refs
from tightlip.purge.repository.layout import MAIN, PER_WORKTREE, Layout, files_under, layout, listed
from tightlip.purge.repository.reflogs import STASH

_COMMIT_GRAPHS = ("info/commit-graph", "info/commit-graphs")
_AT_ONCE = 200  # refs in one call of git, well below what an argument list may hold


def prune(git: Git, moved: Collection[str], forms: Forms) -> None:
    """Expire the reflogs of what has moved, and remove every object that nothing leads to.

    Parameters: `moved`, refs and HEADs by their full names; `forms`, of the values. Raises `GitError` or `OSError`.
    """
    place = layout(git)
    gone = [name for name in moved if name != STASH]
    refs.expire_reflogs(git, [name for name in gone if place.reftable or os.path.exists(place.log(name))])
    _expire_unreachable(git, place, {*gone, STASH})
    refs.forget_fetched(git)
    _forget_passing(git, place, forms)
    _forget_resolved(git, place, forms)
    had_graph = any(os.path.exists(os.path.join(place.common, "objects", path)) for path in _COMMIT_GRAPHS)
    _drop_graphs(place)
    git.run("repack", "-a", "-d", "-q", "--no-write-bitmap-index")
    git.run("prune", "--expire=now")
    if had_graph:
        git.run("-c", "core.commitGraph=true", "commit-graph", "write", "--reachable", "--no-progress")


def _expire_unreachable(git: Git, place: Layout, others: Collection[str]) -> None:
    """Drop the entries of reflogs that lead to what no ref does. Parameters: `others`, reflogs to leave alone."""
    names = [name for name in _logged(git, place) if name not in others]
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        git.run("reflog", "expire", "--expire=never", "--expire-unreachable=all", *some)


def _logged(git: Git, place: Layout) -> Iterator[str]:
    """Yield what has a reflog; remove that of a ref that is gone, or of a HEAD that leads to nothing yet.

    Git reads such a reflog, too, but does not expire it.
    """
    standing = {*listed(git)}
    for tree in place.worktrees:
        for name in files_under(os.path.join(tree.folder, "logs")):
            is_own = not name.startswith("refs/") or name.startswith(PER_WORKTREE)
            full = f"{tree.name}/{name}" if is_own else name
            if _leads_anywhere(git, full) if is_own else name in standing:
                yield full
            elif (is_own or tree.name == MAIN) and not name.endswith(".lock"):
                durable.remove(os.path.join(tree.folder, "logs", *name.split("/")))


def _leads_anywhere(git: Git, name: str) -> bool:
    return git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, fine=(1, 128)) != b""


def _forget_passing(git: Git, place: Layout, forms: Forms) -> None:
    """Remove files that git makes for the moment, and empty folders of refs, where they hold a value."""
    for path in files_that_hold(git, forms).paths:
        full = os.path.join(place.common, *path.split("/"))
        if path.startswith("rr-cache/"):
            shutil.rmtree(os.path.dirname(full), ignore_errors=True)  # another file in it may hold one, too
        elif is_passing(path):
            durable.remove(full)
        elif path.startswith(("refs/", "logs/refs/")) and os.path.isdir(full):
            _remove_empty(full)


def _remove_empty(folder: str) -> None:
    """Remove an empty folder, and those above it that are empty then."""
    while not os.listdir(folder) and os.path.basename(os.path.dirname(folder)) != "refs":
        os.rmdir(folder)
        folder = os.path.dirname(folder)


def _forget_resolved(git: Git, place: Layout, forms: Forms) -> None:
    """Let indexes forget the sides of resolved conflicts where one holds a value."""
    with ObjectReader(git) as objects:
        for tree in place.worktrees:
            if _any_holds(objects, indexes.resolved(place, tree), forms):
                indexes.run(place, tree, "update-index", "--clear-resolve-undo")


def _any_holds(objects: ObjectReader, oids: Iterable[str], forms: Forms) -> bool:
    read = list(objects.read_many(sorted(oids)))
    return any(forms.may_be_in(found.data) and forms.found(found.data) for found in read if isinstance(found, Object))


def _drop_graphs(place: Layout) -> None:
    """Remove the files that git keeps of commits: they are of those that were."""
    for path in _COMMIT_GRAPHS:
        full = os.path.join(place.common, "objects", path)
        if os.path.isdir(full):
            shutil.rmtree(full)
        elif os.path.exists(full):
            os.unlink(full)
