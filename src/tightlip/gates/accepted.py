"""What a server has accepted, and so says what may stay: its default branch, and what that is to become."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import TightlipError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.engine import Scanner
    from tightlip.gates.protocol import Update
    from tightlip.git.plumbing import Git
    from tightlip.hooks import Options
    from tightlip.policy import Policy


class Word(NamedTuple):
    """What says what may stay."""

    commit: str
    """Whose word it is; empty where the server has none yet."""
    policy: Policy
    scanner: Scanner


def word_of(git: Git, options: Options, commit: str) -> Word:
    """Return what a commit has to say, if there is one, and what to scan with. Raises `TightlipError`."""
    from tightlip import policy
    from tightlip.cli.scanning import scanner_of
    from tightlip.config.repository import reader

    place = policy.Place(git, None, reader(git, commit) if commit else None)
    told = policy.Policy(place, file=options.config, least=options.min_confidence, allow=not options.no_allow)
    return Word(commit, told, scanner_of(told, options.rules))


def check_next(git: Git, options: Options, updates: Sequence[Update]) -> None:
    """Raise `UsageError` for what could not be read once it is accepted: nothing would get through after it."""
    branch = git.run("symbolic-ref", "--quiet", "HEAD", fine=(1,)).decode("utf-8", "surrogateescape").strip()
    for update in updates:
        if update.ref == branch and update.new.strip("0"):
            try:
                word_of(git, options, update.new)
            except TightlipError as error:
                raise UsageError(
                    f"{error}; after this push it would be the default branch's word on what may stay, and no other "
                    "push would get through: correct it, and push again"
                ) from None
