"""The user's cache folder, and whether what lies there can be trusted. The commit hook loads this."""

from __future__ import annotations

import os
import sys


def path() -> str:
    """Return the folder, which need not exist: `TIGHTLIP_CACHE`, or where the platform keeps a user's caches."""
    if folder := os.environ.get("TIGHTLIP_CACHE"):
        return folder
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.expanduser("~"), "tightlip", "cache")
    if sys.platform == "darwin":
        return os.path.expanduser("~/Library/Caches/tightlip")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tightlip")


def is_ours(where: str | int) -> bool:
    """Whether nobody but this user (or root) can have written there; a path, or the number of an open file.

    Raises `OSError` where there is nothing.
    """
    if sys.platform == "win32":
        return True  # the user's profile keeps others out
    status = os.stat(where)
    return status.st_uid in (os.getuid(), 0) and not status.st_mode & 0o022
