"""Exactly the objects of a scope are yielded, and what a scope cannot mean is told on one line."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.errors import GitError, UsageError
from tightlip.finding import Unscanned
from tightlip.git.history import History
from tightlip.git.plumbing import Git
from tightlip.git.scope import FETCH_MORE, Scope
from tightlip.model import Blob

Run = Callable[..., str]
Commit = Callable[..., str]


class Seen:
    """What a scope of a repository holds."""

    def __init__(self, where: Path, **scope: object) -> None:
        self.history = History(Git(str(where)), Scope(**scope))  # type: ignore[arg-type]
        items = list(self.history.blobs())
        self.unscanned = [item for item in items if isinstance(item, Unscanned)]
        self.blobs = [item for item in items if isinstance(item, Blob)]

    @property
    def contents(self) -> set[bytes]:
        return {blob.data for blob in self.blobs if blob.part == "content"}

    @property
    def names(self) -> set[bytes]:
        return {blob.data for blob in self.blobs if blob.part == "path"}

    def messages(self, part: str = "commit") -> set[str]:
        found = (blob.data.partition(b"\n\n")[2].decode() for blob in self.blobs if blob.part == part)
        return {message.strip() for message in found}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the date of the commits that follow."""

    def at(day: str) -> None:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{day}T12:00:00+00:00")

    return at


@pytest.fixture
def fork(git: Run, commit: Commit, at: Callable[[str], None]) -> None:
    """main: one, two, three; side, from two: aside, beside. A day lies between them, in this order."""
    at("2026-01-01")
    commit("one", **{"a.txt": "1", "conf__x.env": "x1"})
    at("2026-01-02")
    commit("two", **{"a.txt": "2"})
    git("checkout", "-qb", "side")
    at("2026-01-04")
    commit("aside", **{"side.txt": "s1"})
    at("2026-01-05")
    commit("beside", **{"side.txt": "s2", "conf__x.env": "x2"})
    git("checkout", "-q", "main")
    at("2026-01-03")
    commit("three", **{"a.txt": "3"})


def test_a_scope_that_says_nothing_is_everything() -> None:
    assert Scope().is_whole
    assert Scope().is_closed
    for narrower in (Scope(branches=("main",)), Scope(reachable_only=True), Scope(max_count=1), Scope(paths=("a",))):
        assert not narrower.is_whole


@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize(
    ("ranges", "messages", "contents"),
    [
        (["main..side"], {"aside", "beside"}, {b"s1", b"s2", b"x2"}),
        (["side..main"], {"three"}, {b"3"}),
        (["side.."], {"three"}, {b"3"}),
        (["..side"], {"aside", "beside"}, {b"s1", b"s2", b"x2"}),
        (["main...side"], {"three", "aside", "beside"}, {b"3", b"s1", b"s2", b"x2"}),
        (["main~2..main~1", "main..side"], {"two", "aside", "beside"}, {b"2", b"s1", b"s2", b"x2"}),
        (["main..main"], set(), set()),
    ],
)
def test_a_range_is_the_commits_that_one_end_reaches_and_the_other_does_not(
    ranges: list[str], messages: set[str], contents: set[bytes], repo: Path
) -> None:
    seen = Seen(repo, ranges=tuple(ranges))

    assert (seen.messages(), seen.contents, seen.unscanned) == (messages, contents, [])


@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize(
    ("count", "messages"), [(1, {"beside"}), (3, {"beside", "aside", "three"}), (99, {"one", "two"})]
)
def test_a_number_of_commits_takes_the_newest_and_only_what_they_brought(
    count: int, messages: set[str], repo: Path
) -> None:
    seen = Seen(repo, max_count=count)

    assert messages <= seen.messages()
    assert len(seen.messages()) == min(count, 5)
    if count == 1:
        assert seen.contents == {b"s2", b"x2"}
        assert seen.names == {b"side.txt", b"conf/x.env"}


@pytest.mark.usefixtures("fork")
def test_a_commit_with_a_wrong_clock_hides_nothing_below_it(
    repo: Path, commit: Commit, at: Callable[[str], None]
) -> None:
    at("1990-01-01")
    commit("out of time", **{"b.txt": "b"})

    assert Seen(repo, since="2026-01-03").messages() == {"three", "aside", "beside"}
    assert "out of time" in Seen(repo, branches=("main",), max_count=1).messages()


@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize(
    ("since", "messages"),
    [
        ("2026-01-04", {"aside", "beside"}),
        ("2026-01-04 12:00:00 +0000", {"aside", "beside"}),
        ("2026-01-04T12:00:01Z", {"beside"}),
        ("Jan 5 2026 00:00", {"beside"}),
        ("1767268800", {"one", "two", "three", "aside", "beside"}),
        ("yesterday", set()),
        ("today", set()),
        ("2.weeks.ago", set()),
        ("main", {"aside", "beside"}),
        ("side", {"three"}),
    ],
)
def test_since_takes_a_revision_or_a_date(since: str, messages: set[str], repo: Path) -> None:
    assert Seen(repo, since=since).messages() == messages


@pytest.mark.usefixtures("fork")
def test_a_branch_with_the_name_of_a_date_is_a_branch(repo: Path, git: Run) -> None:
    git("branch", "2026-01-04", "main~1")

    assert Seen(repo, since="2026-01-04").messages() == {"three", "aside", "beside"}


@pytest.mark.usefixtures("fork")
def test_today_begins_at_midnight(repo: Path, git: Run, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("GIT_COMMITTER_DATE", time.strftime("%Y-%m-%dT00:00:01+00:00", time.gmtime()))
    commit("this morning", **{"b.txt": "b"})

    assert Seen(repo, since="today").messages() == {"this morning"}


@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize(
    "wrong",
    ["nowhere", "v1.3", "12", "a.b", "", "-1", "--all", "2026-01-04\0", "mian", "side2", "HEAD~99", "3 parsecs"],
)
def test_a_beginning_that_is_neither_is_an_error_though_git_would_make_a_date_of_it(wrong: str, repo: Path) -> None:
    with pytest.raises(UsageError, match=r"no branch, tag or commit .* no such date either") as raised:
        Seen(repo, since=wrong)

    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("fork")
def test_a_beginning_in_the_future_is_an_error(repo: Path) -> None:
    with pytest.raises(UsageError, match="in the future"):
        Seen(repo, since="2099-01-01")


@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize(
    ("paths", "contents", "names"),
    [
        (["conf"], {b"x1", b"x2"}, {b"conf/x.env"}),
        (["conf/"], {b"x1", b"x2"}, {b"conf/x.env"}),
        (["**/*.env"], {b"x1", b"x2"}, {b"conf/x.env"}),
        (["*.env"], set(), set()),
        (["*.txt"], {b"1", b"2", b"3", b"s1", b"s2"}, {b"a.txt", b"side.txt"}),
        (["side.*", "conf/x.env"], {b"s1", b"s2", b"x1", b"x2"}, {b"side.txt", b"conf/x.env"}),
        ([":(exclude)a.txt"], set(), set()),
    ],
)
def test_paths_take_what_was_brought_to_one_and_every_message(
    paths: list[str], contents: set[bytes], names: set[bytes], repo: Path
) -> None:
    for where in (repo, repo / "conf"):
        seen = Seen(where, paths=tuple(paths))
        assert (seen.contents, seen.names) == (contents, names)
        assert len(seen.messages()) == 5


@pytest.mark.usefixtures("fork")
@pytest.mark.parametrize("wrong", ["", "/etc/passwd", "../x", "a\0b", "a/../../b"])
def test_a_path_that_can_match_nothing_is_an_error(wrong: str) -> None:
    with pytest.raises(UsageError, match=r"is no path|matches nothing"):
        Scope(paths=(wrong,))


def test_a_path_in_a_bare_repository_is_counted_from_the_top(repo: Path, commit: Commit, tmp_path: Path) -> None:
    commit(**{"conf__x.env": "x1", "a.txt": "1"})
    subprocess.run(["git", "clone", "-q", "--bare", repo, tmp_path / "bare"], check=True)

    assert Seen(tmp_path / "bare", paths=("conf/*",)).contents == {b"x1"}


@pytest.fixture
def lost(repo: Path, git: Run, commit: Commit) -> None:
    """main: kept. Nothing reaches: a commit that was amended away, a deleted tag on it, a file."""
    commit("kept", **{"a.txt": "kept"})
    git("tag", "-a", "-m", "kept tag", "v1")
    commit("amended away", **{"b.txt": "amended"})
    git("tag", "-a", "-m", "lost tag", "v2")
    git("tag", "-d", "v2")
    git("reset", "-q", "--hard", "HEAD~1")
    git("hash-object", "-w", "--stdin", input=b"dangling")


@pytest.mark.usefixtures("lost")
def test_reachable_only_leaves_out_what_no_ref_reaches(repo: Path, git: Run) -> None:
    git("tag", "-a", "-m", "of a file", "file", git("hash-object", "-w", "--stdin", input=b"tagged"))
    everything, reachable = Seen(repo), Seen(repo, reachable_only=True)

    assert everything.contents == {b"kept", b"amended", b"dangling", b"tagged"}
    assert everything.messages("tag") == {"kept tag", "lost tag", "of a file"}
    assert reachable.contents == {b"kept", b"tagged"}
    assert reachable.names == {b"a.txt"}
    assert reachable.messages() == {"kept"}
    assert reachable.messages("tag") == {"kept tag", "of a file"}
    assert Seen(repo, reachable_only=True, max_count=9).messages() == {"kept"}
    assert reachable.history.done == reachable.history.total == 5


@pytest.mark.usefixtures("lost")
def test_other_scopes_take_in_commits_that_nothing_reaches_unless_they_name_a_beginning(repo: Path) -> None:
    for scope in ({"max_count": 9}, {"paths": ("*",)}, {"since": "2026-01-01"}):
        seen = Seen(repo, **scope)
        assert seen.contents == {b"kept", b"amended"}
        assert seen.messages() == {"kept", "amended away"}
        assert seen.messages("tag") == {"kept tag", "lost tag"}
    assert Seen(repo, since="main").messages() == {"amended away"}
    assert Seen(repo, branches=("main",), max_count=9).messages() == {"kept"}


@pytest.mark.usefixtures("fork")
def test_tags_come_with_the_commits_they_are_on(repo: Path, git: Run) -> None:
    git("tag", "-a", "-m", "on side", "s", "side")
    git("tag", "-a", "-m", "tag of a tag", "outer", "s")
    git("tag", "-d", "s")
    git("tag", "-a", "-m", "on main", "m", "main")

    assert Seen(repo, ranges=("main..side",)).messages("tag") == {"on side", "tag of a tag"}
    assert Seen(repo, ranges=("side..main",)).messages("tag") == {"on main"}
    assert Seen(repo, branches=("main",)).messages("tag") == {"on main"}
    assert Seen(repo, branches=("outer",)).messages("tag") == {"on side", "tag of a tag"}
    assert Seen(repo, max_count=1).messages("tag") == {"on side", "tag of a tag"}


@pytest.mark.usefixtures("fork")
def test_a_request_is_what_the_head_adds_to_the_base(repo: Path, git: Run) -> None:
    assert Seen(repo, base="main", head="side").messages() == {"aside", "beside"}
    assert Seen(repo, base="side").messages() == {"three"}
    git("checkout", "-q", "side")
    git("merge", "-q", "-m", "merge", "main")
    assert Seen(repo, base="main").messages() == {"aside", "beside", "merge"}
    assert Seen(repo, base="main", paths=("conf",)).contents == {b"x2"}
    assert Seen(repo, base="main", max_count=1).messages() == {"merge"}


@pytest.mark.usefixtures("fork")
def test_a_request_without_anything_in_common_is_an_error(repo: Path, git: Run, commit: Commit) -> None:
    git("checkout", "-q", "--orphan", "other")
    commit("other")

    with pytest.raises(GitError, match=r"main and HEAD have no merge base, their histories .* fetch more"):
        Seen(repo, base="main")
    with pytest.raises(UsageError, match=r"no branch, tag or commit 'origin/main'.*in CI, fetch more"):
        Seen(repo, base="origin/main")
    assert "\n" not in FETCH_MORE


@pytest.fixture
def shallow(repo: Path, git: Run, tmp_path: Path) -> Callable[[int], Path]:
    """Clone both branches, so many commits deep."""

    def shallow(depth: int) -> Path:
        where = tmp_path / f"shallow-{depth}"
        command = ["git", "clone", "-q", f"--depth={depth}", "--no-single-branch", repo.as_uri(), where]
        subprocess.run(command, check=True)
        return where

    return shallow


@pytest.mark.usefixtures("fork")
def test_a_request_in_a_shallow_clone_is_an_error_until_the_merge_base_is_there(
    shallow: Callable[[int], Path],
) -> None:
    for depth in (1, 2):
        with pytest.raises(GitError, match=r"shallow clone.*fetch more of the history"):
            Seen(shallow(depth), base="main", head="origin/side")
    seen = Seen(shallow(3), base="main", head="origin/side")

    assert seen.messages() == {"aside", "beside"}
    assert seen.unscanned == []


def test_a_request_whose_base_is_at_hand_and_whose_side_branch_is_cut_off_is_an_error(
    repo: Path, git: Run, commit: Commit, tmp_path: Path
) -> None:
    commit("one", **{"a.txt": "1"})
    git("checkout", "-qb", "long")
    for number in range(4):
        commit(f"long {number}", **{"b.txt": f"{number}"})
    git("checkout", "-q", "main")
    commit("two", **{"a.txt": "2"})
    git("checkout", "-qb", "request")
    git("merge", "-q", "-m", "merge", "long")
    where = tmp_path / "shallow"
    command = ["git", "clone", "-q", "--depth=2", "--no-single-branch", "-b", "request", repo.as_uri(), where]
    subprocess.run(command, check=True)

    with pytest.raises(GitError, match="shallow clone that ends before the merge base of origin/main and HEAD"):
        Seen(where, base="origin/main")


@pytest.mark.usefixtures("fork")
def test_a_shallow_boundary_is_told_where_the_scope_reaches_it(shallow: Callable[[int], Path]) -> None:
    where = shallow(2)

    for scope in ({"branches": ("main",)}, {"max_count": 9}, {"since": "2026-01-01"}, {"reachable_only": True}):
        assert ["shallow" in item.why for item in Seen(where, **scope).unscanned] == [True]
    for scope in ({"max_count": 1}, {"ranges": ("main~1..main",)}, {"since": "2026-01-05"}):
        assert Seen(where, **scope).unscanned == []


@pytest.mark.parametrize("left_out", ["blob:none", "tree:0"])
@pytest.mark.usefixtures("fork")
def test_what_a_partial_clone_lacks_of_a_scope_is_told(left_out: str, repo: Path, git: Run, tmp_path: Path) -> None:
    git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    subprocess.run(["git", "clone", "-q", "--no-checkout", f"--filter={left_out}", repo.as_uri(), clone], check=True)

    for scope in ({"max_count": 2}, {"paths": ("a.txt",)}, {"ranges": ("main..origin/side",)}):
        seen = Seen(clone, **scope)
        assert seen.contents == set()
        assert any("partial clone" in item.why for item in seen.unscanned)


@pytest.mark.usefixtures("fork")
def test_a_missing_object_is_told_in_the_scopes_that_hold_it(repo: Path, remove: Callable[[str], str]) -> None:
    oid = remove("side:side.txt")

    for scope in ({"ranges": ("main..side",)}, {"max_count": 1}, {"paths": ("side.txt",)}, {"since": "2026-01-05"}):
        seen = Seen(repo, **scope)
        assert [item.what for item in seen.unscanned] == [f"object {oid}"]
        assert seen.history.done == seen.history.total
    assert Seen(repo, ranges=("side..main",)).unscanned == []


@pytest.mark.usefixtures("fork")
def test_a_missing_commit_leaves_no_scope_complete(repo: Path, remove: Callable[[str], str]) -> None:
    remove("side~1")

    for scope in ({"ranges": ("main..side",)}, {"max_count": 9}, {"paths": ("side.txt",)}, {"branches": ("side",)}):
        assert Seen(repo, **scope).unscanned
    assert Seen(repo, max_count=9).messages() == {"one", "two", "three", "beside"}
    assert Seen(repo, base="main~1").unscanned == []


@pytest.mark.usefixtures("lost")
def test_a_commit_that_nothing_reaches_may_have_lost_its_parent(
    repo: Path, git: Run, commit: Commit, remove: Callable[[str], str]
) -> None:
    git("checkout", "-q", "--detach")
    parent = commit("parent", **{"c.txt": "c"})
    commit("child", **{"c.txt": "d"})
    git("checkout", "-q", "main")
    git("reflog", "expire", "--expire=now", "--all")
    remove(parent)

    assert Seen(repo, since="main").messages() == {"child", "amended away"}
    assert Seen(repo, since="main", reachable_only=True).messages() == set()


@pytest.mark.usefixtures("fork")
def test_a_ref_to_nowhere_leaves_no_scope_of_everything_complete(repo: Path) -> None:
    (repo / ".git" / "refs" / "heads" / "broken").write_text("12" * 20 + "\n")
    for scope in ({"max_count": 9}, {"since": "2026-01-01"}, {"reachable_only": True}):
        seen = Seen(repo, **scope)
        assert any("broken" in item.why for item in seen.unscanned)
    assert Seen(repo, ranges=("main..side",)).unscanned == []


@pytest.mark.parametrize(
    "options",
    [
        {"base": "a", "branches": ("b",)},
        {"base": "a", "ranges": ("a..b",)},
        {"base": "a", "since": "b"},
        {"ranges": ("a..b",), "branches": ("b",)},
        {"head": "a"},
        {"max_count": 0},
        {"max_count": -1},
    ],
)
def test_what_cannot_be_meant_together_is_an_error_of_one_line(options: dict[str, object]) -> None:
    with pytest.raises(UsageError) as raised:
        Scope(**options)  # type: ignore[arg-type]

    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("fork")
def test_a_hostile_revision_is_refused_on_one_line(repo: Path) -> None:
    for hostile in ("--output=x", "-x", "a\nb", "a\0b", "$(touch x)", "main:a.txt", "^main", "main^@", "x y"):
        scopes: tuple[dict[str, object], ...] = (
            {"branches": (hostile,)},
            {"ranges": (hostile,)},
            {"ranges": (f"main..{hostile}",)},
            {"ranges": (f"{hostile}...main",)},
            {"since": hostile},
            {"base": hostile},
            {"base": "main", "head": hostile},
        )
        for scope in scopes:
            with pytest.raises(UsageError) as raised:
                Seen(repo, **scope)
            assert "\n" not in str(raised.value)
    assert sorted(os.listdir(repo)) == [".git", "a.txt", "conf"]


@pytest.mark.usefixtures("fork")
def test_an_empty_name_is_no_revision(repo: Path) -> None:
    for scope in ({"branches": ("",)}, {"ranges": ("",)}, {"since": ""}, {"base": ""}, {"base": "main", "head": ""}):
        with pytest.raises(UsageError):
            Seen(repo, **scope)


@pytest.mark.parametrize(
    "scope", [{"max_count": 3}, {"since": "yesterday"}, {"paths": ("*",)}, {"reachable_only": True}]
)
def test_a_scope_of_an_empty_repository_is_empty(scope: dict[str, object], repo: Path) -> None:
    seen = Seen(repo, **scope)

    assert (seen.blobs, seen.unscanned) == ([], [])
