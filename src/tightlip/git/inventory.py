"""Every object of a repository's stores, and where it is to be had."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from tightlip.finding import Unscanned
from tightlip.git import gaps
from tightlip.git.packs.entries import Entries, entries
from tightlip.git.packs.forest import CIRCULAR, NONE, Forest, find, forest
from tightlip.git.packs.index import Bytes, Index, Numbers, Refused, indexes
from tightlip.git.plumbing import Git
from tightlip.git.state import folders
from tightlip.git.table import Table

_HASHES = {"sha1": 20, "sha256": 32}
_HEX = frozenset("0123456789abcdef")
_MOST_NAMED = 100
"""Objects of one trouble that are named one by one."""


class Inventory(NamedTuple):
    """The objects of a repository."""

    forest: Forest
    table: Table
    others: Numbers
    """Rows that are not to be read from a pack: loose objects, and what a pack is damaged at."""
    troubles: list[Unscanned]


def take(git: Git) -> Inventory:
    """List every object, in packs, loose, and in the stores of other repositories that this one uses."""
    width = _HASHES[git.run("rev-parse", "--show-object-format").decode().strip()]
    packs: list[tuple[Index, Entries]] = []
    refused = False
    loose: list[bytes] = []
    for folder in folders(git):
        for index in indexes(folder, width):
            found = _entries(index, width)
            if found is None or isinstance(index, Refused):
                refused = True
            else:
                packs.append((index, found))
        loose += _loose(folder, width)
    troubles = list(_complaints(git, width))
    troubles += [
        Unscanned(f"pack {os.path.basename(index.path)}", "it is damaged or not the one of its index; run `git fsck`")
        for index, found in packs
        if not found.fits
    ]
    if refused:
        loose += _known_to_git(git, troubles)
    trees = forest(packs, width)
    troubles += _circular(trees)
    others = _without(_rows(loose, width), trees.oids)
    table = Table(trees.oids, others)
    apart = np.concatenate([np.flatnonzero(trees.depths == NONE), np.arange(len(trees.oids), len(table))])
    return Inventory(trees, table, apart, troubles)


def _complaints(git: Git, width: int) -> Iterator[Unscanned]:
    """Yield what git says of stores that it cannot use, when it looks for an object that is in none."""
    with git.start("cat-file", "--batch-check", stdin=b"1" * (2 * width) + b"\n") as process:
        process.finish()
        yield from gaps.complaints(process)


def _entries(index: Index | Refused, width: int) -> Entries | None:
    try:
        return None if isinstance(index, Refused) else entries(index, width)
    except Refused:
        return None


def _circular(trees: Forest) -> Iterator[Unscanned]:
    """Yield the objects that git must not be asked for: it would run for ever."""
    oids = trees.oids[trees.depths == CIRCULAR]
    why = "its deltas go round in a circle; run `git fsck`"
    for oid in oids[:_MOST_NAMED]:
        yield Unscanned(f"object {bytes(oid).hex()}", why)
    if len(oids) > _MOST_NAMED:
        yield Unscanned(f"{len(oids) - _MOST_NAMED} more objects", why.replace("its", "their"))


def _loose(folder: str, width: int) -> Iterator[bytes]:
    for first in _listed(folder):
        if len(first) == 2 and _HEX.issuperset(first):
            for rest in _listed(os.path.join(folder, first)):
                if len(rest) == 2 * width - 2 and _HEX.issuperset(rest):
                    yield bytes.fromhex(first + rest)


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _known_to_git(git: Git, troubles: list[Unscanned]) -> list[bytes]:
    """Ask git for all objects: there is a pack that is not to be read here."""
    with git.start(
        "cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)", stdin=b""
    ) as process:
        found = [bytes.fromhex(line.decode()) for line in process.read().split()]
        process.finish(128)
        troubles += gaps.complaints(process)
    return found


def _rows(oids: Iterable[bytes], width: int) -> Bytes:
    distinct = sorted(set(oids))
    return np.frombuffer(b"".join(distinct), np.uint8).reshape(-1, width)


def _without(oids: Bytes, known: Bytes) -> Bytes:
    return oids[find(known, oids) < 0]
