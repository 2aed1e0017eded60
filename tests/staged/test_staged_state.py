"""Whatever is under way in the repository, what the next commit adds is seen."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.engine import Scanner

Git = Callable[..., str]
Put = Callable[[str, str | bytes], Path]
Stage = Callable[[str, str | bytes], None]
Found = Callable[..., list[str]]


@pytest.fixture
def conflict(git: Git, stage: Stage) -> None:
    """Two branches, main and theirs, that change one line of a.txt in two ways."""
    stage("a.txt", "one\ntwo\nthree\n")
    git("commit", "-qm", "base")
    for branch, line in (("theirs", "2"), ("main", "zwei")):
        git("checkout", "-q", *(["-b"] if branch == "theirs" else []), branch)
        stage("a.txt", f"one\n{line}\nthree\n")
        git("commit", "-qm", f"{line} on {branch}")


def test_the_first_commit_is_read(token: str, stage: Stage, found: Found) -> None:
    stage("a.txt", token)
    stage("b.txt", "nothing")

    assert found() == ["a.txt:1:1"]


def test_the_first_commit_of_an_orphan_branch_is_read_whole(token: str, git: Git, stage: Stage, found: Found) -> None:
    stage("a.txt", token)
    git("commit", "-qm", "on main")
    git("checkout", "-q", "--orphan", "fresh")

    assert found() == ["a.txt:1:1"]


def test_nothing_staged_is_nothing_found(
    repo: Path, token: str, git: Git, put: Put, stage: Stage, scanner: Scanner
) -> None:
    empty = tightlip.scan_staged(repo, scanner=scanner)
    stage("a.txt", token)
    git("commit", "-qm", "in")
    put("a.txt", f"{token} {token}")
    same = tightlip.scan_staged(repo, scanner=scanner)

    assert [(report.findings, report.complete, report.scanned) for report in (empty, same)] == [
        ((), True, {"blobs": 0, "bytes": 0})
    ] * 2


def test_it_makes_no_difference_from_which_folder(
    token: str, repo: Path, git: Git, stage: Stage, found: Found, monkeypatch: pytest.MonkeyPatch, scanner: Scanner
) -> None:
    stage("top.txt", "nothing")
    stage("sub/dir/a.txt", "nothing")
    git("commit", "-qm", "before")
    stage("top.txt", token)
    stage("sub/dir/a.txt", f"x {token}")
    places = ["sub/dir/a.txt:1:3", "top.txt:1:1"]

    assert [found(where) for where in (repo, repo / "sub", repo / "sub" / "dir", repo / ".git")] == [places] * 4
    monkeypatch.chdir(repo / "sub" / "dir")
    assert found(".") == places
    assert len(tightlip.scan_staged(scanner=scanner).findings[0].occurrences) == 2


def test_a_name_that_is_meant_to_be_added_is_silent(token: str, git: Git, put: Put, stage: Stage, found: Found) -> None:
    put("first.txt", token)
    git("add", "--intent-to-add", "first.txt")
    assert found() == []

    stage("a.txt", "nothing")
    git("commit", "-qm", "before")
    put("second.txt", token)
    git("add", "--intent-to-add", "second.txt")
    assert found() == []

    git("add", "second.txt")
    assert found() == ["second.txt:1:1"]


@pytest.mark.usefixtures("conflict")
class TestConflicts:
    def test_a_conflict_is_told_and_not_called_clean(
        self, repo: Path, git: Git, stage: Stage, token: str, scanner: Scanner
    ) -> None:
        git("merge", "theirs", check=False)
        stage("other.txt", token)

        report = tightlip.scan_staged(repo, scanner=scanner)

        assert [finding.occurrences[0].path for finding in report.findings] == ["other.txt"]
        assert [what for what, _ in report.unscanned] == ["a.txt"]
        assert "conflict" in report.unscanned[0].why

    @pytest.mark.parametrize("how", ["merge", "cherry-pick", "rebase", "revert"])
    def test_a_secret_only_in_the_resolution_is_found(
        self, how: str, token: str, repo: Path, git: Git, stage: Stage, found: Found
    ) -> None:
        if how == "revert":
            stage("a.txt", "one\nafter all\nthree\n")
            git("commit", "-qm", "again")
        git(how, "HEAD^" if how == "revert" else "theirs", check=False)
        assert "<<<<<<<" in (repo / "a.txt").read_text("utf-8")
        stage("a.txt", f"one\n{token}\nthree\n")

        assert found() == ["a.txt:2:1"]

    def test_a_secret_that_the_other_side_of_a_merge_brings_is_found(
        self, token: str, git: Git, stage: Stage, found: Found
    ) -> None:
        git("checkout", "-q", "theirs")
        stage("b.txt", token)
        git("commit", "-qm", "theirs alone")
        git("checkout", "-q", "main")
        git("merge", "--no-commit", "theirs", check=False)
        stage("a.txt", "resolved\n")

        assert found() == ["b.txt:1:1"]

    def test_a_secret_in_the_middle_of_a_rebase_is_found(
        self, token: str, git: Git, stage: Stage, found: Found
    ) -> None:
        git("-c", "sequence.editor=sed -i.bak s/^pick/edit/", "rebase", "-q", "-i", "HEAD^", check=False)
        stage("a.txt", f"amended {token}\n")

        assert found() == ["a.txt:1:9"]


def test_a_detached_head_is_what_is_compared_with(token: str, git: Git, stage: Stage, found: Found) -> None:
    stage("a.txt", token)
    git("commit", "-qm", "one")
    git("checkout", "-q", "--detach")
    stage("b.txt", f"{token}")
    stage("a.txt", "moved")

    assert found() == []


def test_the_scan_changes_nothing_in_the_repository(
    token: str, repo: Path, git: Git, put: Put, stage: Stage, found: Found
) -> None:
    stage("a.txt", "nothing")
    git("commit", "-qm", "one")
    stage("b.txt", token)
    os.utime(put("a.txt", "nothing"), (0, 0))

    def state() -> dict[str, tuple[int, int]]:
        files = (path for path in repo.rglob("*") if path.is_file())
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    before = state()
    assert found() == ["b.txt:1:1"]
    assert state() == before
