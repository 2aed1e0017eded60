"""Object stores to read, and what git itself makes of them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from tightlip.git.packs.entries import entries
from tightlip.git.packs.forest import Forest, forest
from tightlip.git.packs.index import Index, indexes
from tightlip.git.packs.read import Reader
from tightlip.git.packs.units import units

Git = Callable[..., str]


def git_in(where: Path) -> Git:
    def run(*args: str | Path, **options: object) -> str:
        done = subprocess.run(["git", "-C", where, *args], check=True, capture_output=True, **options)  # type: ignore[call-overload]
        return done.stdout.decode().strip()

    return run


def fill(where: Path, commits: int = 8) -> None:
    """Commit versions of a few files, with an annotated tag and folders, none of it in packs yet."""
    run = git_in(where)
    lines = [f"line {number}: {number * 7919 % 1000003}" for number in range(60)]
    for number in range(commits):
        lines[number * 5 % len(lines)] = f"changed {number}"
        lines.insert(number, f"new {number}")
        for name in ("a.txt", "d/b.txt", f"d/e/{number}.txt"):
            path = where / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join([name, *lines]))
        run("add", ".")
        run("commit", "--quiet", "--message", f"number {number}")
    run("tag", "--annotate", "--message", "a tag", "v1")


def indexes_in(*folders: Path, width: int = 20) -> list[Index]:
    found = [index for folder in folders for index in indexes(str(folder), width)]
    assert all(isinstance(index, Index) for index in found), found
    return [index for index in found if isinstance(index, Index)]


def forest_in(*folders: Path, width: int = 20) -> Forest:
    return forest([(index, entries(index, width)) for index in indexes_in(*folders, width=width)], width)


def read(trees: Forest, *, most: int = 1 << 20, limit: int = 1 << 28) -> tuple[dict[str, bytes], set[str]]:
    """What a reader makes of all objects, by id, and the ids of those that are not to be had."""
    reader = Reader(trees, limit=limit)
    found = {
        bytes(trees.oids[row]).hex(): content
        for unit in units(trees, most)
        for row, _, _, _, content in reader.objects(unit)
    }
    refused = {bytes(trees.oids[row]).hex() for row in (*reader.refused, *np.flatnonzero(trees.depths < 0))}
    return found, refused


def objects_of(run: Git) -> dict[str, str]:
    """The type of each object that git knows of, by id."""
    lines = run("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)").splitlines()
    return dict(line.split() for line in lines)


def contents_of(where: Path, oids: Iterable[str]) -> dict[str, bytes]:
    """What git makes of objects."""
    request = "".join(f"{oid}\n" for oid in oids).encode()
    command = ["git", "-C", where, "cat-file", "--batch"]
    rest = subprocess.run(command, input=request, check=True, capture_output=True).stdout
    found = {}
    while rest:
        head, _, rest = rest.partition(b"\n")
        oid, _, size = head.decode().split()
        found[oid], rest = rest[: int(size)], rest[int(size) + 1 :]
    return found
