"""What on disk is in clear though it must be encrypted: for a scan of files and folders, and for what git tracks."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from functools import partial

from tightlip.engine import Outcome
from tightlip.model import Blob
from tightlip.sops import check
from tightlip.sops.check import Was
from tightlip.sops.creation import NAME, Configuration, NoConfiguration, Read, folders
from tightlip.sops.plaintext import sealed
from tightlip.sops.staged import siblings
from tightlip.tally import Tally


class Disk:
    """Each `.sops.yaml` of a working tree. Parameters: `top`, its top folder; `limit`, the most bytes of a file."""

    def __init__(self, top: str, limit: int) -> None:
        self._top, self._limit = top, limit
        self._read = Read()
        self._said: dict[str, bytes | None] = {}
        self._listed: tuple[str, frozenset[str]] | None = None

    def configuration(self, path: str) -> Configuration | None:
        """Return the nearest `.sops.yaml`. Raises `NoConfiguration`. Parameters: `path`, from the top."""
        for folder in folders(path):
            if folder not in self._said:
                self._said[folder] = self.content(folder + NAME)
            if (data := self._said[folder]) is not None:
                return self._read.get(folder, "", partial(bytes, data))
        return None

    def sibling(self, path: str, data: bytes) -> str:
        """Return an encrypted file that a file is the plaintext of, or nothing."""
        there = self._names(path.rpartition("/")[0])
        read = ((it, self.content(it) or b"") for it in siblings(path) if it.rpartition("/")[2] in there)
        return next((name for name, content in read if sealed(content, name).is_of(data, path)), "")

    def content(self, path: str) -> bytes | None:
        """Return what is in an ordinary file of the tree; None where there is none, or it is over the limit."""
        name = os.path.join(self._top, *path.split("/"))
        try:
            found = os.lstat(name)
            if not stat.S_ISREG(found.st_mode) or found.st_size > self._limit:
                return None
            with open(name, "rb") as file:
                return file.read()
        except OSError:
            return None

    def _names(self, folder: str) -> frozenset[str]:
        """Return what is in a folder; that of the last is kept, as files come folder by folder."""
        if self._listed is None or self._listed[0] != folder:
            try:
                self._listed = folder, frozenset(os.listdir(os.path.join(self._top, *folder.split("/"))))
            except OSError:
                self._listed = folder, frozenset()
        return self._listed[1]


def scan(tally: Tally, paths: Iterable[bytes]) -> None:
    """Judge files that a scan has been through. Parameters: `paths`, as the scan names them."""
    trees: dict[str, Disk] = {}
    tops: dict[str, str] = {}
    troubles: list[NoConfiguration] = []
    for raw in paths:
        path = os.fsdecode(raw)
        top = _top(os.path.abspath(os.path.dirname(path) or os.curdir), tops)
        disk = trees.setdefault(top, Disk(top, tally.scanner.limit))
        inside = os.path.relpath(os.path.abspath(path), top).replace(os.sep, "/")
        data = disk.content(inside)
        if not data or check.is_left_in_clear(inside):
            continue
        try:
            found = check.look(data, inside, disk.configuration(inside), Was("", disk.sibling(inside, data)))
        except NoConfiguration as error:
            error.file = path.removesuffix(inside) + error.file if path.endswith(inside) else error.file
            troubles.append(error)
            continue
        tally.keep(Blob(data, raw), Outcome(data, found, []), found)
    for what, why in check.missed(troubles):
        tally.miss(what, why)


def _top(folder: str, known: dict[str, str]) -> str:
    """Return the nearest folder above with a `.git`, or else the one itself."""
    if folder not in known:
        at = folder
        while not os.path.lexists(os.path.join(at, ".git")) and os.path.dirname(at) != at:
            at = os.path.dirname(at)
        known[folder] = at if os.path.lexists(os.path.join(at, ".git")) else os.path.abspath(os.curdir)
    return known[folder]
