"""The lines that hold what a report has found, for entries that look at them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.git.objects import Object, ObjectReader

if TYPE_CHECKING:
    from tightlip.finding import Occurrence, Report
    from tightlip.git.plumbing import Git

_OF_FILES = "files"
"""The kind of a report whose paths are those of the disk."""


class Held:
    """Reads them. A context manager: leaving it ends git's process.

    A text is read and split once as long as what is asked for is in the same: one may hold thousands of findings.
    Parameters: `git`, the repository; None outside of one.
    """

    def __init__(self, git: Git | None) -> None:
        self._objects = None if git is None else ObjectReader(git)
        self._last: tuple[str, list[bytes]] = ("", [])

    def lines(self, report: Report, where: Occurrence) -> bytes:
        """Return the lines of a place, or nothing where they are not to be had; the path of one that has no lines."""
        if where.part != "content":
            return os.fsencode(where.path)
        source = where.path if report.kind == _OF_FILES else where.blob or ""
        if source != self._last[0]:
            text = _on_disk(source) if report.kind == _OF_FILES else self._object(source)
            self._last = source, text.split(b"\n")
        return b"\n".join(self._last[1][where.line - 1 : where.end_line])

    def _object(self, oid: str) -> bytes:
        if self._objects is None or not oid:
            return b""
        found = next(iter(self._objects.read_many([oid])), None)
        return found.data if isinstance(found, Object) else b""

    def __enter__(self) -> Held:  # noqa: PYI034 - Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        if self._objects is not None:
            self._objects.close()


def _on_disk(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
