"""The message of a commit, through real commits: what would be kept of it is scanned, and nothing else."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from pushing import FRAMEWORKS, Done, Run, configure, install

Git = Callable[..., str]


@pytest.fixture(autouse=True)
def installed(repo: Path, entry: list[str], git: Git) -> None:
    git("commit", "-q", "--allow-empty", "-m", "first")
    install(repo / ".git", "commit-msg", entry)
    install(repo / ".git", "prepare-commit-msg", entry)


@pytest.fixture
def commit(run: Run) -> Run:
    def commit(*args: str, **options: object) -> Done:
        return run("git", "commit", "-q", "--allow-empty", *args, **options)

    return commit


@pytest.fixture
def write(run: Run, tmp_path: Path) -> Callable[..., Done]:
    """Commit with an editor that puts a text before what git has written into the message."""

    def write(text: str, *args: str) -> Done:
        (tmp_path / "typed").write_text(text, "utf-8")
        editor = tmp_path / "editor"
        typed = shlex.quote(str(tmp_path / "typed"))
        editor.write_text(f'#!/bin/sh\ncat {typed} "$1" > "$1.new" && mv "$1.new" "$1"\n', "utf-8")
        editor.chmod(0o755)
        return run("git", "commit", "-q", "--allow-empty", *args, env={"GIT_EDITOR": str(editor)})

    return write


def is_stopped(done: Done, secret: str, where: str) -> bool:
    assert secret not in done.stdout, "the value was printed"
    return done.returncode == 1 and "tightlip stopped this commit" in done.stdout and where in done.stdout


def test_a_message_with_a_secret_is_stopped_and_told_what_helps(token: str, commit: Run, git: Git) -> None:
    done = commit("-m", f"Rotate the token\n\nIt was {token} before.")

    assert is_stopped(done, token, "the message, line 3, column 8")
    assert f"{token[:4]}******** (40 characters)" in done.stdout
    assert "Nothing is committed yet" in done.stdout
    assert git("log", "--format=%s") == "first"


def test_a_clean_message_passes_without_a_word(commit: Run) -> None:
    done = commit("-m", "Rotate the token")

    assert (done.returncode, done.stdout) == (0, "")


def test_no_verify_skips_the_hook(token: str, commit: Run) -> None:
    assert commit("--no-verify", "-m", token).returncode == 0


@pytest.mark.parametrize("setting", ["#", ";", "auto"])
def test_comments_are_not_kept_and_not_scanned(
    setting: str, token: str, write: Callable[..., Done], git: Git, stage: Callable[..., None]
) -> None:
    git("config", "core.commentChar", setting)
    stage(f"{token}.txt", "a name in the comment that git writes")

    passed = write("a title\n")

    assert passed.returncode == 0, passed.stdout
    assert token not in git("log", "-1", "--format=%B")


@pytest.mark.parametrize("setting", ["#", ";", "auto"])
def test_what_is_no_comment_is_scanned(setting: str, token: str, write: Callable[..., Done], git: Git) -> None:
    git("config", "core.commentChar", setting)
    mark = ";" if setting == "#" else "#"

    assert is_stopped(write(f"a title\n\n{mark} {token}\n"), token, "the message, line 3, column 3")


def test_a_carriage_return_begins_no_comment(token: str, write: Callable[..., Done]) -> None:
    assert is_stopped(write(f"a title\n\nold:\r# {token}\n"), token, "the message, line ")


def test_what_looks_like_a_comment_and_is_kept_is_scanned(token: str, commit: Run, git: Git) -> None:
    text = f"a title\n\n# {token}"
    stopped = commit("-m", text)
    git("config", "commit.cleanup", "strip")
    passed = commit("-m", text)

    assert is_stopped(stopped, token, "the message, line 3, column 3")
    assert passed.returncode == 0, passed.stdout
    assert token not in git("log", "-1", "--format=%B")


def test_what_is_below_the_scissors_is_not_kept_and_not_scanned(
    token: str, write: Callable[..., Done], git: Git, stage: Callable[..., None]
) -> None:
    stage("a.txt", token)

    passed = write("a title\n", "--verbose")

    assert passed.returncode == 0, passed.stdout
    assert git("log", "-1", "--format=%B") == "a title"


def test_scissors_that_nobody_cuts_along_hide_nothing(token: str, commit: Run) -> None:
    scissors = "# ------------------------ >8 ------------------------"

    assert is_stopped(commit("-m", f"a title\n\n{scissors}\n{token}"), token, "the message, line 4, column 1")


def test_a_comment_or_the_baseline_s_like_may_allow_it(token: str, commit: Run) -> None:
    assert commit("-m", f"made up: {token} tightlip: allow the documentation's").returncode == 0


def test_the_messages_that_a_squash_brings_along_are_scanned(
    token: str, run: Run, git: Git, commit: Run, stage: Callable[..., None]
) -> None:
    git("switch", "-q", "-c", "side")
    stage("a.txt", "a")
    git("commit", "-q", "--no-verify", "-m", f"use {token}")
    git("switch", "-q", "main")
    git("merge", "-q", "--squash", "side")

    done = commit("--no-edit", "--no-verify")  # git asks prepare-commit-msg all the same
    passed = commit("-m", "one of its own")

    assert is_stopped(done, token, "the message, line ")
    assert "git commit -m MESSAGE" in " ".join(done.stdout.split())
    assert passed.returncode == 0, passed.stdout


def test_a_merge_s_message_is_scanned_as_git_prepares_it(token: str, run: Run, git: Git) -> None:
    for name in ("fine", token):
        git("switch", "-q", "-c", name, "main")
        git("commit", "-q", "--no-verify", "--allow-empty", "-m", f"on {name[:4]}")
    git("switch", "-q", "main")

    assert run("git", "merge", "-q", "--no-ff", "--no-edit", "fine").returncode == 0
    assert is_stopped(run("git", "merge", "-q", "--no-ff", "--no-edit", token), token, "the message, line 1")


def test_other_prepared_messages_are_left_to_commit_msg(token: str, run: Run, entry: list[str], repo: Path) -> None:
    (repo / "message").write_text(token, "utf-8")

    assert run(*entry, "prepare-commit-msg", "message").returncode == 0
    assert run(*entry, "prepare-commit-msg", "message", "template").returncode == 0
    assert run(*entry, "prepare-commit-msg", "message", "squash").returncode == 1
    framework = {"PRE_COMMIT_COMMIT_MSG_SOURCE": "merge"}
    assert run(*entry, "prepare-commit-msg", "message", env=framework).returncode == 1


@pytest.mark.parametrize("arguments", [[], ["nowhere"], ["--rulez", "x", "message"]], ids=["none", "gone", "option"])
def test_a_wrong_call_is_one_line(arguments: list[str], run: Run, entry: list[str]) -> None:
    done = run(*entry, "commit-msg", *arguments)

    assert done.returncode == 2
    assert done.stdout.startswith("tightlip: error: ")
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("by", FRAMEWORKS)
def test_the_framework_runs_both(
    by: str, token: str, run: Run, entry: list[str], repo: Path, git: Git, commit: Run, stage: Callable[..., None]
) -> None:
    for name in ("commit-msg", "prepare-commit-msg"):
        (repo / ".git" / "hooks" / name).unlink()
    configure(repo, run, entry, "tightlip-message", "tightlip-prepared-message", by=by)
    git("switch", "-q", "-c", "side")
    stage("a.txt", "a")
    git("commit", "-q", "--no-verify", "-m", f"use {token}")
    git("switch", "-q", "main")
    git("add", ".pre-commit-config.yaml")

    assert is_stopped(commit("-m", f"use {token}"), token, "the message, line 1, column 5")
    passed = commit("-m", "use a token")
    assert passed.returncode == 0, passed.stdout
    git("merge", "-q", "--squash", "side")
    assert is_stopped(commit("--no-edit", "--no-verify"), token, "the message, line ")
