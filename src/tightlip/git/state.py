"""Whether a repository is as it was: a digest of all that decides over what a scan of it finds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git


def folders(git: Git) -> list[str]:
    """Return the object folders: the repository's own, and those of other repositories that git says it uses too."""
    own, *others = [git.run("rev-parse", "--git-path", "objects").rstrip(b"\n")]
    for line in git.run("count-objects", "-v").splitlines():
        if line.startswith(b"alternate: "):
            others.append(_unquoted(line[11:]))
    return [os.path.join(git.where or ".", os.fsdecode(folder)) for folder in (own, *others)]


def _unquoted(name: bytes) -> bytes:
    if not name.startswith(b'"'):
        return name
    return name[1:-1].decode("unicode_escape").encode("latin-1")


def identity(git: Git) -> str:
    """Return a path that stands for the repository, the same from all its working trees."""
    common = git.run("rev-parse", "--git-common-dir").rstrip(b"\n")
    return os.path.realpath(os.path.join(git.where or ".", os.fsdecode(common)))


def state(git: Git) -> bytes:
    """Return a digest of the objects' files, the refs, HEAD, and where history is cut off."""
    digest = sha256()
    for folder in folders(git):
        digest.update(os.fsencode(folder) + b"\0")
        for line in sorted(_listed(folder)):
            digest.update(line + b"\0")
    digest.update(git.run("for-each-ref", "--format=%(objectname) %(refname)"))
    digest.update(git.run("rev-parse", "--symbolic-full-name", "HEAD", fine=(128,)))
    digest.update(git.run("rev-parse", "--is-shallow-repository", "HEAD", fine=(128,)))
    digest.update(git.run("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$", fine=(1,)))
    return digest.digest()


def _listed(folder: str) -> Iterator[bytes]:
    """Yield a line for each pack, and for each folder of loose objects: its time changes with what is in it."""
    for part in (folder, os.path.join(folder, "pack"), os.path.join(folder, "info")):
        try:
            entries = list(os.scandir(part))
        except OSError:
            continue
        for entry in entries:
            status = entry.stat()
            size = 0 if entry.is_dir() else status.st_size
            yield os.fsencode(f"{entry.path} {size} {status.st_mtime_ns}")
