"""`.env` files that a commit adds, past what git ignores or with secrets in them: judged by name and as a whole."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tightlip.config.repository import top_of
from tightlip.engine import Outcome
from tightlip.git.objects import Object, ObjectReader
from tightlip.hygiene import dotenv, ignored
from tightlip.hygiene.naming import is_leak
from tightlip.model import Blob
from tightlip.report.style import listed
from tightlip.sops.check import whole
from tightlip.sops.staged import FILES
from tightlip.wholefile import ENV_ADDED

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.git.staged import Change
    from tightlip.tally import Tally

_LOCAL = ".local"
_MOST = 3


def scan(tally: Tally, git: Git, changes: Sequence[Change]) -> None:
    """Judge what is added; what only moved, or must be encrypted, is not told again. Raises `GitError`."""
    moved = {it.old_oid for it in changes if not it.oid}
    told = {it.path for it in tally.found if it.match.rule.is_of_files}
    new = [it for it in changes if it.status == "A" and it.mode in FILES and it.oid not in moved]
    added = [it for it in new if _is_env(it.path) and it.path not in told]
    if not added:
        return
    forced = _ignored(git, [os.fsdecode(it.path) for it in added])
    with ObjectReader(git, limit=tally.scanner.limit) as objects:
        read = objects.read_many([it.oid for it in added])
        for change, found in zip(added, read, strict=True):
            path, data = os.fsdecode(change.path), found.data if isinstance(found, Object) else b""
            if why := _why(path, data, is_forced=path in forced):
                match = whole(ENV_ADDED, data, why)
                tally.keep(Blob(data, change.path, change.oid), Outcome(data, [match], []), [match])


def _ignored(git: Git, paths: Sequence[str]) -> frozenset[str]:
    """Return those that git is told to ignore; of one below what is a link on disk by now, git would not say."""
    top = top_of(git)
    if top is None:
        return frozenset()
    named = [path for path in paths if not _is_beyond_a_link(top, path)]
    return frozenset(it.name for it in ignored.ask(git.at(top), named) if it.is_ignored)


def _is_beyond_a_link(top: str, path: str) -> bool:
    parts = path.split("/")
    return any(os.path.islink(os.path.join(top, *parts[:depth])) for depth in range(1, len(parts)))


def _is_env(path: bytes) -> bool:
    name = os.fsdecode(path)
    return dotenv.is_env(name) and not dotenv.is_example(name)


def _why(path: str, data: bytes, *, is_forced: bool) -> str:
    """Return why a file must not be in git; nothing where it may: encrypted, or defaults that everybody may see."""
    if not dotenv.held(path, data) or dotenv.is_sealed(data, path):
        return ""
    if is_forced:
        return "git is told to ignore it, and it has values"
    if path.endswith(_LOCAL):
        return "its name says that it is of one machine, and it has values"
    secrets = [pair.key for pair in dotenv.pairs(data) if is_leak(pair.key, pair.value)]
    return f"it has {listed(secrets, _MOST)}" if secrets else ""
