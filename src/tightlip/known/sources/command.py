"""What a program prints, a value or NAME=VALUE on each line, or JSON: `command:op read op://vault/item/field`."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Iterator
from threading import Thread
from typing import IO

from tightlip.errors import UsageError
from tightlip.known.asking import some
from tightlip.known.contents import lines_or_assignments
from tightlip.known.reading import MOST
from tightlip.known.secret import Known

_SECONDS = 300
"""Somebody may have to unlock something."""


def secrets(where: str) -> Iterator[Known]:
    """Yield what it prints. It runs without a shell, and reads nothing from standard input.

    Only its name is told of it: its arguments may hold a token. What it writes to standard error, which may hold a
    value, is not shown.
    """
    try:
        command = shlex.split(where)
    except ValueError:
        raise UsageError("command: a quote in it is not closed") from None
    if not command:
        raise UsageError("command: name a program")
    source = f"command:{command[0]}"
    found = (Known(name, value, source=source) for name, value in lines_or_assignments(_printed(source, command)))
    yield from some(found, UsageError(f"{source}: it printed nothing; run it by itself to see why"))


def _printed(source: str, command: list[str]) -> bytes:
    """Return what a program prints. Raises `UsageError` where that is too much, takes too long, or fails."""
    try:
        program = subprocess.Popen(
            command, bufsize=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise UsageError(f"{source}: it cannot be run: {error.strerror}") from None
    printed, until = bytearray(), time.monotonic() + _SECONDS
    reader = Thread(target=_read, args=(program.stdout, printed), daemon=True)
    reader.start()
    try:
        reader.join(_SECONDS)
        if len(printed) > MOST:
            raise UsageError(f"{source}: it printed more than {MOST >> 20} MB")
        if reader.is_alive():  # or what it started holds the pipe
            raise UsageError(f"{source}: it took more than {_SECONDS} seconds")
        code = program.wait(max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise UsageError(f"{source}: it took more than {_SECONDS} seconds") from None
    finally:
        program.kill()
        program.wait()
    if code:
        raise UsageError(f"{source}: it ended with exit code {code}; run it by itself to see why")
    return bytes(printed)


def _read(pipe: IO[bytes], printed: bytearray) -> None:
    with pipe:
        while len(printed) <= MOST and (part := pipe.read(1 << 16)):
            printed += part
