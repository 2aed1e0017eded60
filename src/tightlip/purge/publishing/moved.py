"""What has moved since it was last published: by the last purge, and by those before it.

Two purges may come before one publication. A ref then has more than one old id that a remote may have, and an old
commit leads to its newest form.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.purge.repository.layout import listed

REFS, IDS = "ref-map-all", "commit-map-all"
"""Files of this and of earlier purges, in the form of those of the last one."""
_LAST_REFS, _LAST_IDS = "ref-map", "commit-map"


class Moved(NamedTuple):
    """A ref that is not what it was."""

    name: str
    olds: tuple[str, ...]
    """What it may be on a remote that does not have the purged history yet, the newest first; empty: nothing."""
    new: str
    """What it is now; empty where it is gone."""


def ids(folder: str) -> dict[str, str]:
    """Return the new ids of commits and tags by their old ones, over all purges. Raises `OSError`."""
    last = {old: new for old, new in _rows(os.path.join(folder, _LAST_IDS)) if new.strip("0")}
    before = {old: last.get(new, new) for old, new in _rows(os.path.join(folder, IDS))}
    return before | last


def moves(git: Git, folder: str) -> list[Moved]:
    """Return the refs that have moved, over all purges. Raises `GitError` or `OSError`."""
    before = {name: Moved(name, _olds(old), _id(new)) for old, new, name in _rows(os.path.join(folder, REFS))}
    last = {}
    for old, new, name in _rows(os.path.join(folder, _LAST_REFS)):
        earlier = before.get(name, Moved(name, (), ""))
        if earlier.new == _id(new) and earlier.olds[:1] == _olds(old):  # it was taken along already
            last[name] = earlier
        else:
            chained = earlier.olds if earlier.new == _id(old) else ()
            last[name] = Moved(name, (*_olds(old), *chained), _id(new))
    standing = listed(git)
    kept = {name: move for name, move in before.items() if standing.get(name, ("", ""))[0] == move.new}
    return [*(kept | last).values()]


def written_ids(known: Mapping[str, str]) -> str:
    """Return the file of all ids."""
    return "".join(["old new\n", *(f"{old} {new}\n" for old, new in known.items())])


def written_moves(known: Iterable[Moved]) -> str:
    """Return the file of all refs that have moved; old ids are joined by commas, and 0 is none."""
    return "".join(["old new ref\n", *(f"{','.join(it.olds) or 0} {it.new or 0} {it.name}\n" for it in known)])


def _rows(path: str) -> Iterator[list[str]]:
    """Yield the fields of each line but the first; none where there is no such file."""
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8", errors="surrogateescape", newline="\n") as lines:
        next(lines, None)
        for line in lines:
            yield line.rstrip("\n").split(" ")


def _olds(field: str) -> tuple[str, ...]:
    return tuple(filter(_id, field.split(",")))


def _id(field: str) -> str:
    return field if field.strip("0") else ""
