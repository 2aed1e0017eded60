"""What a commit's files held before it: a secret that was there already is not brought by the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.git.changes import Record
from tightlip.git.objects import Object, ObjectReader
from tightlip.model import Blob

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tightlip.collect import Group
    from tightlip.engine import Scanner
    from tightlip.finding import Unscanned
    from tightlip.git.lfs import Lfs
    from tightlip.git.plumbing import Git


def held_before(
    git: Git,
    scanner: Scanner,
    commits: Collection[str],
    records: Iterable[Record | Unscanned],
    lfs: Lfs | None = None,
) -> dict[str, set[Group]]:
    """Return, for each commit, the secrets that what it changed or removed had held. Raises `GitError`.

    Parameters: `records`, what these commits changed; `lfs`, what has the content in the place of pointer files.
    """
    old: dict[str, set[str]] = {commit: set() for commit in commits}
    paths: dict[str, bytes] = {}
    for record in records:
        if isinstance(record, Record) and record.meta:
            oids = record.old_oids()
            old[record.commit.decode()].update(oids)
            paths |= dict.fromkeys(oids, record.path)
    secrets: dict[str, set[Group]] = {}
    with ObjectReader(git, limit=scanner.limit) as reader:
        for found in reader.read_many(paths):
            if isinstance(found, Object):
                blob = Blob(found.data, paths[found.oid], found.oid)
                content = lfs.instead(blob) if lfs else blob
                matches = scanner.scan(content.data, blob.path).matches if isinstance(content, Blob) else ()
                secrets[found.oid] = {(match.rule.id, match.secret) for match in matches}
    return {commit: {secret for oid in oids for secret in secrets.get(oid, ())} for commit, oids in old.items()}
