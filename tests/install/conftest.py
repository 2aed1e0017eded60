"""A repository, tightlip on the PATH, and the two commands as a person types them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from installing import Command, Done, Run

import tightlip
from tightlip.cli import main

Capture = pytest.CaptureFixture[str]
SOURCE = Path(tightlip.__file__).parent.parent


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that is not on the PATH, as of a tool that was installed for itself."""
    if os.name == "nt":
        pytest.skip("needs scripts that the system runs")
    folder = tmp_path / "it's a bin"
    folder.mkdir()
    script = folder / "tightlip-hook"
    lines = (
        "import sys",
        f"sys.path.insert(1, {str(SOURCE)!r})",
        "from tightlip.hooks import main",
        "sys.exit(main())",
    )
    script.write_text("\n".join((f"#!{sys.executable}", *lines, "")), "utf-8")
    script.chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's git configuration, and no other place for data than the empty home."""
    path = tmp_path / "home" / ".gitconfig"
    path.write_text("[user]\n\tname = Ada\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(path))
    for name in ("XDG_DATA_HOME", "NO_COLOR", "FORCE_COLOR", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.fixture
def tightlip_(programs: Path, repo: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run tightlip in the repository, as the program beside tightlip-hook."""
    monkeypatch.chdir(repo)
    monkeypatch.setattr(sys, "argv", [str(programs / "tightlip")])

    def tightlip_(*arguments: str | Path) -> Done:
        capsys.readouterr()  # what commands before it have printed
        code = main([str(it) for it in arguments])
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return tightlip_


@pytest.fixture
def install(tightlip_: Command) -> Command:
    """Install, which is to succeed."""

    def install(*arguments: str | Path) -> Done:
        done = tightlip_("install", *arguments)
        assert done.code == 0, done.err
        return done

    return install


@pytest.fixture
def uninstall(tightlip_: Command) -> Command:
    """Uninstall, which is to succeed."""

    def uninstall(*arguments: str | Path) -> Done:
        done = tightlip_("uninstall", *arguments)
        assert done.code == 0, done.err
        return done

    return uninstall


@pytest.fixture
def run(repo: Path) -> Run:
    """Run a program, in the repository if no other folder is named, with both of its outputs in `stdout`."""

    def run(
        *command: str | Path, cwd: Path = repo, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(it) for it in command],
            cwd=cwd,
            env=os.environ | (env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def commit(run: Run, repo: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Commit a file with some content."""

    def commit(content: str, where: Path = repo, **options: object) -> subprocess.CompletedProcess[str]:
        (where / "a.py").write_text(content)
        assert run("git", "add", "a.py", cwd=where).returncode == 0
        return run("git", "commit", "-q", "-m", "change", cwd=where, **options)

    return commit


@pytest.fixture
def hook(repo: Path) -> Callable[..., Path]:
    """Write a hook as somebody had it before."""

    def hook(text: str, event: str = "pre-commit", folder: Path = repo / ".git/hooks", mode: int = 0o755) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / event
        path.write_bytes(text.encode())
        path.chmod(mode)
        return path

    return hook
