"""What comes after a purge, as files beside the journal: to publish it, to ask the host, to bring clones over.

Nothing is pushed or sent. The files hold ids and the names of refs as they are now, no values.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from tightlip.purge.publishing import banned, commands, moved, request, scripts
from tightlip.purge.repository import durable, journal

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git

PUBLISH, REQUEST, CHECK, RECEIVE = "publish.sh", "host-request.txt", "purge-check.sh", "pre-receive"
_DERIVED = (PUBLISH, REQUEST, CHECK, RECEIVE, moved.REFS, moved.IDS)
NAMES = (*_DERIVED, banned.NAME)
"""The files that are written."""


class Afterwards(NamedTuple):
    """What was written."""

    folder: str
    """Where the files are."""
    remotes: tuple[str, ...]
    """The names of the remotes."""
    published: int
    """How many refs `publish.sh` moves, over all remotes."""
    needs_map: bool
    """Whether the script for colleagues needs the map of ids beside it, because that is too long to be in it."""


def write(git: Git, plan: Mapping[str, Any]) -> Afterwards:
    """Write all that is needed after a purge. What an earlier one left, and nobody may have published, is taken along.

    Parameters: `plan`, that was applied. Raises `GitError` or `OSError`.
    """
    folder = journal.folder(git)
    ids, moves = moved.ids(folder), moved.moves(git, folder)
    _save(folder, moved.IDS, moved.written_ids(ids))
    _save(folder, moved.REFS, moved.written_moves(moves))
    first = banned.read(os.path.join(folder, banned.NAME)) | {*plan["first_commits"]} | _tags(git, ids)
    _save(folder, banned.NAME, "".join(f"{oid}\n" for oid in sorted(first)))
    inside = ids if scripts.fits(ids) else {}
    _save(folder, CHECK, scripts.check(sorted(first), inside), mode=0o700)
    _save(folder, RECEIVE, scripts.receive(sorted(first)), mode=0o700)
    published = [commands.published(remote, moves) for remote in commands.remotes(git) or (None,)]
    _save(folder, PUBLISH, commands.script(published, ids, os.path.join(folder, PUBLISH)), mode=0o700)
    _save(folder, REQUEST, request.text(published, sorted(first)))
    names = tuple(each.remote.name for each in published if each.remote)
    return Afterwards(folder, names, sum(len(each.moves) for each in published), ids != inside)


def undo(git: Git) -> None:
    """Take back what was written after a purge, once a backup is restored: what is there again is not banned.

    Raises `GitError` or `OSError`.
    """
    folder = journal.folder(git)
    for name in _DERIVED:
        durable.remove(os.path.join(folder, name))
    path = os.path.join(folder, banned.NAME)
    first = banned.read(path)
    standing = set(git.run("for-each-ref", "--format=%(objectname)").decode().split())
    left = first - banned.reached(git, first, standing)
    if left:
        _save(folder, banned.NAME, "".join(f"{oid}\n" for oid in sorted(left)))
    else:
        durable.remove(path)


def _tags(git: Git, ids: Mapping[str, str]) -> set[str]:
    """Return the old ids of the tags that were rewritten. A tag may hold a value where no commit does."""
    new = dict.fromkeys(ids.values())
    kinds = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=_lines(new)).decode().splitlines()
    tags = {line.split()[0] for line in kinds if line.endswith(" tag")}
    return {old for old, oid in ids.items() if oid in tags}


def _lines(oids: Iterable[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()


def _save(folder: str, name: str, text: str, *, mode: int = durable.PRIVATE) -> None:
    durable.write(os.path.join(folder, name), text.encode("utf-8", "surrogateescape"), mode)
