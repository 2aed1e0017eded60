"""What belongs to a history and is not in it: files that Git LFS keeps, and submodules."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from typing import Any

from tightlip.git.edges import ELSEWHERE
from tightlip.purge import pointers, spots
from tightlip.purge.search import Found

_NAMED = 100
"""How many names are given of each kind."""
_POINTERS = "the files are on the LFS server, and stay there: look at them, and delete what holds a value"
_GONE = "so they were not searched: fetch them with `git lfs fetch --all`, and plan again"
_SUBMODULES = "each is a repository of its own, and is not searched from here: run tightlip in it"
_FOLDERS = "the objects in them are not searched from here: run tightlip in each of them"


def elsewhere(folder: str, found: Found, tops: Collection[int], show: Callable[[bytes], str]) -> list[dict[str, Any]]:
    """Return what is elsewhere: of each kind how many there are, what to do about them, and the names of some.

    Parameters: `folder`, the git folder; `tops`, the trees that paths begin in; `show`, makes a name fit to be shown.
    """
    files = sorted({oid for oid in found.pointers.values() if oid})
    gone = [oid for oid in files if not os.path.exists(os.path.join(folder, pointers.path(oid)))]
    pointing = spots.of_objects(found.graph, found.pointers, tops) if found.pointers else []
    submodules = spots.of_objects(found.graph, (ELSEWHERE,), tops)
    folders = [os.fsencode(name) for name in _git_folders(folder)]
    every = (
        ("paths of files that Git LFS keeps", _POINTERS, pointing),
        ("files of Git LFS that are not here", _GONE, [oid.encode() for oid in gone]),
        ("submodules", _SUBMODULES, submodules),
        ("git folders of submodules", _FOLDERS, folders),
    )
    return [
        {"kind": kind, "count": len(names), "what": what, "names": [show(name) for name in names[:_NAMED]]}
        for kind, what, names in every
        if names
    ]


def _git_folders(folder: str) -> Iterator[str]:
    """Yield the git folders of submodules, by their paths in the git folder; a submodule may have submodules."""
    for where, folders, names in os.walk(os.path.join(folder, "modules")):
        folders.sort()
        if "HEAD" in names:
            folders[:] = [name for name in folders if name == "modules"]
            yield os.path.relpath(where, folder).replace(os.sep, "/")
