"""The hook's script: it is for any POSIX shell, and `tightlip doctor` knows what it runs."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from installing import CLEAN, Command, Run

from tightlip.git.hookfolder import OWN, hooks

Commit = Callable[..., "object"]
Git = Callable[..., str]
Hook = Callable[..., Path]

SHELLS = {
    "dash": ["dash"],
    "bash": ["bash", "--posix"],
    "busybox": ["busybox", "sh"],
    "zsh": ["zsh", "--emulate", "sh"],
}


@pytest.mark.parametrize("shell", SHELLS)
def test_any_shell_runs_it(
    shell: str, install: Command, commit: Commit, hook: Hook, run: Run, token: str, repo: Path
) -> None:
    if shutil.which(SHELLS[shell][0]) is None:
        pytest.skip(f"{shell} is not installed")
    hook("#!/bin/sh\necho first\n")
    commit(f'token = "{token}"\n')
    (repo / "a.py").write_text(f"\ntoken = '{token[:-4]}9xQz'\n")
    run("git", "add", "a.py")
    install()

    done = run(*SHELLS[shell], ".git/hooks/pre-commit")

    assert done.stdout.startswith("first\n")
    assert done.returncode == 1
    assert "tightlip stopped this commit" in done.stdout


def test_it_is_known_again(install: Command, repo: Path) -> None:
    install()

    found = hooks(str(repo / ".git/hooks"))

    assert {it.made_by for it in found.values()} == {OWN}
    assert all(it.is_executable for it in found.values())
    assert {it.interpreter for it in found.values()} == {"/bin/sh"}


@pytest.fixture
def told(tightlip_: Command, commit: Commit) -> Callable[[], list[tuple[str, str, str]]]:
    """What `tightlip doctor` says of hooks: state, what it is, and evidence."""
    commit(CLEAN)

    def told() -> list[tuple[str, str, str]]:
        checks = json.loads(tightlip_("doctor", "--json").out)["checks"]
        return [(it["state"], it["what"], it["evidence"]) for it in checks if it["area"] == "hooks"]

    return told


def test_the_doctor_is_content_with_it(install: Command, told: Callable[[], list[tuple[str, str, str]]]) -> None:
    assert "mend" in {state for state, _, _ in told()}

    install()

    assert {state for state, _, _ in told()} == {"ok", "note"}
    assert "the pre-commit hook calls tightlip" in {what for _, what, _ in told()}
    assert "a merge that git commits by itself is not looked at" not in {what for _, what, _ in told()}


def test_the_doctor_names_the_command_for_the_repository_that_it_looked_at(
    tightlip_: Command, told: Callable[[], list[tuple[str, str, str]]], repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "; tightlip install\n" in tightlip_("doctor", "-q").out

    monkeypatch.chdir(repo.parent)

    assert f"; tightlip install {repo}\n" in tightlip_("doctor", "-q", "repo").out


def test_the_doctor_is_content_with_hooks_for_all(
    install: Command, told: Callable[[], list[tuple[str, str, str]]]
) -> None:
    install()
    install("--global")

    assert {state for state, _, _ in told()} == {"ok", "note"}


def test_the_doctor_tells_when_nothing_of_it_is_found(
    install: Command,
    told: Callable[[], list[tuple[str, str, str]]],
    programs: Path,
    repo: Path,
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install()
    (programs / "tightlip-hook").unlink()
    for event in ("pre-commit", "pre-merge-commit", "pre-push"):
        path = repo / ".git/hooks" / event
        path.write_text(path.read_text().replace(f"python={sys.executable}", "python=/nowhere/python3"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    assert [evidence for state, _, evidence in told() if state == "mend"] == [
        f"{repo / '.git/hooks' / event}: {programs / 'tightlip-hook'}"
        for event in ("pre-commit", "pre-merge-commit", "pre-push")
    ]
