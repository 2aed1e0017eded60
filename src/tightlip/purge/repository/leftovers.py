"""What a purge has written goes again, once the repository is restored: `git fsck` has nothing to tell of it then.

All that was there before is in the pack of the backup, which a restore puts into the store. If the store has nothing
else but what the purge has written, that pack is all that is left of it. Somebody's own new objects are not touched:
where there are any, everything stays.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from tightlip.purge.repository import durable

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.purge.repository.layout import Layout

NAME = "written.idx"
"""The index of the pack that a purge has written, in the folder of its backup."""
_GRAPHS = ("commit-graph", "commit-graphs")
_BESIDE = (".idx", ".pack", ".rev", ".bitmap", ".mtimes")
"""Files of a pack: the index first, as a pack without one is none."""


def note(folder: str, pack: str) -> None:
    """Note in the folder of a backup which objects a purge has written. Raises `OSError`.

    Parameters: `pack`, the pack in which they are.
    """
    with open(f"{pack.removesuffix('.pack')}.idx", "rb") as stream:
        durable.write(os.path.join(folder, NAME), stream.read())


def clear(git: Git, place: Layout, folder: str, checksum: bytes, objects: str) -> bool:
    """Let a store hold what a backup has and nothing else; return whether it does. Raises `GitError` or `OSError`.

    Parameters: `folder`, that of the backup; `checksum`, what its pack ends in; `objects`, the digest of the ids in it.
    """
    packs = os.path.join(place.common, "objects", "pack")
    own = os.path.join(packs, f"pack-{checksum.hex()}.idx")
    noted = os.path.join(folder, NAME)
    is_kept = any(name.endswith(".keep") for name in os.listdir(packs))
    if is_kept or not os.path.exists(own) or not os.path.exists(noted):
        return False
    others = list(_others(place, packs, os.path.basename(own).removesuffix(".idx")))  # what comes later is not touched
    before, written = _ids(git, place, own), _ids(git, place, noted)
    if sha256("".join(f"{oid}\n" for oid in sorted(before)).encode()).hexdigest() != objects:
        return False
    there = set(git.run("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").decode().split())
    if not there <= before | written:
        return False
    for path in others:
        _remove(path)
    return True


def _ids(git: Git, place: Layout, index: str) -> set[str]:
    kind = "sha256" if place.sha256 else "sha1"
    with open(index, "rb") as stream:
        shown = git.run("show-index", f"--object-format={kind}", stdin=stream.read())
    return {line.split()[1] for line in shown.decode().splitlines()}


def _others(place: Layout, packs: str, own: str) -> Iterator[str]:
    """Yield the files of all objects but those of one pack, and of what git has noted of all of them."""
    objects = os.path.join(place.common, "objects")
    yield from (os.path.join(objects, "info", name) for name in _GRAPHS)
    names = os.listdir(packs)
    yield from (os.path.join(packs, name) for name in names if name.startswith("multi-pack-index"))
    for end in _BESIDE:
        yield from (os.path.join(packs, name) for name in names if name.endswith(end) and name != own + end)
    for folder in os.listdir(objects):
        if len(folder) == 2:  # the first byte of the ids of loose objects
            yield from (os.path.join(objects, folder, name) for name in os.listdir(os.path.join(objects, folder)))


def _remove(path: str) -> None:
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.chmod(path, stat.S_IREAD | stat.S_IWRITE)  # Windows removes no read-only file
        durable.remove(path)
