"""A repository, a bare one on the other side, and hooks of either, for tests that push."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import yaml

MANIFEST = Path(__file__).resolve().parent.parent.parent / ".pre-commit-hooks.yaml"

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

ZEROS = "0" * 40
FRAMEWORKS = ("pre-commit", "prek")
"""Both read the same manifest."""


def framework(name: str) -> list[str]:
    """Return the command of a framework of hooks; skip the test where it is not installed."""
    if name == "pre-commit":
        return [sys.executable, "-m", "pre_commit"]
    found = shutil.which(name, path=os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"])))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return [found]


def install(git_folder: Path, name: str, entry: Sequence[str], *options: str) -> None:
    """Put a hook where git looks for it."""
    quoted = " ".join(f'"{Path(part).as_posix()}"' for part in entry)
    told = " ".join(options)
    path = git_folder / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\nexec {quoted} {name} {told} "$@"\n', "utf-8")
    path.chmod(0o755)


def configure(repo: Path, run: Run, entry: Sequence[str], *ids: str, by: str = "pre-commit") -> None:
    """Have a framework run hooks as the manifest has them, but for how they are installed."""
    quoted = " ".join(f'"{Path(part).as_posix()}"' for part in entry)
    hooks = [hook for hook in yaml.safe_load(MANIFEST.read_text("utf-8")) if hook["id"] in ids]
    for hook in hooks:
        hook |= {"entry": hook["entry"].replace("tightlip-hook", quoted), "language": "system"}
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    (repo / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    stages = [f"--hook-type={stage}" for hook in hooks for stage in hook["stages"] if stage != "manual"]
    done = run(*framework(by), "install", *stages, cwd=repo)
    assert done.returncode == 0, done.stdout


class Pushing:
    """The repository, from which secrets are pushed, and the other side."""

    def __init__(self, repo: Path, server: Path, run: Run) -> None:
        self.repo, self.server, self.run = repo, server, run
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(server)], check=True)
        self.git("remote", "add", "origin", server.as_uri())

    def git(self, *args: str, where: Path | None = None, **options: object) -> str:
        """Run git, which must succeed, and return what it prints."""
        done = self.run("git", *args, cwd=where or self.repo, **options)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def commit(self, name: str, text: str, message: str = "change") -> str:
        """Commit a file, past all hooks, and return the commit's id."""
        (self.repo / name).write_text(text, "utf-8")
        self.git("add", "--", name)
        self.git("commit", "-q", "--no-verify", "-m", message)
        return self.git("rev-parse", "HEAD")

    def push(self, *args: str, **options: object) -> Done:
        """Push; both outputs are in `stdout`."""
        return self.run("git", "push", *args, **options)

    def refs(self) -> set[str]:
        """Return the names of the refs on the other side."""
        return set(self.git("for-each-ref", "--format=%(refname)", where=self.server).split())


def is_stopped(done: Done, where: str, *secrets: str) -> bool:
    """Whether a push was stopped for a secret at a place, and told without its value."""
    assert not [secret for secret in secrets if secret in done.stdout], "the value was printed"
    return done.returncode == 1 and "tightlip stopped this push" in done.stdout and where in done.stdout
