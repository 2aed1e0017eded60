"""Source text to try patterns on: the running Python's standard library, or a folder."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_OTHERS = frozenset({"site-packages", "test", "tests", "idle_test", "__pycache__"})
_LARGEST = 8_000_000
"""Bytes of a file; a larger one would weigh more than all others."""


def modules() -> list[bytes]:
    """Return the modules of the standard library, without its tests."""
    folder = Path(sysconfig.get_path("stdlib"))
    files = sorted(file for file in folder.rglob("*.py") if not _OTHERS & set(file.relative_to(folder).parts))
    return [file.read_bytes() for file in files]


@cache
def source_text() -> bytes:
    """Return all modules as one text."""
    return b"\n".join(modules())


def below(folder: str) -> list[bytes]:
    """Return the text files below a folder, in the order of their names; what is in `.git` is none."""
    return list(_texts(Path(folder)))


def _texts(folder: Path) -> Iterator[bytes]:
    for file in sorted(folder.rglob("*")):
        if ".git" not in file.relative_to(folder).parts and file.is_file() and file.stat().st_size <= _LARGEST:
            data = file.read_bytes()
            if data and b"\0" not in data:
                yield data
