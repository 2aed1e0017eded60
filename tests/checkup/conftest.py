"""A repository in which all is well, and what `tightlip checkup` says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from checking import Said

from tightlip.cli import main
from tightlip.git.plumbing import Git
from tightlip.hygiene import gitignore, ignored


@pytest.fixture
def well(repo: Path, git: Callable[..., str], stage: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit, a full .gitignore and hooks, which is the current folder."""
    gitignore.add(str(repo), gitignore.lines_for(ignored.missing(Git(str(repo)), str(repo))))
    stage(".gitignore", (repo / ".gitignore").read_bytes())
    stage(".tightlip.yaml", "rotation: {every: 90d}\n")
    stage("app.py", "import os\n")
    git("commit", "-q", "-m", "first")
    monkeypatch.chdir(repo)
    programs = repo.parent / "bin"
    programs.mkdir()
    for name in ("tightlip", "tightlip-hook"):
        (programs / name).write_text("#!/bin/sh\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    assert main(["install"]) == 0
    return repo


@pytest.fixture
def checkup(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run it and return the exit code, and what it says as JSON."""

    def checkup(*arguments: str) -> Said:
        capsys.readouterr()
        code = main(["checkup", "--json", "--jobs", "1", *arguments])
        return Said(code, json.loads(capsys.readouterr().out))

    return checkup
