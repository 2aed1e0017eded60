"""What a purge has done so far, in `<git-dir>/tightlip/purge/journal.json`, to go on after a kill.

It holds ids and the names of refs, no values. A ref whose own name has to go is in it only until the refs have moved.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import GitError
from tightlip.purge.repository import durable
from tightlip.purge.repository.layout import layout

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git

STEPS = ("backed up", "written", "moved", "heads", "reflogs", "index", "pruned", "proved")
"""All steps, in their order."""
RESTORING = "restoring"
"""The step of a journal that says: a backup is being put back, so refs, reflogs and index may not fit together."""

_VERSION = 1
_NAME = "journal.json"


class Move(NamedTuple):
    """The ids of a ref before and after; None where there is no such ref."""

    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Journal:
    """What is known of a purge that has begun."""

    plan: str
    """The hash of the plan."""
    backup: str = ""
    """The folder of the backup; empty before there is one."""
    done: tuple[str, ...] = ()
    """The steps that are done."""
    refs: Mapping[str, Move] = dataclasses.field(default_factory=dict)
    """The refs that move, or have moved."""
    heads: Mapping[str, Move] = dataclasses.field(default_factory=dict)
    """The same for detached HEADs, and what else each working tree has for itself."""

    def after(self) -> dict[str, str | None]:
        """Return what each ref is once all have moved."""
        return {name: move.new for name, move in self.refs.items()}


def folder(git: Git) -> str:
    """Return the folder that purges have in a repository, made if need be, closed to others. Raises `OSError`."""
    return folder_in(layout(git).common)


def folder_in(common: str) -> str:
    """Return the folder that purges have in a git folder, made if need be, closed to others. Raises `OSError`."""
    path = os.path.join(common, "tightlip", "purge")
    durable.make_folders(path)
    return path


def begin(git: Git, plan: str) -> Journal:
    """Start the journal of a purge. Parameters: `plan`, its hash. Raises `GitError` if another one is unfinished."""
    if unfinished(git):
        raise GitError(
            f"{_path(git)}: a purge of this repository was begun and not finished; go on with it, or restore its backup"
        )
    journal = Journal(plan)
    save(git, journal)
    return journal


def unfinished(git: Git) -> Journal | None:
    """Return the journal of a purge that a kill or a failure ended, or None. Raises `GitError` if it is damaged."""
    path = _path(git)
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except FileNotFoundError:
        return None
    try:
        told = json.loads(content)
        if told.pop("version") != _VERSION:
            raise GitError(f"{path}: it is from another version of tightlip; finish the purge with that one")
        moves = {part: {name: Move(*pair) for name, pair in told.pop(part).items()} for part in ("refs", "heads")}
        return Journal(told["plan"], told["backup"], tuple(told["done"]), **moves)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise GitError(f"{path}: this journal is damaged; restore the backup of the purge") from None


def save(git: Git, journal: Journal) -> None:
    """Write a journal over the one that is there. Raises `OSError`, and then leaves that."""
    content = {"version": _VERSION, **dataclasses.asdict(journal)}
    durable.write(_path(git), json.dumps(content, indent=1).encode() + b"\n")


def note(git: Git, step: str) -> None:
    """Write down that a step is done. Does nothing where no purge has begun. Raises `ValueError` for no known step.

    Once refs have moved, the names of those that are gone are no longer written down.
    """
    if step not in (*STEPS, RESTORING):
        raise ValueError(f"{step!r} is no step of a purge")
    journal = unfinished(git)
    if journal and step not in journal.done:
        left = {name: move for name, move in journal.refs.items() if step != "moved" or move.new}
        save(git, dataclasses.replace(journal, done=(*journal.done, step), refs=left))


def end(git: Git) -> None:
    """Remove the journal: the purge is finished, or undone. Raises `OSError`."""
    durable.remove(_path(git))


def _path(git: Git) -> str:
    return os.path.join(folder(git), _NAME)
