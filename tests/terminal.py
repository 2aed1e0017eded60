"""tightlip at a terminal, as a person has it: what is typed there, and all that is shown."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

needs_terminal = pytest.mark.skipif(sys.platform == "win32", reason="a terminal is made of a pair of POSIX")
_LONGEST = 60.0
"""Seconds until a command is ended that waits for more."""


def at_terminal(
    arguments: Sequence[str], typed: str, folder: Path | None = None, *, waits_for: str = ""
) -> tuple[int, str]:
    """Run a command where something is typed, and return its exit code and what was shown.

    Parameters: `folder`, where it runs (the current one when left out); `waits_for`, what is shown before anything is
    typed, where what comes earlier would be thrown away, as it is by a question for a password.
    """
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tightlip", *arguments]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    try:
        with subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,  # so that a question for a password is not put to who runs the tests
        ) as process:
            os.close(theirs)
            shown = _shown(ours, waits_for.encode()) if waits_for else b""
            os.write(ours, typed.encode())
            shown += _shown(ours)
            try:
                code = process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            return code, shown.decode().replace("\r\n", "\n")
    finally:
        os.close(ours)


def _shown(end: int, last: bytes | None = None) -> bytes:
    """Read until that was shown which comes last, the other end is closed, or time is up."""
    shown, until = b"", time.monotonic() + _LONGEST
    while last is None or last not in shown:
        if not select.select([end], [], [], max(until - time.monotonic(), 0))[0]:
            break
        try:
            piece = os.read(end, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    return shown
