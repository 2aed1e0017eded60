"""prek, which reads the same manifest as pre-commit: real commits; the real pushes are in test_hook_pre_push.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pushing import MANIFEST, Pushing, Run, configure, framework

CLEAN = 'import os\n\nTOKEN = os.environ["TOKEN"]\n'


@pytest.fixture
def working(repo: Path, tmp_path: Path, run: Run, entry: list[str]) -> Pushing:
    """A repository where the hooks of commits are configured and installed."""
    made = Pushing(repo, tmp_path / "server.git", run)
    made.commit("a.py", CLEAN, "first")
    configure(repo, run, entry, "tightlip", "tightlip-message", "tightlip-prepared-message", by="prek")
    made.git("add", ".pre-commit-config.yaml")
    made.git("commit", "-q", "-m", "hooks")
    return made


def put(working: Pushing, name: str, text: str) -> None:
    (working.repo / name).write_text(text, "utf-8")
    working.git("add", name)


def test_a_secret_stops_a_commit_and_its_clean_twin_passes(working: Pushing, run: Run, token: str) -> None:
    put(working, "b.py", f'x = "{token}"\n')
    stopped = run("git", "commit", "-m", "two")
    put(working, "b.py", CLEAN)
    passed = run("git", "commit", "-q", "-m", "two")

    assert stopped.returncode == 1
    assert "tightlip stopped this commit" in stopped.stdout
    assert "b.py:1:6" in stopped.stdout
    assert token not in stopped.stdout
    assert passed.returncode == 0, passed.stdout


def test_what_is_staged_counts_and_not_the_file(working: Pushing, run: Run, token: str) -> None:
    put(working, "b.py", f'x = "{token}"\n')
    (working.repo / "b.py").write_text(CLEAN, "utf-8")
    stopped = run("git", "commit", "-m", "two")
    working.git("add", "b.py")
    (working.repo / "b.py").write_text(f'x = "{token}"\n', "utf-8")
    passed = run("git", "commit", "-q", "-m", "two")

    assert "b.py:1:6" in stopped.stdout
    assert (stopped.returncode, passed.returncode) == (1, 0), passed.stdout


def test_the_first_commit_of_all_is_scanned(working: Pushing, run: Run, token: str) -> None:
    working.git("switch", "-q", "--orphan", "alone")
    working.git("checkout", "-q", "main", "--", ".pre-commit-config.yaml")
    put(working, "b.py", f'x = "{token}"\n')

    stopped = run("git", "commit", "-m", "one")

    assert stopped.returncode == 1
    assert "b.py:1:6" in stopped.stdout


@pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege on Windows")
def test_the_target_of_a_symbolic_link_is_scanned(working: Pushing, run: Run, token: str) -> None:
    (working.repo / "link").symlink_to(token)
    working.git("add", "link")

    assert run("git", "commit", "-m", "a link").returncode == 1


def test_a_merge_that_brings_a_secret_is_stopped(working: Pushing, run: Run, token: str) -> None:
    for name, text in (("clean", CLEAN), ("side", f'x = "{token}"\n')):
        working.git("switch", "-q", "-c", name, "main")
        working.commit(f"{name}.py", text)
    working.git("switch", "-q", "main")

    passed = run("git", "merge", "-q", "--no-ff", "--no-edit", "clean")
    stopped = run("git", "merge", "--no-ff", "--no-edit", "side")

    assert passed.returncode == 0, passed.stdout
    assert stopped.returncode == 1
    assert "side.py:1:6" in stopped.stdout


def test_a_message_with_a_secret_is_stopped(working: Pushing, run: Run, token: str) -> None:
    working.git("commit", "-q", "--allow-empty", "-m", "use a token")

    stopped = run("git", "commit", "--allow-empty", "-m", f"use {token}")

    assert stopped.returncode == 1
    assert "the message, line 1, column 5" in stopped.stdout


def test_a_name_that_is_not_staged_is_scanned_whole(working: Pushing, run: Run, token: str) -> None:
    command = framework("prek")
    clean = run(*command, "run", "--all-files")
    working.commit("b.py", f'x = "{token}"\n')

    stopped = run(*command, "run", "--all-files")

    assert clean.returncode == 0, clean.stdout
    assert stopped.returncode == 1
    assert "b.py:1:6" in stopped.stdout


def test_it_finds_no_fault_with_the_manifest(run: Run) -> None:
    done = run(*framework("prek"), "validate-manifest", str(MANIFEST))

    assert done.returncode == 0, done.stdout
    assert "warning" not in done.stdout.lower()
