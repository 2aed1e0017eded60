"""Where a job writes reports: never through a symbolic link, which a change could have put there."""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from tightlip.config.repository import top_of
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.git.plumbing import Git


def check(git: Git, files: Sequence[str]) -> None:
    """Raise `UsageError` where the way to a file leads through a link of the repository. Raises `GitError`."""
    top = top_of(git) if files else None
    for file in files:
        if top and _is_linked(file, top):
            raise _refusal(file)


def own(file: str) -> None:
    """Make the folder of the file that a platform picks up. Raises `UsageError` where there is a link."""
    folder = os.path.dirname(file)
    if any(map(os.path.islink, filter(None, (folder, file)))):
        raise _refusal(file)
    if folder:
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder}: this folder cannot be made: {error.strerror}") from None


def _is_linked(file: str, top: str) -> bool:
    """Whether the way to a file from the top of the working tree leads through a symbolic link."""
    way = Path(os.path.abspath(file))
    ways = [way, *way.parents]
    below = list(takewhile(lambda it: not (it.exists() and it.samefile(top)), ways))
    return len(below) < len(ways) and any(it.is_symlink() for it in below)


def _refusal(file: str) -> UsageError:
    return UsageError(f"{file}: this is a symbolic link, and is not written to; name another file with --report")
