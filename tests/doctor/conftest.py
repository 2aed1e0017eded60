"""A repository that is well set up, and the command as a person types it there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from doctoring import Doctor, Done, Told

from tightlip.cli import main

Git = Callable[..., str]
Stage = Callable[[str, str], None]
Capture = pytest.CaptureFixture[str]

HOOK = "#!/bin/sh\nexec tightlip-hook pre-commit\n"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the PATH with tightlip-hook in it; of all others only git's is left."""
    if os.name == "nt":
        pytest.skip("needs scripts on a PATH")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "tightlip-hook").write_text(f"#!{sys.executable}\n")
    (folder / "tightlip-hook").chmod(0o755)
    for name in ("git", "sh", "env"):
        found = next(Path(it, name) for it in os.environ["PATH"].split(os.pathsep) if Path(it, name).exists())
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def doctor(repo: Path, bin_folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Run the command in the repository."""
    monkeypatch.chdir(repo)

    def doctor(*arguments: str) -> Done:
        capsys.readouterr()  # what commands before it have printed
        code = main(["doctor", "--json", *arguments])
        out = capsys.readouterr().out
        return Done(code, out, [Told(**it) for it in json.loads(out)["checks"]])

    return doctor


@pytest.fixture
def commit(stage: Stage, git: Git) -> Callable[..., None]:
    """Write files and commit them."""

    def commit(files: dict[str, str]) -> None:
        for name, content in files.items():
            stage(name, content)
        git("commit", "-q", "--no-verify", "--allow-empty", "-m", "change")

    return commit


@pytest.fixture
def hook(repo: Path) -> Callable[..., Path]:
    """Write a hook into the repository's own folder."""

    def hook(text: str = HOOK, event: str = "pre-commit", folder: str = ".git/hooks") -> Path:
        path = repo / folder / event
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    return hook


@pytest.fixture
def healthy(commit: Callable[..., None], hook: Callable[..., Path], git: Git) -> None:
    """A repository where all is well."""
    commit({"a.py": "import os\n"})
    hook()
    hook(event="pre-merge-commit")
