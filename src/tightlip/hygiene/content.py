"""What is in a file of a working tree, which may be a stranger's: a link is not followed, and nothing is waited for."""

from __future__ import annotations

import os
import stat

_LARGEST = 64 << 20
"""Bytes."""
_OPENING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Unread(Exception):
    """It is there and cannot be read. Its text says why."""


def read(top: str, path: str) -> bytes:
    """Return what is in an ordinary file; nothing where there is none, or a link leads to it. Raises `Unread`.

    Parameters: `top`, the top of the working tree; `path`, from there.
    """
    name = os.path.join(top, *path.split("/"))
    try:
        if not stat.S_ISREG(os.lstat(name).st_mode) or not is_inside(top, os.path.dirname(name)):
            return b""
        with open(os.open(name, _OPENING), "rb") as file:
            data = file.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise Unread(f"it cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise Unread(f"it is over {_LARGEST >> 20} MB")
    return data


def is_inside(top: str, folder: str) -> bool:
    """Whether the way from the top to a folder has no link."""
    return os.path.realpath(folder) == os.path.normpath(
        os.path.join(os.path.realpath(top), os.path.relpath(folder, top))
    )
