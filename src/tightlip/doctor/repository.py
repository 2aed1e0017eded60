"""The repository: whether git reads it, and whether its history is all there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.doctor.told import MEND, NOTE, OK, Told, apart
from tightlip.git import repo

if TYPE_CHECKING:
    from tightlip.doctor.here import Here


def look(here: Here) -> Iterator[Told]:
    """Tell why git does not read it, or what of its history is elsewhere."""
    if here.is_elsewhere:
        yield Told(
            NOTE, "this is no repository: only the installation was looked at", here.where, "tightlip doctor REPO"
        )
    elif here.trouble and here.has_git:
        yield Told(MEND, "git cannot read this repository", *apart(here.trouble))
    if here.git is None:
        return
    facts = repo.facts(here.git)
    if facts.shallow:
        evidence = "a shallow clone: git rev-parse --is-shallow-repository says so"
        yield Told(MEND, "the beginning of the history is not here", evidence, "git fetch --unshallow")
    if facts.partial:
        evidence = "a partial clone: its configuration names a promisor remote"
        yield Told(MEND, "objects of the history may not be here", evidence, "git fetch --refetch --no-filter")
    if not facts.shallow and not facts.partial:
        yield Told(OK, "the clone has its whole history", here.top or here.where)
