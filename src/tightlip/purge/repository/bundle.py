"""All objects of a repository in one bundle, which `git clone` and `git bundle unbundle` can read."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

from tightlip.purge.repository import durable
from tightlip.purge.repository.layout import Layout, listed

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git

_AT_ONCE = 1 << 20  # bytes read from git
_ALL = ("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
_PACK = ("pack-objects", "--quiet", "--stdout", "--delta-base-offset", "--window=0")


def write(git: Git, place: Layout, path: str) -> None:
    """Write every object that the store has, reachable or not, and the refs. Raises `GitError` or `OSError`.

    `git bundle create --all --reflog --indexed-objects` would leave out what nothing reaches, and what only ORIG_HEAD
    does. Deltas are taken as they are, so it is as quick as copying.
    """
    with open(durable.opened(path, os.O_EXCL), "wb") as stream:
        stream.write(_header(git, place))
        with git.start(*_ALL, stdin=b"") as names, git.start(*_PACK, stdin=names) as packing:
            while chunk := packing.read(_AT_ONCE):
                stream.write(chunk)
            packing.finish()
            names.finish()
        durable.settle(stream)


def unpack(git: Git, path: str) -> None:
    """Put the objects of a bundle into a store, those too that it has already. Raises `GitError` if it is damaged."""
    git.run("bundle", "verify", "--quiet", path)
    git.run("bundle", "unbundle", path)


def checksum(path: str, width: int) -> bytes:
    """Return what the pack in a bundle ends in, which git names it by. Parameters: `width`, the bytes of an id."""
    with open(path, "rb") as stream:
        stream.seek(-width, os.SEEK_END)
        return stream.read()


def digest(git: Git) -> str:
    """Return a digest of the ids of all objects in a store, which another store of the same objects has too."""
    found = sha256()
    with git.start(*_ALL, stdin=b"") as names:
        while chunk := names.read(_AT_ONCE):
            found.update(chunk)
        names.finish()
    return found.hexdigest()


def _header(git: Git, place: Layout) -> bytes:
    """Return what stands before the pack (gitformat-bundle)."""
    lines = [b"# v3 git bundle", b"@object-format=sha256"] if place.sha256 else [b"# v2 git bundle"]
    refs = {name: oid for name, (oid, _) in listed(git).items()}
    if head := git.run("rev-parse", "--verify", "--quiet", "HEAD", fine=(1,)).decode().strip():
        refs["HEAD"] = head
    lines += [b"%b %b" % (oid.encode(), name.encode("utf-8", "surrogateescape")) for name, oid in refs.items()]
    return b"\n".join([*lines, b"", b""])
