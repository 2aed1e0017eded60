"""Whole purges through the library, and what is left of a value afterwards, looked for by other means."""

from __future__ import annotations

import base64
import contextlib
import functools
import gzip
import io
import json
import os
import re
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import pytest
import whole_repository as whole
from whole_repository import run

from tightlip.git.plumbing import Git
from tightlip.purge import forms, plan, targets
from tightlip.purge.apply import Applied, Options, apply
from tightlip.purge.forms import finder
from tightlip.purge.repository import backup, layout
from tightlip.purge.rewriting.paths import parsed
from tightlip.purge.values import Purged

VALUE = b"ghp" + b"_" + b"9mWk2LpQ7xRt5VbN8cYs3HdF6gJz1KaE4uTq"
TEXT = VALUE.decode()


class Purge(NamedTuple):
    """A plan, and what came of it."""

    plan: dict[str, Any]
    applied: Applied


class Holding(NamedTuple):
    """What holds a value."""

    objects: set[str]
    files: set[str]


@functools.cache
def _finder(values: tuple[Purged, ...]) -> finder.Finder:
    return finder.Finder(values)


_NEVER_CHANGES = (
    *(("rev-parse", what) for what in ("--git-common-dir", "--absolute-git-dir", "--show-object-format")),
    *(("rev-parse", "--show-toplevel"), ("config", "extensions.refStorage"), ("config", "--type=bool", "core.bare")),
)


def be_quick(patch: pytest.MonkeyPatch) -> None:
    """Do not wait for the disk, make expressions once, and ask git once for what does not change."""
    whole.do_not_wait_for_the_disk(patch)
    patch.setattr(forms, "Finder", lambda values: _finder(tuple(values)))
    real, known = Git.run, dict[tuple[str | None, tuple[str, ...]], bytes]()

    def asked(self: Git, *args: str, **options: object) -> bytes:
        if args not in _NEVER_CHANGES:
            return real(self, *args, **options)  # type: ignore[arg-type]
        if (self.where, args) not in known:
            known[self.where, args] = real(self, *args, **options)  # type: ignore[arg-type]
        return known[self.where, args]

    patch.setattr(Git, "run", asked)


def planned(
    where: Path,
    *values: bytes,
    replacement: bytes = targets.REPLACEMENT,
    jobs: int = 1,
    deleted: Sequence[bytes] = (),
) -> dict[str, Any]:
    """Return a plan as it comes out of a file; no value may be in that."""
    survey = plan.survey(Git(str(where)), _targets(values, replacement), jobs=jobs, deleted=parsed(deleted))
    data = json.dumps(plan.document(survey, survey.affected())).encode()
    for value in values or (VALUE,):
        assert value not in data
        assert json.dumps(value.decode("utf-8", "surrogateescape")).encode()[1:-1] not in data
    return plan.read(data)


def applied(
    where: Path,
    made: dict[str, Any],
    *values: bytes,
    prune: bool = True,
    allow: tuple[str, ...] = (),
    folder: Path | None = None,
    replacement: bytes = targets.REPLACEMENT,
) -> Applied:
    """Apply a plan."""
    options = Options("somebody", prune, allow, str(folder or free_folder(where.parent)))
    return apply(Git(str(where)), made, _targets(values, replacement), options, lambda _: None)


def purge(where: Path, *values: bytes, **options: Any) -> Purge:  # noqa: ANN401 - as `applied` has them
    """Plan and apply."""
    made = planned(where, *values, replacement=options.get("replacement", targets.REPLACEMENT))
    return Purge(made, applied(where, made, *values, **options))


def free_folder(beside: Path) -> Path:
    return next(path for number in range(99) if not (path := beside / f"backup {number}").exists())


def _targets(values: tuple[bytes, ...], replacement: bytes) -> list[targets.Target]:
    return targets.given(b"\n".join(values or (VALUE,)), replacement)


def without_proven_backup(patch: pytest.MonkeyPatch) -> None:
    """Take backups without a restore elsewhere: other tests have that."""
    patch.setattr(backup, "_prove", lambda *_: None)


def fsck(where: Path) -> set[str]:
    """Return what git says of a repository."""
    done = subprocess.run(
        ["git", "-C", str(where), "fsck", "--full", "--strict", "--no-dangling", "--no-progress"],
        check=False,
        capture_output=True,
        timeout=60,
    )
    return {line for line in (done.stdout + done.stderr).decode("utf-8", "replace").splitlines() if line}


def objects(where: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the ids and contents of all objects of a store."""
    done = subprocess.run(
        ["git", "-C", str(where), "cat-file", "--batch-all-objects", "--batch"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    stream = io.BytesIO(done.stdout)
    while header := stream.readline():
        oid, _, size = header.decode().split()
        yield oid, stream.read(int(size))
        stream.read(1)


def holding(where: Path, *values: bytes) -> Holding:
    """Return which objects hold a value in some form, and which files of the git folder, in their names or contents."""
    needles = [needle for value in values or (VALUE,) for needle in _needles(value)]
    common = Path(layout.layout(Git(str(where))).common)
    files = {
        str(path.relative_to(common))
        for path in common.rglob("*")
        if not _is_object(path.relative_to(common))
        and (
            _holds(os.fsencode(path.relative_to(common)), needles)
            or (path.is_file() and _holds(path.read_bytes(), needles))
        )
    }
    return Holding({oid for oid, content in objects(where) if _holds(content, needles)}, files)


def _is_object(path: Path) -> bool:
    first = path.parts[1] if path.parts[0] == "objects" and len(path.parts) > 2 else ""
    return bool(re.fullmatch("[0-9a-f]{2}", first)) or path.suffix in {".pack", ".idx"}


def _needles(value: bytes) -> Iterator[bytes]:
    yield from (value, value.hex().encode())
    text = value.decode("utf-8", "replace")
    yield from (text.encode(name) for name in ("utf-16-le", "utf-16-be"))
    for offset in range(3):
        start = -(-offset * 8 // 6) if offset else 0
        end = (offset + len(value)) * 8 // 6
        yield base64.b64encode(bytes(offset) + value + bytes(3))[start:end]


def _holds(data: bytes, needles: list[bytes]) -> bool:
    return any(needle in view for view in _views(data) for needle in needles)


def _views(data: bytes) -> Iterator[bytes]:
    yield data
    yield data.lower() if data.isascii() else data
    yield unquote_to_bytes(data)
    yield re.sub(rb"\\u00([0-9a-f]{2})", lambda match: bytes.fromhex(match[1].decode()), data)
    yield re.sub(rb"[\"'+\s\\]", b"", data)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if data.startswith(b"\x1f\x8b"):
        with contextlib.suppress(OSError):
            yield gzip.decompress(data)


def write(where: Path, kind: str, content: bytes) -> str:
    """Write an object as it is."""
    return run(where, "hash-object", "-t", kind, "-w", "--stdin", "--literally", stdin=content)


def tree(where: Path, *entries: tuple[str, bytes, str]) -> str:
    """Write a tree: modes, names and ids."""
    return write(
        where, "tree", b"".join(b"%b %b\0%b" % (mode.encode(), name, bytes.fromhex(oid)) for mode, name, oid in entries)
    )


WHO = b"Ada Example <ada@example.org> 1767323045 +0000"


def commit(
    where: Path,
    tree_: str,
    *parents: str,
    author: bytes = WHO,
    committer: bytes = WHO,
    headers: bytes = b"",
    message: bytes = b"a change\n",
) -> str:
    """Write a commit as it is."""
    lines = [b"tree %b" % tree_.encode(), *(b"parent %b" % parent.encode() for parent in parents)]
    lines += [b"author " + author, b"committer " + committer]
    return write(where, "commit", b"\n".join(lines) + b"\n" + headers + b"\n" + message)


def tag(
    where: Path, oid: str, kind: str = "commit", name: bytes = b"t", tagger: bytes = WHO, message: bytes = b"words\n"
) -> str:
    """Write an annotated tag as it is."""
    return write(
        where,
        "tag",
        b"object %b\ntype %b\ntag %b\ntagger %b\n\n%b" % (oid.encode(), kind.encode(), name, tagger, message),
    )


# X
