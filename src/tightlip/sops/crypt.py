"""git-crypt: which files .gitattributes hands to it, and whether git has them encrypted. On disk they are plaintext."""

from __future__ import annotations

import os

from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.sops import other
from tightlip.sops.attributes import filtered


def sealed(git: Git) -> list[str]:
    """Return the files of the index that git-crypt has encrypted. Raises `GitError`."""
    return [path for path, is_sealed in _files(git).items() if is_sealed]


def in_clear(git: Git) -> list[str]:
    """Return those that it should have, and has not. Raises `GitError`."""
    return [path for path, is_sealed in _files(git).items() if not is_sealed and not path.endswith(".gitattributes")]


def _files(git: Git) -> dict[str, bool]:
    lines = [line.partition(b"\t") for line in git.run("ls-files", "-s", "-z", "--full-name", ":/").split(b"\0")[:-1]]
    oids = {path: meta.split(b" ")[1].decode() for meta, _, path in lines}
    handed = filtered(git, list(oids))
    wanted = [path for path in oids if path in handed]
    found = {}
    with ObjectReader(git, limit=1 << 24) as objects:
        for path, read in zip(wanted, objects.read_many(oids[path] for path in wanted), strict=True):
            is_sealed = not isinstance(read, Object) or not read.data or read.data.startswith(other.GIT_CRYPT)
            found[os.fsdecode(path)] = is_sealed
    return found
