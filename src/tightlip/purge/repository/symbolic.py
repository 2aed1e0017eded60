"""Symbolic refs, and HEADs on a branch: they follow a ref that has another name now, or have one themselves."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tightlip.git.plumbing import Git
from tightlip.purge.repository import durable, journal
from tightlip.purge.repository.layout import layout, listed

_NAME = "symbolic.json"


class Change(NamedTuple):
    """What a symbolic ref becomes."""

    name: str
    new_name: str
    target: str


def changes(git: Git, renamed: Mapping[str, str]) -> list[Change]:
    """Return what has to follow. Parameters: `renamed`, new names by old ones. Raises `GitError` or `OSError`."""
    heads = {f"{tree.name}/HEAD": tree.branch() for tree in layout(git).worktrees}
    found = heads | {name: target for name, (_, target) in listed(git).items() if target}
    return [
        Change(name, renamed.get(name, name), renamed.get(target, target))
        for name, target in found.items()
        if name in renamed or target in renamed
    ]


def note(git: Git, changes: Sequence[Change]) -> None:
    """Write down what `follow` has to do: once the refs have moved, it cannot be seen any more. Raises `OSError`."""
    durable.write(_path(git), json.dumps(changes).encode())


def follow(git: Git) -> None:
    """Change what was noted; again after a kill. Raises `GitError` or `OSError`."""
    try:
        with open(_path(git), "rb") as stream:
            noted = [Change(*change) for change in json.loads(stream.read())]
    except FileNotFoundError:
        return
    for change in noted:
        git.run("symbolic-ref", change.new_name, change.target)
        if change.name != change.new_name:
            git.run("symbolic-ref", "--quiet", "--delete", change.name, fine=(1, 128))
    durable.remove(_path(git))


def forget(git: Git) -> None:
    """Drop what was noted, of a purge that is not gone on with. Raises `OSError`."""
    durable.remove(_path(git))


def _path(git: Git) -> str:
    return os.path.join(journal.folder(git), _NAME)
