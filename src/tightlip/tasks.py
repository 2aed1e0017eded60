"""The objects of a repository in parts, each for one process to do at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.git.inventory import Inventory
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE
from tightlip.git.packs.forest import made_of
from tightlip.git.packs.index import Numbers
from tightlip.git.packs.units import units

KINDS = {"commit": COMMIT, "tree": TREE, "blob": BLOB, "tag": TAG}
"""Kinds of objects, by what git calls them."""
_UNITS_EACH = 16
"""Units for each process, so that all have something to do until the end."""
_MOST = 1 << 23  # packed bytes of a unit
_LEAST = 1 << 18
_OBJECTS = 500
"""Objects that are not in packs, in one task."""


class Task(NamedTuple):
    """Something for one process to do."""

    rows: Numbers
    kind: int
    """Of packed objects; 0 for objects that git is to be asked for."""
    weight: int
    """Its share of the whole: packed bytes, or a guess at what they would be."""
    again: NDArray[np.bool_] | None = None
    """Which of them to look at once more, with the rules that go by the path; None for a first look at all."""


def tasks(inventory: Inventory, jobs: int) -> list[Task]:
    """Divide the objects of a repository."""
    forest = inventory.forest
    weights = forest.ends - forest.starts
    most = min(_MOST, max(_LEAST, int(weights.sum()) // (jobs * _UNITS_EACH)))
    packed = [Task(unit, int(forest.kinds[unit[0]]), int(weights[unit].sum())) for unit in units(forest, most)]
    return packed + asked(inventory.others)


def asked(rows: Numbers, *, again: bool = False) -> list[Task]:
    """Divide objects that git is to be asked for. Parameters: `again`, whether all are looked at once more."""
    parts = [rows[at : at + _OBJECTS] for at in range(0, len(rows), _OBJECTS)]
    return [Task(part, 0, 1000 * len(part), np.ones(len(part), np.bool_) if again else None) for part in parts]


def again(inventory: Inventory, tasks: Iterable[Task], wanted: NDArray[np.bool_], kind: int = BLOB) -> Iterator[Task]:
    """Yield what to do in order to look at some objects once more: they have to be read with what they are made of.

    Parameters: `tasks`, all there are; `wanted`, by row; `kind`, of which kind they are.
    """
    needed = made_of(inventory.forest, np.flatnonzero(wanted[: len(inventory.forest.bases)]))
    for task in tasks:
        if task.kind == kind and wanted[task.rows].any():
            rows = task.rows[needed[task.rows]]
            yield Task(rows, task.kind, 0, wanted[rows])
