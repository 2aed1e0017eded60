"""The hook in every way to commit, and with names of files. The pre-commit framework is in test_precommit.py."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]
Put = Callable[[str, str | bytes], Path]
Stage = Callable[[str, str | bytes], None]
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


class TestWaysToCommit:
    @pytest.fixture(autouse=True)
    def before(self, git: Git, stage: Stage) -> None:
        stage("a.txt", "a\n")
        stage("b.txt", "".join(f"{number}\n" for number in range(40)))
        git("commit", "-qm", "before")

    def test_all_tracked_files(self, token: str, put: Put, git: Git, commit: Run) -> None:
        put("a.txt", f"a\n{token}\n")
        put("untracked.txt", token)

        assert "a.txt:2:1" in commit("-a").stdout
        put("a.txt", "a\nclean\n")
        assert commit("-a").returncode == 0
        assert git("show", "HEAD:a.txt") == "a\nclean"

    def test_named_files_are_committed_from_the_working_tree(
        self, token: str, other: str, put: Put, stage: Stage, git: Git, commit: Run
    ) -> None:
        stage("a.txt", f"staged {token}\n")
        put("b.txt", "clean\n")
        assert commit("b.txt").returncode == 0
        assert git("diff", "--cached", "--name-only") == "a.txt"

        put("b.txt", f"unstaged {other}\n")
        stopped = commit("b.txt")
        assert stopped.returncode == 1
        assert "b.txt:1:10" in stopped.stdout
        assert "a.txt" not in stopped.stdout
        assert "a.txt:1:8" in commit("--include", "b.txt").stdout

    @pytest.mark.parametrize(("answers", "code"), [("y\nn\n", 0), ("n\ny\n", 1)], ids=["the clean one", "the other"])
    def test_chosen_hunks(self, answers: str, code: int, token: str, repo: Path, put: Put, commit: Run) -> None:
        lines = (repo / "b.txt").read_text("utf-8").splitlines(keepends=True)
        put("b.txt", "".join(["clean\n", *lines, f"{token}\n"]))

        done = commit("--patch", input=answers)

        assert done.returncode == code
        assert ("tightlip stopped this commit" in done.stdout) == bool(code)

    def test_amending(self, token: str, stage: Stage, git: Git, commit: Run) -> None:
        stage("a.txt", f"a\n{token}\n")
        assert "a.txt:2:1" in commit("--amend").stdout
        stage("a.txt", "a\nclean\n")
        assert commit("--amend").returncode == 0
        assert git("rev-list", "--count", "HEAD") == "1"

    def test_from_a_sub_folder(self, token: str, repo: Path, put: Put, stage: Stage, commit: Run) -> None:
        stage("sub/dir/c.txt", "clean\n")
        stage("a.txt", token)
        put("sub/a.txt", "clean\n")

        assert "a.txt:1:1" in commit(cwd=repo / "sub" / "dir").stdout

    def test_in_a_linked_worktree(self, token: str, repo: Path, git: Git, commit: Run) -> None:
        linked = repo.parent / "linked"
        git("worktree", "add", "-q", "-b", "side", linked)
        (linked / "a.txt").write_text(token, "utf-8")

        assert "a.txt:1:1" in commit("-a", cwd=linked).stdout
        (linked / "a.txt").write_text("clean", "utf-8")
        assert commit("-a", cwd=linked).returncode == 0

    def test_with_an_index_of_the_users_own(self, token: str, repo: Path, stage: Stage, commit: Run, run: Run) -> None:
        own = {"GIT_INDEX_FILE": str(repo / ".git" / "own")}
        run("git", "read-tree", "HEAD", env=own)
        stage("a.txt", token)

        assert commit("--allow-empty", env=own).returncode == 0
        assert commit().returncode == 1

    def test_with_settings_on_the_command_line(self, token: str, stage: Stage, run: Run, commit: Run) -> None:
        stage("a.txt", token)
        settings = ("color.ui=always", "diff.noprefix=true", "diff.external=false", "diff.orderFile=nowhere")
        done = run("git", *(part for one in settings for part in ("-c", one)), "commit", "-qm", "message")

        assert "a.txt:1:1" in done.stdout
        assert "\x1b" not in done.stdout

    @pytest.mark.parametrize("how", ["merge", "cherry-pick"])
    def test_a_conflict_that_is_resolved(
        self, how: str, token: str, stage: Stage, git: Git, run: Run, commit: Run
    ) -> None:
        for branch, text in (("theirs", "theirs\n"), ("main", "ours\n")):
            git("checkout", "-q", *(["-b"] if branch == "theirs" else []), branch)
            stage("a.txt", text)
            assert commit().returncode == 0
        assert run("git", how, "theirs").returncode != 0
        stage("a.txt", f"{token}\n")

        stopped = run("git", "commit", "--no-edit")
        stage("a.txt", "both\n")
        done = run("git", "commit", "--no-edit")

        assert (stopped.returncode, done.returncode) == (1, 0)
        assert "a.txt:1:1" in stopped.stdout

    def test_a_merge_that_needs_no_help(self, token: str, stage: Stage, git: Git, run: Run, commit: Run) -> None:
        git("checkout", "-q", "-b", "theirs")
        stage("new.txt", token)
        assert commit("--no-verify").returncode == 0
        git("checkout", "-q", "main")

        assert "new.txt:1:1" in run("git", "merge", "-q", "--no-ff", "--no-edit", "theirs").stdout


class TestNames:
    def test_with_nothing_staged_they_are_scanned_whole_from_the_working_tree(
        self, token: str, other: str, put: Put, stage: Stage, git: Git, hook: Run
    ) -> None:
        stage("committed.txt", f"{token}\n")
        stage("clean.txt", "clean\n")
        git("commit", "-qm", "before")
        put("sub/untracked.txt", f"x {other}\n")

        assert hook().returncode == 0
        assert hook("clean.txt").returncode == 0
        done = hook("committed.txt", "clean.txt", "sub/untracked.txt")
        assert done.returncode == 1
        assert "committed.txt:1:1" in done.stdout
        assert "sub/untracked.txt:1:3" in done.stdout
        assert token not in done.stdout
        assert "stopped this commit" not in done.stdout

    def test_beside_what_is_staged_the_others_are_scanned_whole(
        self, token: str, other: str, put: Put, stage: Stage, git: Git, hook: Run
    ) -> None:
        stage("old.txt", f"{token}\n")
        stage("both.txt", f"{other}\n")
        git("commit", "-qm", "before")
        stage("both.txt", f"{other}\nmore\n")
        put("both.txt", f"{other}\nmore\n{token[::-1]}\n")

        assert hook("both.txt").returncode == 0
        done = hook("both.txt", "old.txt")
        assert done.returncode == 1
        assert "old.txt:1:1" in done.stdout
        assert "both.txt" not in done.stdout

    @pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege on Windows")
    def test_of_a_symbolic_link_its_target_text_is_scanned_as_git_holds_it(
        self, token: str, other: str, repo: Path, put: Put, git: Git, hook: Run
    ) -> None:
        put("../outside/a.txt", other)
        for name, target in (("to a file", "../outside/a.txt"), ("to a folder", "../outside"), ("secret", token)):
            (repo / name).symlink_to(target)
        git("add", ".")
        git("commit", "-qm", "links")

        done = hook("to a file", "to a folder", "secret")

        assert re.findall(r"\S.*:1:1", done.stdout) == ["secret:1:1"]

    @pytest.mark.skipif(sys.platform != "linux", reason="this file system takes names in UTF-8 only")
    def test_bytes_that_are_not_utf_8_are_found_in_the_index(
        self, token: str, stage: Stage, git: Git, hook: Run
    ) -> None:
        name = os.fsdecode(b"caf\xe9.txt")
        stage(name, token)
        git("commit", "-qm", "before")
        stage(name, f"{token}\nmore\n")

        assert hook(name).returncode == 0
        stage(name, f"{token[:-1]}9\n")
        assert r"caf\xe9.txt:1:1" in hook(name).stdout
