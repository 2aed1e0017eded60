"""The scripts for those who do not have tightlip: they are copied from here, with the ids that they look for."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

_MOST = 4000
"""How many ids a script may hold before it becomes too large to be sent around: about 330 kB."""


def fits(ids: Collection[str]) -> bool:
    """Whether a map of ids can be in the script for colleagues."""
    return len(ids) <= _MOST


def check(banned: Iterable[str], ids: Mapping[str, str]) -> str:
    """Return the script for colleagues. Parameters: `ids`, new by old ones; none where they are in a file beside it."""
    text = _text("purge-check.sh").replace("@MAP@", "\n".join(f"{old} {new}" for old, new in ids.items()))
    return text.replace("@BANNED@", "\n".join(banned))


def receive(banned: Iterable[str]) -> str:
    """Return the hook for a server."""
    return _text("pre-receive.sh").replace("@BANNED@", "\n".join(banned))


def _text(name: str) -> str:
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8", newline="") as stream:
        return stream.read().replace("\r\n", "\n")
