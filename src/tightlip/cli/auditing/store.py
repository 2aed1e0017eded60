"""Where the judgements of an audit are kept: the baseline file, which others may write meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tightlip.baseline import place
from tightlip.baseline.file import Baseline
from tightlip.baseline.identity import new_salt
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from tightlip.cli.baseline.work import Home

_WAITS, _SECONDS = 40, 0.05
"""How often, and for how long, it is waited for somebody else who writes."""


class File:
    """The baseline file of a repository; the first judgement makes it where there is none."""

    def __init__(self, home: Home) -> None:
        self._home, self._salt = home, new_salt()

    def read(self) -> Baseline:
        """Return what is in the file. Raises `UsageError`."""
        found = place.on_disk(self._home.path, self._home.name)
        return found if found and found.salts else Baseline((self._salt,))

    def write(self, baseline: Baseline) -> None:
        """Write the file at once. Raises `UsageError`."""
        self._home.write(baseline)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other auditors from writing the file meanwhile, as git does it. Raises `UsageError`."""
        lock = f"{os.path.realpath(self._home.path)}.lock"
        _make(lock, self._home.name)
        try:
            yield
        finally:
            os.unlink(lock)


def _make(lock: str, name: str) -> None:
    for _ in range(_WAITS):
        if _is_made(lock, name):
            return
        time.sleep(_SECONDS)
    raise UsageError(f"{name}: somebody else writes it; if nobody does, remove {name}.lock and judge again")


def _is_made(lock: str, name: str) -> bool:
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{name}: it cannot be written: {error.strerror}") from None
    return True
