"""What keeps objects of a history alive: refs, detached HEADs and the like, and the stashes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.purge.repository.layout import heads, layout, shared_refs
from tightlip.purge.repository.reflogs import STASH


class Roots(NamedTuple):
    """What a history is rewritten from; ids in hexadecimal."""

    refs: dict[str, str]
    """The id of each ref that all working trees share, by its full name."""
    heads: dict[str, str]
    """The same for what each working tree has for itself, as `layout.heads` names them."""
    stashes: tuple[str, ...]
    """The ids of older stashes: only the reflog of the stash leads to them."""

    def oids(self) -> list[str]:
        """Return all ids, each once."""
        return list(dict.fromkeys([*self.refs.values(), *self.heads.values(), *self.stashes]))


def roots(git: Git) -> Roots:
    """Return what a repository's history is rewritten from. Raises `GitError`."""
    refs = shared_refs(git)
    return Roots(refs, heads(git), tuple(dict.fromkeys(_stashes(git))) if STASH in refs else ())


def _stashes(git: Git) -> Iterator[str]:
    place = layout(git)
    if place.reftable:
        yield from git.run("log", "--walk-reflogs", "--format=%H", STASH, "--").decode().split()
        return
    path = place.log(STASH)
    if os.path.exists(path):
        with open(path, "rb") as lines:
            for line in lines:
                new = line.split(b" ", 2)[1].decode()
                if new.strip("0"):
                    yield new
