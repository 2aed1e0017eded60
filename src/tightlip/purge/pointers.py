"""Pointer files of Git LFS: what a history has in place of a large file, which is kept elsewhere."""

from __future__ import annotations

import re

_FIRST = b"version https://git-lfs.github.com/spec/v1\n"
_SIZE = 1024
"""A pointer file has fewer bytes. Source: the specification of Git LFS, docs/spec.md."""
_OID = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)


def pointed(content: bytes) -> str | None:
    """Return the id of the file that a blob stands for, empty where it names none; None if it is no pointer file."""
    if len(content) >= _SIZE or not content.startswith(_FIRST):
        return None
    match = _OID.search(content)
    return match[1].decode() if match else ""


def path(oid: str) -> str:
    """Return where in the git folder Git LFS keeps a file, if it is there at all."""
    return f"lfs/objects/{oid[:2]}/{oid[2:4]}/{oid}"
