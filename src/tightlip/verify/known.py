"""Which rules say how to ask, or to revoke.

Only built-in rules and rule files that the user names are read: never what a repository's configuration names, which
could send values anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tightlip import builtin, rules
from tightlip.request import Request

ALL = "all"
_MARKS = (b"verify:", b"revoke:")


class Declared(NamedTuple):
    """What a rule declares."""

    id: str
    name: str
    verify: Request | None
    revoke: Request | None
    is_builtin: bool


def declared(paths: Sequence[str] = ()) -> dict[str, Declared]:
    """Return what rules declare, by their ids; rules that declare nothing are left out.

    Parameters: `paths`, rule files and folders that the user names. Raises `RuleError` and `UsageError`.
    """
    found: dict[str, Declared] = {}
    for path in [builtin.folder(), *paths]:
        for file in rules.files(path):
            if not _may_declare(file):
                continue
            for it in rules.read_file(file):
                if it.verify or it.revoke:
                    is_builtin = path == builtin.folder()
                    found.setdefault(it.rule.id, Declared(it.rule.id, it.rule.name, it.verify, it.revoke, is_builtin))
    return found


def _may_declare(file: str) -> bool:
    """Whether a file is worth reading, as few of the built-in ones are; a missing one is for the reader to tell."""
    try:
        content = Path(file).read_bytes()
    except OSError:
        return True
    return any(mark in content for mark in _MARKS)
