"""Files that Git LFS keeps: what a repository has in their place, and their content as far as it is on this machine.

Nothing is fetched. Source: the specification of Git LFS (docs/spec.md) and git-lfs-config(5), `lfs.storage`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from hashlib import sha256

from tightlip.errors import GitError, NotARepository
from tightlip.finding import Report, Unscanned
from tightlip.git import store
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.git.repo import facts
from tightlip.git.state import folders
from tightlip.model import Blob

_SIZES = range(80, 1024)
"""Bytes of a pointer file: it has fewer than 1024, and not less than its three lines."""
_POINTER = re.compile(
    rb"\s*version (?:https://git-lfs\.github\.com/spec/v1|https://hawser\.github\.com/spec/v1|http://git-media\.io/v/2)"
    rb"(?:[\r\n]+ext-\d-[a-zA-Z0-9_-]+ sha256:[0-9a-f]{64})*"
    rb"[\r\n]+oid sha256:(?P<oid>[0-9a-f]{64})"
    rb"[\r\n]+size \d{1,20}\s*"
)
"""All that a pointer file may hold: what has another line is a text like any other.

Git LFS itself reads one with white space around it and newlines of Windows, and so checks out the content of it.
"""
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_NOT_HERE = "Git LFS keeps its content, which is not here; run `git lfs fetch --all`"
_OTHER = "what Git LFS keeps for it here is not the content that its pointer names; run `git lfs fsck`"
_NOWHERE = "it is a pointer file of Git LFS, and in no repository that could have its content"

IS_KEPT = "in a file that Git LFS keeps: to rewrite the history leaves it there"
"""The reason that is said of such a finding beside those of the rule."""


def pointed_at(data: bytes) -> str | None:
    """Return the SHA-256 of the content that a pointer file stands for, or None for what is no pointer file."""
    match = _POINTER.fullmatch(data) if len(data) in _SIZES else None
    return match["oid"].decode() if match else None


class Lfs:
    """What Git LFS keeps for one repository, on this machine."""

    def __init__(self, git: Git, *, limit: int) -> None:
        """Parameters: `limit`, the most bytes to read of a file. Raises `GitError`."""
        self._git, self._limit = git, limit
        self._folders = list(_folders(git))
        self.looked_at: set[str] = set()
        """Pointer files whose content was read: their ids, or the paths of those on disk."""

    def instead(self, blob: Blob) -> Blob | Unscanned:
        """Return a blob as it is, or in the place of a pointer file the content: verified, or why it cannot be had."""
        oid = pointed_at(blob.data) if blob.part == "content" else None
        if oid is None:
            return blob
        content = self._content(oid)
        if isinstance(content, str):
            return Unscanned(os.fsdecode(blob.path) or f"object {blob.oid}", content)
        self.looked_at.add(blob.oid or os.fsdecode(blob.path))
        return blob.but(data=content)

    def each(self, blobs: Iterable[Blob | Unscanned]) -> Iterator[Blob | Unscanned]:
        """Yield for each blob what is scanned `instead`."""
        for blob in blobs:
            yield self.instead(blob) if isinstance(blob, Blob) else blob

    def pointers(self) -> Iterator[Blob]:
        """Yield the pointer files among all objects of the repository, without a path. Raises `GitError`."""
        with ObjectReader(self._git) as reader:
            for found in reader.read_many(self._small()):
                if isinstance(found, Object) and pointed_at(found.data):
                    yield Blob(found.data, oid=found.oid)

    def _small(self) -> Iterator[str]:
        for oid, kind, size in store.objects(self._git, (), facts(self._git)):
            if kind == "blob" and size in _SIZES:
                yield oid

    def _content(self, oid: str) -> bytes | str:
        """Return a content, or why it is not to be had."""
        for folder in self._folders:
            found = self._read(os.path.join(folder, oid[:2], oid[2:4], oid))
            if found is not None:
                is_it = isinstance(found, str) or sha256(found).hexdigest() == oid
                return found if is_it else _OTHER
        return _NOT_HERE

    def _read(self, path: str) -> bytes | str | None:
        """Return what a file holds, why it cannot be read, or None where it is not there."""
        try:
            with os.fdopen(os.open(path, _FLAGS), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    return _OTHER
                if status.st_size > self._limit:
                    return f"its {status.st_size} bytes, which Git LFS keeps, are over the limit of {self._limit}"
                return file.read(self._limit)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return f"what Git LFS keeps for it cannot be read: {error.strerror or error}"


class LfsOnDisk:
    """The same for files on disk, wherever they are: each goes by the repository that it is in."""

    def __init__(self, *, limit: int) -> None:
        """Parameters: `limit`, the most bytes to read of a file."""
        self._limit = limit
        self._known: dict[bytes, Lfs | str] = {}

    def each(self, blobs: Iterable[Blob | Unscanned]) -> Iterator[Blob | Unscanned]:
        """As `Lfs.each`."""
        for blob in blobs:
            yield self._instead(blob) if isinstance(blob, Blob) else blob

    @property
    def looked_at(self) -> set[str]:
        """As of `Lfs`."""
        return set[str]().union(*(lfs.looked_at for lfs in self._known.values() if isinstance(lfs, Lfs)))

    def _instead(self, blob: Blob) -> Blob | Unscanned:
        if blob.part != "content" or pointed_at(blob.data) is None:
            return blob
        folder = _repository_of(blob.path)
        if folder not in self._known:
            self._known[folder] = self._at(folder)
        lfs = self._known[folder]
        return Unscanned(os.fsdecode(blob.path), lfs) if isinstance(lfs, str) else lfs.instead(blob)

    def _at(self, folder: bytes) -> Lfs | str:
        try:
            return Lfs(Git(os.fsdecode(folder)), limit=self._limit)
        except NotARepository:
            return _NOWHERE
        except GitError as error:
            return str(error)


def _repository_of(path: bytes) -> bytes:
    """Return the folder that is a repository's top, as it seems; for a path that is in none the uppermost folder."""
    folder = os.path.dirname(os.path.abspath(path))
    while not os.path.lexists(os.path.join(folder, b".git")) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return folder


def marked(report: Report, looked_at: Collection[str]) -> Report:
    """Return a report in which each finding says so if it is in what Git LFS keeps.

    Parameters: `looked_at`, as of what the scan was done with.
    """
    findings = tuple(
        replace(finding, reasons=(*finding.reasons, IS_KEPT))
        if any(place.part == "content" and (place.blob or place.path) in looked_at for place in finding.occurrences)
        else finding
        for finding in report.findings
    )
    return replace(report, findings=findings, scanned=report.scanned | {"pointers": len(looked_at)})


def _folders(git: Git) -> Iterator[str]:
    """Yield where contents are kept: the repository's own folder, and those of repositories that it borrows from."""
    name = git.run("config", "--null", "--get", "lfs.storage", fine=(1,)).removesuffix(b"\0") or b"lfs"
    common = git.run("rev-parse", "--git-common-dir").removesuffix(b"\n")
    where = os.fsencode(git.where or os.curdir)
    yield os.fsdecode(os.path.join(where, common, name, b"objects"))
    _, *others = folders(git)
    for objects in others:
        yield os.path.join(os.path.dirname(objects), "lfs", "objects")
