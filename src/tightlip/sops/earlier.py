"""Whether a file that is encrypted today was once committed in clear, under this name or an earlier one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tightlip.git.objects import Object, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.sops import document, other
from tightlip.sops.document import Document

SOPS = "SOPS"
_MOST = 200
"""Files that are looked back for."""
_LARGEST = 4 << 20
_SHORT = 10
_ENDS = (b".yaml", b".yml", b".json", b".env", b".ini", b".enc", b".sops", b".age", b".gpg", b".asc", b".vault")


class Earlier(NamedTuple):
    """A file, and when it was in clear."""

    path: str
    encrypted_with: str
    first: str
    """The commit that brought plaintext in; its short id, and the date."""
    last: str
    """The last commit that left it there."""
    number: int
    """How many versions were in clear."""
    as_path: str
    """What it was called then."""


class Today(NamedTuple):
    """A file that is encrypted today."""

    path: bytes
    oid: str
    by: str


def encrypted(git: Git, entries: Sequence[tuple[bytes, str]]) -> list[Today]:
    """Return which files are encrypted. Parameters: `entries`, paths and objects, of the index or a commit.

    Raises `GitError`. What its name does not tell of (`secrets/a`) is looked at where the name has an end that
    encrypted files have, or none.
    """
    wanted = [it for it in entries if it[0].endswith(_ENDS) or b"." not in it[0].rpartition(b"/")[2][1:]]
    found = []
    with ObjectReader(git, limit=_LARGEST) as objects:
        for (path, oid), read in zip(wanted, objects.read_many(oid for _, oid in wanted), strict=True):
            if isinstance(read, Object) and (what := with_what(read.data, os.fsdecode(path))):
                found.append(Today(path, oid, what))
    return found


def with_what(data: bytes, path: str) -> str:
    """Return what a file is encrypted with, or nothing."""
    return by(data, document.read(data, path))


def by(data: bytes, found: Document | None) -> str:
    """Return what a file is encrypted with, or nothing. Parameters: `found`, what SOPS wrote, None where it did not."""
    return SOPS if found and found.encrypts else other.by(data)


def look(git: Git, today: Sequence[Today]) -> Iterator[Earlier]:
    """Yield the files that were committed in clear, as HEAD's history has it. Raises `GitError`."""
    with ObjectReader(git, limit=_LARGEST) as objects:
        for it in today[:_MOST]:
            versions = [version for version in _versions(git, it.path) if version.oid]
            read = objects.read_many(version.oid for version in versions)
            clear = [
                version
                for version, found in zip(versions, read, strict=True)
                if isinstance(found, Object) and found.data.strip() and not with_what(found.data, version.path)
            ]
            if clear:
                last, first = clear[0], clear[-1]
                yield Earlier(os.fsdecode(it.path), it.by, first.commit, last.commit, len(clear), first.path)


class _Version(NamedTuple):
    commit: str
    oid: str
    """Empty where it was removed."""
    path: str


def _versions(git: Git, path: bytes) -> Iterator[_Version]:
    """Yield the versions of a file, the newest first, through renames."""
    name = os.fsdecode(path)
    output = git.run(
        *("log", "--follow", "-M30%", "--raw", "-z", "--no-abbrev", "--format=%x01%H %cs", "--no-ext-diff"),
        *("--no-textconv", "--", f":(top,literal){name}"),
    )
    commit = ""
    fields = iter(output.split(b"\0"))
    for field in fields:
        if field.startswith(b"\x01"):
            oid, _, date = field[1:].partition(b"\n")[0].decode().partition(" ")
            commit = f"{oid[:_SHORT]} {date}"
            field = field.partition(b"\n")[2]  # noqa: PLW2901 - the first change stands on the same field
        if field.lstrip(b"\n").startswith(b":"):
            meta = field.lstrip(b"\n").decode().split(" ")
            names = [next(fields, b"")]
            if meta[4][:1] in ("R", "C"):
                names.append(next(fields, b""))
            yield _Version(commit, meta[3].strip("0") and meta[3], os.fsdecode(names[-1]))
