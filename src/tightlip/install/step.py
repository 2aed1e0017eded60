"""One change of the disk or of git's configuration: what it is called, and how it is made."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from tightlip.errors import UsageError

_MODE = 0o755


class Step(NamedTuple):
    """A change that is still to be made."""

    verb: str
    done: str
    """The verb, once it is."""
    path: str
    """What is changed: a path, or the name of a setting."""
    more: str
    """The rest of the sentence."""
    act: Callable[[], None]

    def make(self) -> None:
        """Make the change. Raises `UsageError`, `GitError`."""
        try:
            self.act()
        except OSError as error:
            raise UsageError(f"{self.path}: cannot {self.verb} it: {error.strerror}") from None


def write(path: str, content: bytes, aside: str = "") -> Step:
    """Return the step that writes a hook. Parameters: `aside`, where what is there goes; empty where nothing is."""
    if aside:
        more = f", which runs what was there first: {os.path.basename(aside)}"
        return Step("chain", "chained", path, more, partial(_write, path, content, aside))
    return Step("write", "wrote", path, "", partial(_write, path, content, aside))


def remove(path: str) -> Step:
    """Return the step that removes a hook."""
    return Step("remove", "removed", path, "", partial(os.unlink, path))


def put_back(aside: str, path: str) -> Step:
    """Return the step that puts back what had been there before."""
    return Step("put back", "put back", path, "", partial(os.replace, aside, path))


def remove_folder(path: str) -> Step:
    """Return the step that removes an empty folder."""
    return Step("remove", "removed", path, "", partial(os.rmdir, path))


def _write(path: str, content: bytes, aside: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _MODE)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(content)
        os.chmod(temporary, _MODE)  # whatever the umask is: git passes over a hook that nobody may run
        if aside:
            os.rename(path, aside)
        try:
            os.replace(temporary, path)
        except BaseException:
            if aside:
                os.rename(aside, path)
            raise
    except BaseException:
        os.unlink(temporary)
        raise
