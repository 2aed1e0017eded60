"""The hook as git calls it: a script in .git/hooks that runs the console script's entry."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

SOURCE = Path(tightlip.__file__).parent.parent


@pytest.fixture
def entry(tmp_path: Path) -> list[str]:
    """The command of the console script `tightlip-hook`, whether tightlip is installed or not."""
    script = tmp_path / "bin" / "tightlip-hook"
    script.parent.mkdir()
    script.write_text(
        f"import sys\nsys.path.insert(1, {str(SOURCE)!r})\nfrom tightlip.hooks import main\nsys.exit(main())\n", "utf-8"
    )
    return [sys.executable, str(script)]


@pytest.fixture
def installed(repo: Path, entry: list[str]) -> None:
    """The hook, where git looks for it."""
    quoted = " ".join(f'"{Path(part).as_posix()}"' for part in entry)
    for name in ("pre-commit", "pre-merge-commit"):
        path = repo / ".git" / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\nexec {quoted} pre-commit\n", "utf-8")
        path.chmod(0o755)


@pytest.fixture
def run(repo: Path) -> Run:
    """Run a program in the repository; both of its outputs are in `stdout`."""

    def run(*command: str, env: dict[str, str] | None = None, cwd: Path = repo, **options: object) -> Done:
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "input": "", "cwd": cwd} | options
        environ = os.environ | (env or {})
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            command, env=environ, encoding="utf-8", errors="surrogateescape", timeout=60, check=False, **settings
        )

    return run


@pytest.fixture
def commit(installed: None, run: Run) -> Run:
    def commit(*args: str, **options: object) -> Done:
        return run("git", "commit", "-q", "-m", "message", *args, **options)

    return commit


@pytest.fixture
def hook(entry: list[str], run: Run) -> Run:
    """Run the hook by itself, with its outputs apart."""

    def hook(*names: str, **options: object) -> Done:
        return run(*entry, "pre-commit", *names, **({"stderr": subprocess.PIPE} | options))

    return hook
