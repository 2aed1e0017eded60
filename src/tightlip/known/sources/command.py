"""What a program prints, a value or NAME=VALUE on each line, or JSON: `command:op read op://vault/item/field`."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator

from tightlip.errors import UsageError
from tightlip.known.contents import lines_or_assignments
from tightlip.known.reading import MOST
from tightlip.known.secret import Known

_SECONDS = 300
"""Somebody may have to unlock something."""


def secrets(where: str) -> Iterator[Known]:
    """Yield what it prints. It runs without a shell, and reads nothing from standard input.

    Only its name is told of it: its arguments may hold a token.
    """
    try:
        command = shlex.split(where)
    except ValueError:
        raise UsageError("command: a quote in it is not closed") from None
    if not command:
        raise UsageError("command: name a program")
    source = f"command:{command[0]}"
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=_SECONDS, check=False)
    except OSError as error:
        raise UsageError(f"{source}: it cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{source}: it took more than {_SECONDS} seconds") from None
    if done.returncode:
        raise UsageError(f"{source}: it ended with exit code {done.returncode}; run it by itself to see why")
    if len(done.stdout) > MOST:
        raise UsageError(f"{source}: it printed more than {MOST >> 20} MB")
    for name, value in lines_or_assignments(done.stdout):
        yield Known(name, value, source=source)
