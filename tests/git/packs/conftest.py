"""A repository with a little history, of either object format."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from stores import Git, fill, git_in


@pytest.fixture(params=["sha1", "sha256"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The repository; none of its objects is in a pack."""
    where = tmp_path / "filled"
    subprocess.run(["git", "init", "-q", "-b", "main", f"--object-format={request.param}", where], check=True)
    fill(where)
    return where


@pytest.fixture
def run(filled: Path) -> Git:
    """Git in it."""
    return git_in(filled)


@pytest.fixture
def store(filled: Path) -> Path:
    return filled / ".git" / "objects"


@pytest.fixture
def width(run: Git) -> int:
    return 20 if run("rev-parse", "--show-object-format") == "sha1" else 32
