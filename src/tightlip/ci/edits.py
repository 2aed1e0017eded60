"""Whether a change edits the files that say what is looked for and what may stay: nobody does that unnoticed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from tightlip.baseline import changes
from tightlip.baseline.file import NAME
from tightlip.ci.scans import between
from tightlip.config import changed
from tightlip.config.found import IGNORES, MISNAMED, TOML, YAML
from tightlip.config.repository import top_of, within
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tightlip.ci.change import Change
    from tightlip.git.plumbing import Git
    from tightlip.git.staged import Change as File
    from tightlip.policy import Policy

_SAYING = frozenset(map(os.fsencode, (YAML, MISNAMED, TOML, IGNORES)))


class Edit(NamedTuple):
    """A file of these that a change edits."""

    path: str
    what: str
    """What that means, in a sentence."""


def edits(git: Git, change: Change, policy: Policy | None, named: Iterable[str] = (), *, is_base: bool) -> list[Edit]:
    """Return the files of these that a change edits. Raises `GitError`.

    Parameters: `named`, files and folders that options name in place of these, which count as they are on the disk;
    `is_base`, whether what was accepted before the change counts.
    """
    if not change.starts:
        return []
    return [*_of_repository(git, change, policy, is_base=is_base), *_of_options(git, change, named)]


def _of_options(git: Git, change: Change, named: Iterable[str]) -> list[Edit]:
    top = top_of(git)
    inside = [path for it in named if top and (path := within(it, top))]
    paths = [os.fsdecode(it.path) for it in between(git, change)] if inside else []
    read = [it for it in paths if any(f"{it}/".startswith(f"{path}/") for path in inside)]
    return [Edit(it, f"this change edits {it}, which an option names; it counts in this scan") for it in read]


def _of_repository(git: Git, change: Change, policy: Policy | None, *, is_base: bool) -> list[Edit]:
    base = change.starts[0].name
    counts = f"what {base} says counts" if is_base else f"it counts in this scan (--policy base: what {base} says)"
    return [Edit(path, f"this change edits {path}, {what}; {counts}") for path, what in _said(git, change, policy)]


def _said(git: Git, change: Change, policy: Policy | None) -> Iterator[tuple[str, str]]:
    known = {NAME, *([policy.config.baseline] if policy and policy.config.baseline else [])}
    files = between(git, change)
    saying = [it for it in files if it.path in _SAYING or (policy and _is_read(policy, it))]
    yield from ((name, "which says what is looked for, and may stay") for name in changed.among(git, saying))
    for it in files:
        if os.fsdecode(it.path) in known:
            yield os.fsdecode(it.path), f"the known findings ({_of_baseline(git, it)})"


def _is_read(policy: Policy, file: File) -> bool:
    return policy.reads(os.fsdecode(file.path), is_gone=not file.oid)


def _of_baseline(git: Git, file: File) -> str:
    try:
        return changes.between(git, file.old_oid, file.oid)
    except UsageError as error:
        return f"which cannot be read then: {error}"
