"""Several first runs at once, as of hooks in many repositories: one compiles the rules, and the others wait for it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_LONGEST_WAIT = 60.0
"""Seconds: whoever compiles for longer was stopped, or is on a machine where waiting brings nothing."""
_PAUSE = 0.05


@contextmanager
def turn(file: str) -> Iterator[None]:
    """Hold a file that one process at a time can hold; where that cannot be, or takes too long, go on without it.

    The system lets go of it for a process that dies. Whoever had to wait should look whether there is still a need.
    """
    held = _hold(file, time.monotonic() + _LONGEST_WAIT)
    try:
        yield
    finally:
        if held is not None:
            _let_go(held, file)


def _hold(file: str, deadline: float) -> int | None:
    """Return the open file once nobody else holds it; nothing where it cannot be held."""
    while time.monotonic() < deadline:
        try:
            opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError:  # on Windows also for a moment after it was removed
            if sys.platform != "win32":
                return None
        except OSError:
            return None
        else:
            try:
                if _lock(opened) and _is(opened, file):
                    return opened
            except OSError:  # a file system that cannot lock
                os.close(opened)
                return None
            os.close(opened)
        time.sleep(_PAUSE)
    return None


def _lock(opened: int) -> bool:
    """Whether the file is ours now; raise `OSError` where it can be nobody's."""
    if sys.platform == "win32":
        import msvcrt

        with suppress(PermissionError):
            msvcrt.locking(opened, msvcrt.LK_NBLCK, 1)
            return True
        return False
    import fcntl

    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is(opened: int, file: str) -> bool:
    """Whether the file still lies there: whoever held it before has removed it."""
    try:
        return os.path.samestat(os.fstat(opened), os.stat(file))
    except FileNotFoundError:
        return False


def _let_go(opened: int, file: str) -> None:
    """Remove the file and close it; Windows removes none that is open, and there the last to hold it does."""
    if sys.platform != "win32":
        with suppress(OSError):
            os.unlink(file)
    os.close(opened)
    if sys.platform == "win32":
        with suppress(OSError):
            os.unlink(file)
