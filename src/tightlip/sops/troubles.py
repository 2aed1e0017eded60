"""What of a history could not be used: `.sops.yaml`, and what encrypted files say of themselves in its place."""

from __future__ import annotations

from tightlip.git.plumbing import Git
from tightlip.sops.check import missed
from tightlip.sops.creation import NoConfiguration
from tightlip.sops.lookup import present
from tightlip.tally import Tally


class Troubles:
    """What could not be used, by the files that it is about."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[NoConfiguration, str]] = {}

    def add(self, error: NoConfiguration, path: str, oid: str) -> None:
        """Keep one in mind. Parameters: `path`, the file that is not judged; `oid`, the object of the error's file."""
        self._known[str(error), path] = error, oid

    def tell(self, git: Git, tally: Tally, *, is_whole: bool) -> None:
        """Tell them. Raises `GitError`.

        Parameters: `is_whole`, whether it is about all of a history. Then what SOPS could not use either is told only
        where HEAD has it: it demanded nothing in its time, and what came of it is judged by the one that came next.
        """
        every = list(self._known.values())
        if is_whole:
            there = present(git, [("HEAD", error.file) for error, _ in every if not error.too_much])
            every = [it for it in every if it[0].too_much or there.get(("HEAD", it[0].file)) == it[1]]
        for what, why in missed([error for error, _ in every]):
            tally.miss(what, why)
