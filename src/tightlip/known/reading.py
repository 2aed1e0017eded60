"""What the sources that read files share."""

from __future__ import annotations

import os
import sys

from tightlip.errors import UsageError

MOST = 1 << 26
"""Bytes of a file of secrets."""


def content(source: str, path: str) -> bytes:
    """Return what is in a file, or on standard input for `-`. Raises `UsageError`.

    Parameters: `source`, `KIND:WHERE`.
    """
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MOST + 1)
        else:
            with open(os.path.expanduser(path), "rb") as file:
                data = file.read(MOST + 1)
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror or type(error).__name__}; is this the right file?") from None
    if len(data) > MOST:
        raise UsageError(f"{source}: it has more than {MOST >> 20} MB, which is no file of secrets")
    return data


def text(source: str, data: bytes) -> str:
    """Return bytes as text. Raises `UsageError`."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{source}: line {line} is not UTF-8; save it as UTF-8") from None
