"""How refs and HEADs move in a purge, and the maps of old and new ids that are written for it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from tightlip.purge.forms import forms_of
from tightlip.purge.repository import durable, journal, names
from tightlip.purge.repository.journal import Move
from tightlip.purge.repository.layout import PER_WORKTREE

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.purge.plan import Survey
    from tightlip.purge.rewriting.history import Outcome, Rewriting

_MAP = "commit-map"
_REF_MAP = "ref-map"


class Moves(NamedTuple):
    """How a repository's refs and HEADs move, by their full names."""

    shared: dict[str, Move]
    """Refs that all working trees share."""
    heads: dict[str, Move]
    """What each working tree has for itself."""
    renamed: dict[str, str]
    """The new names of refs by their old ones."""


def planned(survey: Survey, outcome: Outcome) -> Moves:
    """Return how refs and HEADs move once a history is rewritten."""
    forms = forms_of(target.purged for target in survey.targets)

    def new(old: str) -> str:
        found = outcome.new(survey.rows[old]) if survey.rows[old] >= 0 else None
        return found.hex() if found else old

    renamed: dict[str, str] = {}
    for name in (name for name in survey.files.refs if not name.startswith(PER_WORKTREE)):
        taken = {*survey.roots.refs, *renamed.values()}
        renamed[name] = names.free_ref_name(name, forms.replaced_text, taken)
    shared: dict[str, Move] = {}
    for name, old in survey.roots.refs.items():
        if name in renamed:
            shared[name] = Move(old, None)
            shared[renamed[name]] = Move(None, new(old))
        elif new(old) != old:
            shared[name] = Move(old, new(old))
    heads = {name: Move(old, new(old)) for name, old in survey.roots.heads.items() if new(old) != old}
    return Moves(shared, heads, renamed)


def write(git: Git, survey: Survey, rewriting: Rewriting, outcome: Outcome, moves: Mapping[str, Move]) -> None:
    """Write the map of commits and tags, and that of refs. Raises `OSError`."""
    folder, table = journal.folder(git), survey.inventory.table
    rows = [*(row for row, *_ in rewriting.affected.commits), *rewriting.affected.tags]
    pairs = ((table.oid(row), outcome.ids.of(row)) for row in rows)
    lines = [f"{old} {new.hex()}\n" for old, new in pairs if new]
    durable.write(os.path.join(folder, _MAP), "".join(["old new\n", *lines]).encode())
    zeros = "0" * (2 * table.width)
    shown = (f"{move.old or zeros} {move.new or zeros} {name}\n" for name, move in moves.items() if move.new)
    durable.write(os.path.join(folder, _REF_MAP), "".join(["old new ref\n", *shown]).encode("utf-8", "surrogateescape"))


def read(git: Git) -> dict[str, str]:
    """Return the new ids of commits and tags by their old ones, as the last purge wrote them. Raises `OSError`."""
    with open(file(git), encoding="ascii") as lines:
        next(lines)
        return dict(line.split() for line in lines)


def file(git: Git) -> str:
    """Return the file with the new id of each commit and tag."""
    return os.path.join(journal.folder(git), _MAP)
