"""The files of a folder, and below it, that a source looks into."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator

from tightlip.errors import UsageError
from tightlip.known.reading import MOST
from tightlip.known.secret import Known
from tightlip.known.unread import Unread

_CLOSED = "the folder cannot be listed"


def each(source: str, folder: str, read: Callable[[str, str], Iterator[Known]]) -> Iterator[Known]:
    """Yield what is read of every file. A file that cannot be read, and a folder, is named as such.

    Parameters: `read`, called with the file's name within the folder, and its path; it raises `UsageError`.
    """
    for name in _names(folder):
        path = os.path.join(folder, name)
        if name.endswith(os.sep):
            yield Unread(name, _CLOSED, is_current=True)
            continue
        try:
            yield from read(name, path)
        except UsageError as error:
            yield Unread(name, str(error).removeprefix(f"{source}: "), is_current=True)


def _names(folder: str) -> Iterator[str]:
    """Yield the names of files, in order, and with a separator at the end those of folders that cannot be listed."""
    closed: list[str] = []
    for base, folders, files in os.walk(folder, onerror=lambda error: closed.append(str(error.filename))):
        folders[:] = sorted(name for name in folders if name != ".git")
        paths = (os.path.join(base, name) for name in sorted(files))
        yield from (os.path.relpath(path, folder) for path in paths if _may_hold_secrets(path))
    yield from (os.path.relpath(path, folder) + os.sep for path in closed)


def _may_hold_secrets(path: str) -> bool:
    """Whether it is a file, and not a pipe or a link to nowhere, and no larger than files of secrets are."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= MOST
