"""What is pushed: each hook that runs gets what git tells of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from installing import CLEAN, Command, Run

Commit = Callable[..., "object"]
Git = Callable[..., str]
Hook = Callable[..., Path]


@pytest.fixture
def remote(tmp_path: Path, run: Run, git: Git) -> Path:
    """A bare repository that is pushed to over file://."""
    path = tmp_path / "the remote.git"
    run("git", "init", "-q", "--bare", path, cwd=tmp_path)
    git("remote", "add", "origin", path.as_uri())
    return path


@pytest.fixture
def banned(commit: Commit, git: Git, repo: Path) -> str:
    """A commit that a purge has removed, and that must not be pushed again."""
    commit(CLEAN)
    oid = git("rev-parse", "HEAD")
    from tightlip.purge.publishing import banned

    path = Path(banned.file(str(repo / ".git")))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{oid}\n")
    return oid


def test_a_push_of_what_was_purged_is_refused(install: Command, remote: Path, banned: str, run: Run) -> None:
    install()

    assert run("git", "push", "-q", "origin", "main").returncode != 0


@pytest.mark.parametrize("reads", ["cat", "true"], ids=["reads-it", "does-not-read-it"])
def test_both_hooks_get_what_is_pushed(
    reads: str, install: Command, remote: Path, banned: str, run: Run, hook: Hook, repo: Path
) -> None:
    hook(f'#!/bin/sh\n{reads} > told\necho "$@" >> told\n', "pre-push")
    install()

    pushed = run("git", "push", "-q", "origin", "main")

    assert pushed.returncode != 0
    lines = (repo / "told").read_text().splitlines()
    assert lines[-1] == f"origin {remote.as_uri()}"
    assert lines[:-1] == [f"refs/heads/main {banned} refs/heads/main {'0' * 40}"] * (reads == "cat")


def test_a_clean_push_passes(install: Command, remote: Path, commit: Commit, run: Run) -> None:
    install()
    commit(CLEAN)

    pushed = run("git", "push", "-q", "origin", "main")

    assert pushed.returncode == 0, pushed.stdout


def test_what_was_there_can_stop_a_push(install: Command, remote: Path, commit: Commit, run: Run, hook: Hook) -> None:
    hook("#!/bin/sh\nexit 1\n", "pre-push")
    install()
    commit(CLEAN)

    assert run("git", "push", "-q", "origin", "main").returncode != 0


def test_a_repository_that_others_push_to_gets_another_hook(install: Command, uninstall: Command, remote: Path) -> None:
    install("--server", remote)

    assert "pre-receive" in {path.name for path in (remote / "hooks").iterdir()}
    assert "pre-commit" not in {path.name for path in (remote / "hooks").iterdir()}
    uninstall("--server", remote)
    assert "pre-receive" not in {path.name for path in (remote / "hooks").iterdir()}


def test_a_server_that_looks_for_all_hooks_elsewhere_is_told_or_handed_on_to(
    tightlip_: Command, install: Command, remote: Path, settings: Path
) -> None:
    install("--global")
    install("--server", remote)
    assert (remote / "hooks/pre-receive").exists()

    settings.write_text("[core]\n\thooksPath = ~/hooks\n")
    done = tightlip_("install", "--server", remote)

    assert done.code == 2
    assert "which is for other repositories, too" in done.err


@pytest.mark.parametrize(("option", "where"), [("--server", "repo"), ("", "the remote.git")], ids=["not-bare", "bare"])
def test_the_wrong_kind_of_repository_is_told(
    option: str, where: str, tightlip_: Command, remote: Path, tmp_path: Path
) -> None:
    done = tightlip_("install", *filter(None, [option]), tmp_path / where)

    assert done.code == 2
    assert "--server" in done.err
