"""Every object is yielded, wherever it hides, and what is missing is told."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.errors import NotARepository, UsageError
from tightlip.finding import Unscanned
from tightlip.git import changes
from tightlip.git.history import History
from tightlip.git.plumbing import Git
from tightlip.git.scope import Scope
from tightlip.model import Blob

Run = Callable[..., str]
Commit = Callable[..., str]


class Seen:
    """All that a history yields, sorted by what it is."""

    def __init__(
        self,
        where: Path,
        *,
        limit: int | None = None,
        matters: Callable[[bytes], bool] = lambda _: True,
        **scope: object,
    ) -> None:
        self.history = History(Git(str(where)), Scope(**scope), limit=limit, matters=matters)  # type: ignore[arg-type]
        items = list(self.history.blobs())
        self.unscanned = [item for item in items if isinstance(item, Unscanned)]
        self.blobs = [item for item in items if isinstance(item, Blob)]

    def part(self, part: str) -> list[bytes]:
        return sorted(blob.data for blob in self.blobs if blob.part == part)

    @property
    def contents(self) -> set[bytes]:
        return set(self.part("content"))


def test_an_empty_repository_holds_nothing_and_lacks_nothing(repo: Path) -> None:
    seen = Seen(repo)

    assert (seen.blobs, seen.unscanned, seen.history.total) == ([], [], 0)


def test_each_object_is_yielded_once_and_counted(repo: Path, git: Run, commit: Commit) -> None:
    commit("first", **{"a.txt": "one", "d__b.txt": "two"})
    commit("second", **{"a.txt": "three", "copy.txt": "two"})
    git("tag", "-a", "v1", "-m", "the tag's message")
    seen = Seen(repo, matters=lambda _: False)

    assert seen.part("content") == [b"one", b"three", b"two"]
    assert [data.rpartition(b"\n\n")[2] for data in seen.part("commit")] == [b"first\n", b"second\n"]
    assert b"the tag's message" in seen.part("tag")[0]
    assert seen.part("path") == [b"a.txt", b"copy.txt", b"d/b.txt"]
    assert seen.history.counts == {"blobs": 3, "commits": 2, "tags": 1, "trees": 3}
    assert seen.history.total == seen.history.done == 6
    assert seen.unscanned == []


def test_what_nothing_reaches_any_more_is_yielded(repo: Path, git: Run, commit: Commit) -> None:
    commit("first", **{"a.txt": "first"})
    commit("amended away", **{"amended.txt": "amended away"})
    git("reset", "-q", "--hard", "HEAD~1")
    (repo / "stash.txt").write_text("stashed")
    git("add", ".")
    git("stash", "-q")
    git("stash", "drop", "-q")
    git("reflog", "expire", "--expire=now", "--all")
    git("hash-object", "-w", "--stdin", input=b"dangling")
    (repo / "staged.txt").write_text("staged")
    git("add", "staged.txt")
    seen = Seen(repo)

    assert seen.contents == {b"first", b"amended away", b"stashed", b"dangling", b"staged"}
    assert {b"amended.txt", b"stash.txt"} <= set(seen.part("path"))
    assert seen.unscanned == []


def test_notes_links_and_tags_of_blobs_and_trees_are_yielded(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "x"})
    git("notes", "add", "-m", "a note")
    git("tag", "-a", "-m", "blob", "blob", git("hash-object", "-w", "--stdin", input=b"tagged"))
    oid = git("hash-object", "-w", "--stdin", input=b"in a tree")
    git("tag", "-a", "-m", "tree", "tree", git("mktree", "-z", input=f"100644 blob {oid}\todd name\0".encode()))
    link = git("hash-object", "-w", "--stdin", input=b"the/target")
    git("update-index", "--add", "--cacheinfo", f"120000,{link},link")
    git("commit", "-qm", "link")
    seen = Seen(repo)

    assert {b"a note\n", b"tagged", b"in a tree", b"the/target"} <= seen.contents
    assert {b"odd name", b"link"} <= set(seen.part("path"))
    assert b"odd name" in {blob.path for blob in seen.blobs if blob.data == b"in a tree"}


def test_a_blob_comes_with_its_path(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"d__.npmrc": "x"})
    git("mv", "d", "e")
    git("commit", "-qm", "moved")
    commit(**{"plain.txt": "y"})
    blobs = [blob for blob in Seen(repo).blobs if blob.part == "content"]

    assert sorted((blob.data, blob.path) for blob in blobs) == [
        (b"x", b"d/.npmrc"),
        (b"x", b"e/.npmrc"),
        (b"y", b"plain.txt"),
    ]


def test_of_several_paths_those_that_matter_count(repo: Path, commit: Commit) -> None:
    commit(**{"a": "x", "b": "x", ".npmrc": "x", "z": "y", "zz": "y"})
    seen = Seen(repo, matters=lambda path: path.endswith(b"rc"))
    blobs = [(blob.data, blob.path) for blob in seen.blobs if blob.part == "content"]

    assert sorted(blobs) == [(b"x", b".npmrc"), (b"y", b"z")]


def test_a_path_is_yielded_once_byte_for_byte(repo: Path, git: Run) -> None:
    oid = git("hash-object", "-w", "--stdin", input=b"x")
    for number in range(3):
        tree = git("mktree", "-z", input=b"100644 blob %s\tl\xff\n%d\0" % (oid.encode(), number % 2))
        git("update-ref", f"refs/heads/{number}", git("commit-tree", "-m", f"{number}", tree))

    assert Seen(repo).part("path") == [b"l\xff\n0", b"l\xff\n1"]


def test_a_submodule_is_a_path_and_no_missing_object(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "x"})
    git("update-index", "--add", "--cacheinfo", f"160000,{'12' * 20},sub")
    git("commit", "-qm", "sub")
    seen = Seen(repo)

    assert seen.part("path") == [b"a.txt", b"sub"]
    assert seen.unscanned == []


def test_a_merge_shows_paths_that_only_it_has(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "1"})
    git("checkout", "-qb", "side")
    commit(**{"b.txt": "2"})
    git("checkout", "-q", "main")
    commit(**{"c.txt": "3"})
    git("merge", "-q", "--no-commit", "side")
    (repo / "evil.txt").write_text("4")
    git("add", ".")
    git("commit", "-qm", "merge")

    assert Seen(repo).part("path") == [b"a.txt", b"b.txt", b"c.txt", b"evil.txt"]


@pytest.fixture
def branches(git: Run, commit: Commit) -> None:
    """main: one, two (tag old), three; side, from two: aside."""
    commit(**{"a.txt": "one"})
    commit(**{"a.txt": "two"})
    git("tag", "old")
    git("checkout", "-qb", "side")
    commit("on side", **{"side.txt": "aside"})
    git("checkout", "-q", "main")
    commit("on main", **{"a.txt": "three"})


@pytest.mark.usefixtures("branches")
def test_a_part_of_the_history_can_be_chosen(repo: Path) -> None:
    assert Seen(repo, branches=("side",)).contents == {b"one", b"two", b"aside"}
    assert Seen(repo, branches=("side", "main")).contents == {b"one", b"two", b"aside", b"three"}
    assert Seen(repo, since="old").contents == {b"three", b"aside"}
    seen = Seen(repo, branches=("main",), since="old")
    assert seen.contents == {b"three"}
    assert seen.part("path") == [b"a.txt"]
    assert seen.history.counts == {"blobs": 1, "commits": 1, "tags": 0, "trees": 0}
    assert seen.history.total == seen.history.done == 2


@pytest.mark.usefixtures("branches")
def test_a_revision_that_is_none_is_an_error(repo: Path) -> None:
    for wrong in ("nowhere", "--all", "-q", "a b", "", "two\nlines", "main:a.txt", "^main", "main..side"):
        with pytest.raises(UsageError, match="branch, tag or commit"):
            History(Git(str(repo)), Scope(branches=(wrong,)))
        with pytest.raises(UsageError, match="branch, tag or commit"):
            History(Git(str(repo)), Scope(since=wrong))


@pytest.mark.usefixtures("branches")
def test_a_branch_comes_before_a_tag_of_its_name(repo: Path, git: Run) -> None:
    git("tag", "side", "old")

    assert b"aside" in Seen(repo, branches=("side",)).contents


def test_an_object_over_the_limit_is_told_with_its_path(repo: Path, commit: Commit) -> None:
    commit(**{"large.bin": "x" * 1000, "a.txt": "x"})
    seen = Seen(repo, limit=500)

    assert seen.contents == {b"x"}
    assert [item.what for item in seen.unscanned] == ["large.bin"]
    assert "1000 bytes" in seen.unscanned[0].why
    assert seen.history.done == seen.history.total == 3


def test_a_missing_blob_is_told_and_the_rest_is_read(repo: Path, commit: Commit, remove: Callable[[str], str]) -> None:
    commit(**{"a.txt": "gone", "b.txt": "here"})
    oid = remove("HEAD:a.txt")
    seen = Seen(repo)

    assert seen.contents == {b"here"}
    assert [item.what for item in seen.unscanned] == [f"object {oid}"]
    assert [item.what for item in Seen(repo, branches=("main",)).unscanned] == [f"object {oid}"]


def test_a_missing_tree_is_told_and_the_rest_is_read(repo: Path, commit: Commit, remove: Callable[[str], str]) -> None:
    commit(**{"a.txt": "1"})
    commit(**{"d__b.txt": "2"})
    commit(**{"c.txt": "3"})
    oid = remove("HEAD:d")
    seen = Seen(repo)

    assert seen.contents == {b"1", b"2", b"3"}
    assert set(seen.part("path")) >= {b"a.txt", b"c.txt"}
    assert f"object {oid}" in [item.what for item in seen.unscanned]
    assert any("paths in commit" in item.what for item in seen.unscanned)


def test_a_missing_commit_is_told_and_the_rest_is_read(
    repo: Path, commit: Commit, remove: Callable[[str], str]
) -> None:
    for number in range(4):
        commit(f"number {number}", **{f"{number}.txt": f"{number}"})
    remove("HEAD~1")
    seen = Seen(repo)

    assert seen.contents == {b"0", b"1", b"2", b"3"}
    assert {b"0.txt", b"1.txt"} <= set(seen.part("path"))
    assert "objects that the refs reach" in [item.what for item in seen.unscanned]
    assert Seen(repo, branches=("main",)).unscanned


@pytest.mark.parametrize("name", ["HEAD~1", "HEAD:0.txt", "HEAD~1^{tree}"])
def test_a_damaged_object_is_told_and_the_rest_is_read(
    name: str, repo: Path, commit: Commit, damage: Callable[[str], str]
) -> None:
    for number in range(4):
        commit(f"number {number}", **{f"{number}.txt": f"{number}"})
    oid = damage(name)
    seen = Seen(repo)

    assert len(seen.contents) >= 3
    assert any(oid in f"{item.what} {item.why}" for item in seen.unscanned)


def test_a_ref_to_nowhere_is_told_and_the_rest_is_read(repo: Path, commit: Commit) -> None:
    commit(**{"a.txt": "x"})
    (repo / ".git" / "refs" / "heads" / "broken").write_text("12" * 20 + "\n")
    seen = Seen(repo)
    assert seen.contents == {b"x"}
    assert any("broken" in item.why for item in seen.unscanned)

    (repo / ".git" / "refs" / "heads" / "broken").write_text("no id\n")
    assert any("broken" in item.why for item in Seen(repo).unscanned)


def test_a_damaged_pack_is_told(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "x"})
    git("gc", "-q")
    (index,) = (repo / ".git" / "objects" / "pack").glob("*.idx")
    index.chmod(0o644)
    index.write_bytes(b"no index")
    seen = Seen(repo)

    assert seen.unscanned
    assert all(item.why.isprintable() for item in seen.unscanned)


def test_a_borrowed_store_that_is_gone_is_told(repo: Path, commit: Commit, tmp_path: Path) -> None:
    commit(**{"a.txt": "x"})
    subprocess.run(["git", "clone", "-q", "--shared", repo, tmp_path / "shared"], check=True)
    assert Seen(tmp_path / "shared").contents == {b"x"}
    shutil.rmtree(repo)
    seen = Seen(tmp_path / "shared")

    assert any("unable to normalize alternate" in item.why or "alternates" in item.why for item in seen.unscanned)


def test_a_shallow_clone_says_so(repo: Path, commit: Commit, tmp_path: Path) -> None:
    commit(**{"a.txt": "old"})
    commit(**{"a.txt": "new"})
    subprocess.run(["git", "clone", "-q", "--depth=1", repo.as_uri(), tmp_path / "shallow"], check=True)
    seen = Seen(tmp_path / "shallow")

    assert seen.contents == {b"new"}
    assert seen.part("path") == [b"a.txt"]
    (item,) = seen.unscanned
    assert "git fetch --unshallow" in item.why
    assert len(Seen(tmp_path / "shallow", branches=("main",)).unscanned) == 1


@pytest.mark.parametrize("left_out", ["blob:none", "tree:0"])
def test_a_partial_clone_says_so_though_the_remote_is_gone(
    left_out: str, repo: Path, git: Run, commit: Commit, tmp_path: Path
) -> None:
    for number in range(5):
        commit(f"number {number}", **{f"{number}.txt": f"{number}"})
    git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    subprocess.run(["git", "clone", "-q", "--no-checkout", f"--filter={left_out}", repo.as_uri(), clone], check=True)
    shutil.rmtree(repo)
    seen = Seen(clone)

    assert seen.contents == set()
    assert len(seen.part("commit")) == 5
    assert any("partial clone" in item.why for item in seen.unscanned)
    assert any("partial clone" in item.why for item in Seen(clone, branches=("main",)).unscanned)


def test_git_is_not_asked_for_ever_about_commits_it_cannot_read(
    repo: Path, commit: Commit, remove: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_MOST_DEATHS", 2)
    for number in range(6):
        commit(f"number {number}", **{f"{number}__a.txt": f"{number}"})
    for number in range(6):
        remove(f"HEAD:{number}")
    told = [item.what for item in Seen(repo).unscanned if item.what.startswith("paths")]

    assert len(told) == 3
    assert told[2] == "paths in 4 commits"


@pytest.mark.parametrize("kind", ["bare", "worktree", "sha256", "inside"])
def test_a_repository_of_any_kind_is_read(kind: str, repo: Path, git: Run, commit: Commit, tmp_path: Path) -> None:
    where = tmp_path / kind
    if kind == "sha256":
        subprocess.run(["git", "init", "-q", "--object-format=sha256", where], check=True)
        (where / "a.txt").write_text("x")
        subprocess.run(["git", "-C", where, "add", "."], check=True)
        subprocess.run(["git", "-C", where, "commit", "-qm", "x"], check=True)
    else:
        commit(**{"a.txt": "x"})
    if kind == "bare":
        subprocess.run(["git", "clone", "-q", "--bare", repo, where], check=True)
    if kind == "worktree":
        git("worktree", "add", "-q", str(where))
    if kind == "inside":
        where = repo / ".git"
    seen = Seen(where)

    assert (seen.contents, seen.part("path"), seen.unscanned) == ({b"x"}, [b"a.txt"], [])


def test_a_replace_ref_and_a_graft_hide_nothing(repo: Path, git: Run, commit: Commit) -> None:
    first = commit(**{"a.txt": "real"})
    second = commit(**{"b.txt": "second"})
    git("replace", git("rev-parse", "HEAD:a.txt"), git("hash-object", "-w", "--stdin", input=b"other"))
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "grafts").write_text(f"{second}\n")
    seen = Seen(repo, branches=("main",))

    assert seen.contents == {b"real", b"second"}
    assert {blob.oid for blob in seen.blobs if blob.part == "commit"} == {first, second}


def test_what_is_no_repository_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotARepository):
        History(Git(str(tmp_path)))


def test_a_history_that_is_left_early_leaves_no_process(repo: Path, commit: Commit) -> None:
    commit(**{f"{number}.txt": f"{number}" for number in range(100)})
    walk = History(Git(str(repo))).blobs()
    for _, item in zip(range(150), walk, strict=False):
        assert isinstance(item, Blob)
    walk.close()  # type: ignore[attr-defined]

    if os.name == "posix":
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
