"""Files that a kill or a power cut leaves as they were or as they shall be, never half written."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from typing import BinaryIO

PRIVATE = 0o600
"""The mode of a file that others must not read."""
NEW = ".tightlip-new"
"""The name of a file that is being written. No ref can have it, and git does not look at it."""

_WAITS = (0.01, 0.1, 0.5, 1.0)  # seconds; on Windows a file that somebody reads cannot be replaced
_NOT_FOR_FOLDERS = (errno.EINVAL, errno.ENOTSUP)  # some file systems cannot sync a folder, and need not


def write(path: str, content: bytes, mode: int = PRIVATE) -> None:
    """Write a file in place of what was there. Raises `OSError`, and then leaves what was there."""
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, NEW)
    try:
        with open(opened(temporary, os.O_TRUNC, mode), "wb") as stream:
            stream.write(content)
            settle(stream)
        os.chmod(temporary, mode)
        replace(temporary, path)
    except OSError:
        remove(temporary)
        raise
    settle_folder(folder)


def opened(path: str, how: int, mode: int = PRIVATE) -> int:
    """Open a file to write it and return its descriptor. Parameters: `how`, O_EXCL or O_TRUNC. Raises `OSError`."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | how | getattr(os, "O_BINARY", 0), mode)


def make_folders(path: str) -> None:
    """Make a folder and those above it, as far as they are missing, all closed to others. Raises `OSError`."""
    if not os.path.isdir(path):
        make_folders(os.path.dirname(path))
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)


def replace(source: str, target: str) -> None:
    """Give `source` the name of `target`, at once. Raises `OSError`."""
    for wait in _WAITS if sys.platform == "win32" else ():
        with contextlib.suppress(PermissionError):
            os.replace(source, target)
            return
        time.sleep(wait)
    os.replace(source, target)


def settle(stream: BinaryIO) -> None:
    """Wait until the disk has what was written to an open file. Raises `OSError`."""
    stream.flush()
    os.fsync(stream.fileno())


def settle_folder(folder: str) -> None:
    """Wait until the disk has the names in a folder. Raises `OSError`."""
    if sys.platform == "win32":
        return  # it has no such call
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_FOR_FOLDERS:
            raise
    finally:
        os.close(descriptor)


def remove(path: str) -> None:
    """Remove a file, which may be gone already. Raises `OSError`."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
