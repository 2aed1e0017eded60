"""The file packed-refs: reading it, and writing it as git does (refs/packed-backend.c)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import GitError

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git

_HEADER = b"# pack-refs with: peeled fully-peeled sorted \n"


class Packed(NamedTuple):
    """What stands there of a ref."""

    oid: str
    peeled: str
    """For an annotated tag, what it leads to in the end; else empty."""


def read(path: str) -> bytes:
    """Return what the file holds: nothing if it is not there, as before the first ref. Raises `OSError`."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b""


def parsed(content: bytes) -> dict[bytes, Packed]:
    """Return what the file says of each ref, by its full name. Raises `GitError` if it is damaged."""
    found: dict[bytes, Packed] = {}
    name = b""
    for line in content.split(b"\n"):
        if not line or line.startswith(b"#"):
            continue
        if line.startswith(b"^") and name:
            found[name] = Packed(found[name].oid, line[1:].decode())
            continue
        oid, space, name = line.partition(b" ")
        if not space or len(oid) not in (40, 64):
            raise GitError("packed-refs is damaged; run `git fsck`, and restore what is missing")
        found[name] = Packed(oid.decode(), "")
    return found


def is_complete(content: bytes) -> bool:
    """Whether the file says of every ref what it leads to, as git has written it since version 1.8."""
    return b" fully-peeled " in content.partition(b"\n")[0]


def written(refs: Mapping[bytes, Packed]) -> bytes:
    """Return the content of the file."""
    lines = [_HEADER]
    for name in sorted(refs):
        lines.append(refs[name].oid.encode() + b" " + name + b"\n")
        if refs[name].peeled:
            lines.append(b"^" + refs[name].peeled.encode() + b"\n")
    return b"".join(lines)


def peeled(git: Git, oids: Iterable[str]) -> dict[str, Packed]:
    """Return what is to be written of each id. Raises `GitError` if there is no such object, or its end is missing."""
    wanted = list(dict.fromkeys(oids))
    request = "".join(f"{oid}^{{}}\n" for oid in wanted).encode()
    answers = git.run("cat-file", "--batch-check=%(objectname)", stdin=request).decode().splitlines()
    found = {}
    for oid, answer in zip(wanted, answers, strict=True):
        if len(answer) != len(oid):
            raise GitError(f"{git.where or '.'}: object {oid} is missing, so no ref is moved to it; run `git fsck`")
        found[oid] = Packed(oid, answer if answer != oid else "")
    return found
