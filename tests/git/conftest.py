"""Repositories in every state that git can bring about, and a program that leaves a trace when anything runs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture
def commit(git: Git, stage: Callable[[str, str | bytes], None]) -> Callable[..., str]:
    """Commit files (name to content) and return the commit's id."""

    def commit(message: str = "a change", **files: str | bytes) -> str:
        for name, content in files.items():
            stage(name.replace("__", "/"), content)
        git("commit", "--quiet", "--allow-empty", "--message", message)
        return git("rev-parse", "HEAD")

    return commit


@pytest.fixture
def remove(repo: Path, git: Git) -> Callable[[str], str]:
    """Take an object out of the store and return its id."""

    def remove(name: str) -> str:
        oid = git("rev-parse", name)
        (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
        return oid

    return remove


@pytest.fixture
def damage(repo: Path, git: Git) -> Callable[[str], str]:
    """Overwrite an object in the store and return its id."""

    def damage(name: str) -> str:
        oid = git("rev-parse", name)
        file = repo / ".git" / "objects" / oid[:2] / oid[2:]
        file.chmod(0o644)
        file.write_bytes(b"no zlib stream")
        return oid

    return damage


class Canary:
    """A program that touches a file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.trace = folder / "trace"
        self.program = folder / "canary"
        self.program.write_text(f"#!/bin/sh\necho \"$0 $*\" >>'{self.trace}'\n")
        self.program.chmod(0o755)

    def __str__(self) -> str:
        return str(self.program)

    @property
    def sang(self) -> bool:
        return self.trace.exists()


@pytest.fixture
def canary(tmp_path: Path) -> Canary:
    return Canary(tmp_path / "canary")
