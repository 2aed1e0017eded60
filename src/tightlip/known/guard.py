"""Keeps values out of core dumps, and other programs of the same user out of this process's memory."""

from __future__ import annotations

import sys
from contextlib import suppress

_PR_SET_DUMPABLE = 4  # linux/prctl.h


def close_memory() -> None:
    """Have the system write no memory of this process to a file, from now on; also of those that it forks.

    On Linux nobody but root can attach to it then, or read its memory and environment in /proc. Windows writes no dumps
    unless it is told to, and has no such switch.
    """
    if sys.platform == "win32":
        return
    import resource

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
