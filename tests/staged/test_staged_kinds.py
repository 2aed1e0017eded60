"""Of whatever kind the repository is, what the next commit adds is seen."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]
Put = Callable[[str, str | bytes], Path]
Stage = Callable[[str, str | bytes], None]
Found = Callable[..., list[str]]


def run_git(where: Path, *args: str | Path) -> str:
    done = subprocess.run(["git", "-C", where, *args], check=True, capture_output=True)
    return done.stdout.decode().strip()


def test_a_linked_worktree_has_an_index_of_its_own(
    token: str, other: str, repo: Path, git: Git, stage: Stage, found: Found
) -> None:
    stage("a.txt", "nothing\n")
    git("commit", "-qm", "before")
    linked = repo.parent / "linked"
    git("worktree", "add", "-q", "-b", "side", linked)
    stage("main.txt", other)
    (linked / "side.txt").write_text(f"\n{token}\n", "utf-8")
    run_git(linked, "add", "side.txt")

    assert found(linked) == ["side.txt:2:1"]
    assert found() == ["main.txt:1:1"]


class TestSubmodules:
    @pytest.fixture
    def sub(self, repo: Path, tmp_path: Path, git: Git) -> Path:
        """A submodule, staged and not committed."""
        origin = tmp_path / "origin"
        run_git(tmp_path, "init", "-q", "-b", "main", origin)
        run_git(origin, "commit", "-q", "--allow-empty", "-m", "empty")
        git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", origin, "sub")
        return repo / "sub"

    def test_a_submodule_is_no_file_of_the_commit(self, sub: Path, token: str, git: Git, found: Found) -> None:
        (sub / "a.txt").write_text(token, "utf-8")
        run_git(sub, "add", "a.txt")
        assert found() == []

        git("commit", "-qm", "a submodule")
        run_git(sub, "commit", "-qm", "moved on")
        git("add", "sub")
        assert found() == []

    def test_a_submodule_is_scanned_as_the_repository_it_is(self, sub: Path, token: str, found: Found) -> None:
        (sub / "a.txt").write_text(token, "utf-8")
        run_git(sub, "add", "a.txt")

        assert found(sub) == ["a.txt:1:1"]

    def test_a_file_in_the_place_of_a_submodule_is_read(
        self, sub: Path, token: str, git: Git, stage: Stage, found: Found
    ) -> None:
        git("commit", "-qm", "a submodule")
        git("rm", "-q", "--cached", "sub")
        sub.rename(sub.with_name("moved"))
        stage("sub", f"now a file {token}")

        assert found() == ["sub:1:12"]

    def test_a_submodule_in_the_place_of_a_file_is_silent(
        self, token: str, repo: Path, git: Git, stage: Stage, found: Found
    ) -> None:
        stage("a", token)
        git("commit", "-qm", "a file")
        git("update-index", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},a")

        assert found() == []


def test_a_bare_repository_has_an_index_when_somebody_makes_one(token: str, tmp_path: Path, found: Found) -> None:
    bare = tmp_path / "bare.git"
    run_git(tmp_path, "init", "-q", "--bare", bare)
    assert found(bare) == []

    file = tmp_path / "a.txt"
    file.write_text(token, "utf-8")
    oid = run_git(bare, "hash-object", "-w", file)
    run_git(bare, "update-index", "--add", "--cacheinfo", f"100644,{oid},a.txt")
    assert found(bare) == ["a.txt:1:1"]


@pytest.mark.parametrize("ref_format", ["first commit", "second commit"])
def test_a_repository_of_sha_256_is_read(ref_format: str, token: str, tmp_path: Path, found: Found) -> None:
    repo = tmp_path / "sha256"
    run_git(tmp_path, "init", "-q", "--object-format=sha256", repo)
    (repo / "a.txt").write_text("nothing\n", "utf-8")
    run_git(repo, "add", "a.txt")
    if ref_format == "second commit":
        run_git(repo, "commit", "-qm", "first")
    (repo / "a.txt").write_text(f"nothing\n{token}\n", "utf-8")
    run_git(repo, "add", "a.txt")
    assert len(run_git(repo, "rev-parse", ":a.txt")) == 64

    assert found(repo) == ["a.txt:2:1"]


def test_a_split_index_is_read(token: str, git: Git, stage: Stage, found: Found) -> None:
    stage("a.txt", "nothing")
    stage("b.txt", "nothing")
    git("commit", "-qm", "before")
    git("update-index", "--split-index")
    stage("b.txt", token)
    assert list(Path(git("rev-parse", "--absolute-git-dir")).glob("sharedindex.*"))

    assert found() == ["b.txt:1:1"]


@pytest.mark.parametrize("sparse_index", ["--no-sparse-index", "--sparse-index"])
def test_what_is_outside_of_a_sparse_checkout_is_read(
    sparse_index: str, token: str, other: str, git: Git, put: Put, stage: Stage, found: Found
) -> None:
    for name in ("in/a.txt", "out/a.txt", "out/deep/a.txt"):
        stage(name, f"{name}\n")
    git("commit", "-qm", "before")
    git("sparse-checkout", "set", "--cone", sparse_index, "in")
    assert found() == []

    put("out/deep/a.txt", f"{token}\n")
    git("add", "--sparse", "out/deep/a.txt")
    stage("in/a.txt", f"{other}\n")
    assert found() == ["in/a.txt:1:1", "out/deep/a.txt:1:1"]


def test_what_git_is_told_not_to_look_at_is_read(token: str, git: Git, stage: Stage, found: Found) -> None:
    stage("a.txt", token)
    stage("b.txt", f"x {token}")
    git("update-index", "--assume-unchanged", "a.txt")
    git("update-index", "--skip-worktree", "b.txt")

    assert found() == ["a.txt:1:1", "b.txt:1:3"]


def test_objects_of_a_clone_that_borrows_them_are_read(
    token: str, repo: Path, git: Git, stage: Stage, found: Found
) -> None:
    stage("a.txt", token)
    git("commit", "-qm", "one")
    stage("a.txt", "nothing")
    git("commit", "-qm", "two")
    clone = repo.parent / "clone"
    run_git(repo, "clone", "-q", "--shared", repo, clone)
    run_git(clone, "checkout", "-q", "HEAD^", "--", "a.txt")

    assert found(clone) == ["a.txt:1:1"]


def test_packed_objects_are_read(token: str, repo: Path, git: Git, stage: Stage, found: Found) -> None:
    stage("a.txt", "x\n" * 500)
    stage("b.txt", "x\n" * 500 + token)
    git("commit", "-qm", "one")
    git("rm", "-q", "b.txt")
    git("commit", "-qm", "two")
    git("repack", "-adq")
    git("prune-packed")
    git("checkout", "-q", "HEAD^", "--", "b.txt")

    assert found() == ["b.txt:501:1"]
