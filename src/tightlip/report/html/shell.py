"""Text as one word of a command that a person pastes into a shell."""

from __future__ import annotations

import os
import re
import shlex
import string

_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Halves of pairs, which no file's name gives and a report that somebody made up may have."""
_PLAIN = frozenset((string.ascii_letters + string.digits + "/._-+@:,=").encode())


def argument(path: str) -> str:
    r"""Return a path as an argument: never an option, and never with a character that a terminal could act upon.

    Parameters: `path`, with bytes that are not UTF-8 as surrogate escapes. What cannot be printed is written as bash,
    zsh and POSIX 2024 have it: `$'\033'`.
    """
    safe = f"./{path}" if path.startswith("-") else path
    if safe.isprintable():
        return shlex.quote(safe)
    return f"$'{''.join(map(_escaped, os.fsencode(_NO_BYTE.sub('?', safe))))}'"


def _escaped(byte: int) -> str:
    return chr(byte) if byte in _PLAIN else f"\\{byte:03o}"
