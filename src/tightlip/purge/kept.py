"""What the search for a plan found, kept for the purge that follows: while no object comes or goes, none is read twice.

It is in the user's cache folder, by the state of the repository, and holds ids and names of files, but no value: where
one would be in it, nothing is kept.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from tightlip.git.edges import Commits, Edges
from tightlip.git.graph import Graph
from tightlip.git.state import identity
from tightlip.memory import Memory
from tightlip.purge.forms import Form, forms_of
from tightlip.purge.search import Found

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.git.table import Table
    from tightlip.purge.targets import Target

_KIND = "purge"


def keep(git: Git, state: bytes, targets: Sequence[Target], found: Found) -> None:
    """Keep what a search found. Parameters: `state`, a digest of what the repository was like before it."""
    data = _packed(found)
    if not forms_of(target.purged for target in targets).found(data):
        Memory().keep_outcome(identity(git), _key(targets), state, data)


def found_before(git: Git, state: bytes, targets: Sequence[Target], table: Table) -> Found | None:
    """Return what an earlier search found in the same state; None where nothing was kept."""
    data = Memory().outcome(identity(git), _key(targets), state)
    return _unpacked(data, table) if data else None


def forget(git: Git, targets: Sequence[Target]) -> None:
    """Let go of what was kept."""
    Memory().keep_outcome(identity(git), _key(targets), b"", b"")


def _key(targets: Sequence[Target]) -> str:
    """Return what stands for the values, and for the program that has searched."""
    from tightlip import __version__

    digest = sha256()
    for target in targets:
        digest.update(f"{target.fingerprint} {len(target.replacement)}\n".encode())
        digest.update(target.replacement)
    return f"{_KIND} {__version__} {digest.hexdigest()}"


def _packed(found: Found) -> bytes:
    edges, commits = found.graph.gathered()
    told: dict[str, Any] = found._asdict() | {
        "left": {row: [tuple(form) for form in forms] for row, forms in found.left.items()},
        "graph": (_columns(edges), _columns(commits)),
    }
    return marshal.dumps(told)


def _unpacked(data: bytes, table: Table) -> Found:
    told: dict[str, Any] = marshal.loads(data)  # noqa: S302 - it was written by this user, and has a checksum
    told["left"] = {row: [Form(*form) for form in forms] for row, forms in told["left"].items()}
    edges, commits = map(_filled, told["graph"])
    told["graph"] = Graph(table, [Edges(*edges)], [Commits(*commits)])
    return Found(**told)


def _columns(row: Edges | Commits) -> list[Any]:
    return [(str(each.dtype), each.tobytes()) if isinstance(each, np.ndarray) else each for each in row]


def _filled(columns: Sequence[Any]) -> list[Any]:
    return [np.frombuffer(each[1], each[0]) if isinstance(each, tuple) else each for each in columns]
