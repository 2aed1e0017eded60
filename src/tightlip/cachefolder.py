"""The user's cache folder, and whether what lies there can be trusted. The commit hook loads this."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


_NOWHERE = os.path.join(os.devnull, "tightlip")
"""What no folder can be."""


def path() -> str:
    """Return the folder, which need not exist: `TIGHTLIP_CACHE`, or where the platform keeps a user's caches.

    A user without a home has none: it would be taken from the current folder, which is what is scanned.
    """
    if folder := os.environ.get("TIGHTLIP_CACHE"):
        return folder
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.expanduser("~"), "tightlip", "cache")
    if sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Caches/tightlip")
    else:
        folder = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tightlip")
    return folder if os.path.isabs(folder) else _NOWHERE


def is_ours(where: str | int) -> bool:
    """Whether nobody but this user (or root) can have written there; a path, or the number of an open file.

    Raises `OSError` where there is nothing.
    """
    if sys.platform == "win32":
        return True  # the user's profile keeps others out
    status = os.stat(where)
    return status.st_uid in (os.getuid(), 0) and not status.st_mode & 0o022


def is_usable() -> bool:
    """Make the folder, and tell whether what is put there will be used."""
    try:
        os.makedirs(path(), mode=0o700, exist_ok=True)
        return is_ours(path())
    except OSError:
        return False


def opened(name: str) -> BinaryIO:
    """Open a file of the folder to read it. Raises `OSError` where there is none, or where others can write it."""
    if is_ours(path()):
        stream = open(os.path.join(path(), name), "rb")  # noqa: SIM115 - for whoever asked
        if is_ours(stream.fileno()):
            return stream
        stream.close()
    raise PermissionError


def write(name: str, content: bytes) -> None:
    """Write a file of the folder, if that is there, at once: others may read it, or write it too, at any time."""
    file = os.path.join(path(), name)
    temporary = f"{file}.{os.getpid()}"
    try:
        if not is_ours(path()):
            return
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
        os.replace(temporary, file)
    except OSError:
        _remove(temporary)


def _remove(file: str) -> None:
    try:
        os.unlink(file)
    except OSError:
        return
