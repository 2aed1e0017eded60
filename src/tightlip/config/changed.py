"""Whether a commit changes what a repository says: nobody should switch a check off unnoticed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tightlip.config import tomlfile
from tightlip.config.complaint import ConfigError
from tightlip.config.found import TOML, may_hold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tightlip.config.node import Node
    from tightlip.git.plumbing import Git
    from tightlip.git.staged import Change


def among(git: Git, changes: Sequence[Change]) -> Iterator[str]:
    """Yield the names of those of the changed files that say something else now. Raises `GitError`.

    Parameters: `changes`, of files that a configuration may be in: of a pyproject.toml only its table counts.
    """
    for change in changes:
        name = os.fsdecode(change.path)
        if name != TOML or _table(git, change.old_oid) != _table(git, change.oid):
            yield name


def _table(git: Git, oid: str) -> object:
    """Return the table of a version; None where there is none, and the bytes of a file that cannot be read."""
    content = git.run("cat-file", "blob", oid) if oid else b""
    if not may_hold(content):
        return None
    try:
        node = tomlfile.parse(content.decode("utf-8"), TOML)
    except (ConfigError, UnicodeDecodeError):
        return content
    return None if node is None else _plain(node)


def _plain(node: Node) -> object:
    """Return what a node holds, without the lines where it stands."""
    if isinstance(node.content, dict):
        return {key: _plain(part) for key, part in node.content.items()}
    if isinstance(node.content, list):
        return [_plain(part) for part in node.content]
    return node.kind, node.content
