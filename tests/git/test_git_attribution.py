"""An object is put down to the commit that brought it in, and to the refs that still reach it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.git.attribution import blobs_in_head, changes_of, commit_details, names_in_head, refs_reaching
from tightlip.git.changes import HistoryChange
from tightlip.git.history import History
from tightlip.git.plumbing import Git
from tightlip.git.scope import Scope

Run = Callable[..., str]
Commit = Callable[..., str]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Set the clock of the next commits."""

    def at(hour: int) -> None:
        for who in ("AUTHOR", "COMMITTER"):
            monkeypatch.setenv(f"GIT_{who}_DATE", f"2026-01-02T{hour:02}:00:00+00:00")

    return at


def test_a_change_says_commit_path_and_what_was_there(repo: Path, git: Run, commit: Commit) -> None:
    first = commit(**{"a.txt": "one"})
    old = git("rev-parse", "HEAD:a.txt")
    second = commit(**{"a.txt": "two", "other.txt": "x"})
    new = git("rev-parse", "HEAD:a.txt")

    assert list(changes_of(Git(str(repo)), [old, new])) == [
        HistoryChange(first, b"a.txt", old, ()),
        HistoryChange(second, b"a.txt", new, (old,)),
    ]


def test_every_place_and_time_is_told_oldest_first(repo: Path, git: Run, commit: Commit) -> None:
    first = commit(**{"a.txt": "x"})
    oid = git("rev-parse", "HEAD:a.txt")
    git("rm", "-q", "a.txt")
    commit("removed")
    third = commit(**{"d__b.txt": "x", "c.txt": "x"})
    told = [(change.commit, change.path) for change in changes_of(Git(str(repo)), [oid])]

    assert told == [(first, b"a.txt"), (third, b"c.txt"), (third, b"d/b.txt")]


def test_a_merge_brings_only_what_no_parent_had(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "1\n"})
    git("checkout", "-qb", "side")
    side = commit(**{"a.txt": "2\n", "b.txt": "from side"})
    git("checkout", "-q", "main")
    commit(**{"a.txt": "3\n"})
    git("merge", "-q", "side", check=False)
    (repo / "a.txt").write_text("evil\n")
    git("add", ".")
    merge = commit("merge", **{"a.txt": "evil\n", "c.txt": "evil too"})
    ids = {name: git("rev-parse", f"HEAD:{name}") for name in ("a.txt", "b.txt", "c.txt")}
    told = {change.path: change for change in changes_of(Git(str(repo)), ids.values())}

    assert {path: change.commit for path, change in told.items()} == {
        b"a.txt": merge,
        b"b.txt": side,
        b"c.txt": merge,
    }
    assert told[b"a.txt"].old_oids == (git("rev-parse", "HEAD^1:a.txt"), git("rev-parse", "HEAD^2:a.txt"))
    assert told[b"c.txt"].old_oids == ()


def test_a_merge_of_many_parents_is_read(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "base"})
    for name in ("one", "two", "three"):
        git("checkout", "-q", "-b", name, "main")
        commit(**{f"{name}.txt": name, "shared.txt": name})
    tree = git(
        "mktree", input=f"100644 blob {git('hash-object', '-w', '--stdin', input=b'octopus')}\tshared.txt\n".encode()
    )
    merge = git("commit-tree", "-p", "one", "-p", "two", "-p", "three", "-m", "octopus", tree)
    git("update-ref", "refs/heads/octopus", merge)
    (change,) = changes_of(Git(str(repo)), [git("rev-parse", "octopus:shared.txt")])

    assert change.commit == merge
    assert change.old_oids == tuple(git("rev-parse", f"{name}:shared.txt") for name in ("one", "two", "three"))


def test_a_path_is_put_down_to_the_commits_that_added_it(repo: Path, git: Run, commit: Commit) -> None:
    first = commit(**{"name.txt": "1"})
    commit(**{"name.txt": "2"})
    git("rm", "-q", "name.txt")
    commit("removed")
    again = commit(**{"name.txt": "3"})
    told = list(changes_of(Git(str(repo)), [], paths=[b"name.txt"]))

    assert [(change.commit, change.old_oids) for change in told] == [(first, ()), (again, ())]


def test_a_submodule_that_becomes_a_file_has_no_old_object(repo: Path, git: Run, commit: Commit) -> None:
    git("update-index", "--add", "--cacheinfo", f"160000,{'12' * 20},sub")
    git("commit", "-qm", "sub")
    git("rm", "-q", "--cached", "sub")
    commit(sub="x")
    (change,) = changes_of(Git(str(repo)), [git("rev-parse", "HEAD:sub")])

    assert change.old_oids == ()


def test_what_no_ref_reaches_comes_last(repo: Path, git: Run, commit: Commit, at: Callable[[int], None]) -> None:
    at(1)
    commit(**{"a.txt": "base"})
    at(2)
    amended = commit(**{"b.txt": "x"})
    git("reset", "-q", "--hard", "HEAD~1")
    at(3)
    kept = commit(**{"c.txt": "x"})
    oid = git("rev-parse", "HEAD:c.txt")

    assert [change.commit for change in changes_of(Git(str(repo)), [oid])] == [kept, amended]
    assert [change.commit for change in changes_of(Git(str(repo)), [oid], ["--all"])] == [kept]


def test_the_chosen_part_of_the_history_is_looked_at_alone(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "x"})
    git("tag", "old")
    later = commit(**{"b.txt": "x"})
    history = History(Git(str(repo)), Scope(since="old"))
    list(history.blobs())
    told = history.changes_of([git("rev-parse", "HEAD:a.txt")], ())

    assert [change.commit for change in told] == [later]


@pytest.mark.parametrize("harm", ["missing", "damaged", "ref"])
def test_a_harmed_history_is_looked_at_by_date(
    harm: str,
    repo: Path,
    git: Run,
    commit: Commit,
    at: Callable[[int], None],
    remove: Callable[[str], str],
    damage: Callable[[str], str],
) -> None:
    commits = []
    for hour in range(5):
        at(hour)
        commits.append(commit(f"at {hour}", **{f"{hour}.txt": "x"}))
    oid = git("rev-parse", "HEAD:0.txt")
    if harm == "missing":
        remove("HEAD~3")
    if harm == "damaged":
        damage("HEAD~3")
    if harm == "ref":
        (repo / ".git" / "refs" / "heads" / "broken").write_text("12" * 20 + "\n")
    told = [change.commit for change in changes_of(Git(str(repo)), [oid])]

    # What the harmed commit brought, and its child, which cannot be compared with it, are not known.
    assert told == commits if harm == "ref" else [commits[0], *commits[3:]]


def test_git_configuration_changes_no_attribution(repo: Path, git: Run, commit: Commit) -> None:
    commit(**{"a.txt": "x\n" * 40})
    git("mv", "a.txt", "b.txt")
    second = commit(**{"b.txt": "x\n" * 41})
    oid = git("rev-parse", "HEAD:b.txt")
    for setting in (
        "diff.renames=copies",
        "color.ui=always",
        "log.diffMerges=off",
        "core.abbrev=4",
        "diff.relative=true",
    ):
        git("config", *setting.split("="))

    assert list(changes_of(Git(str(repo)), [oid])) == [HistoryChange(second, b"b.txt", oid, ())]


def test_details_are_those_of_the_author(repo: Path, git: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Zoë Ångström")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "zoe@example.org")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2026-03-04T05:06:07-07:30")
    git("commit", "-q", "--allow-empty", "-m", "A subject\nin two lines\n\nA body")
    oid = git("rev-parse", "HEAD")

    assert commit_details(Git(str(repo)), [oid]) == {
        oid: ("Zoë Ångström", "zoe@example.org", "2026-03-04T05:06:07-07:30", "A subject in two lines")
    }


def raw(git: Run, header: str, message: bytes) -> str:
    tree = git("mktree", input=b"")
    data = f"tree {tree}\n{header}\n\n".encode("latin-1") + message
    return git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", input=data)


COMMITTER = "committer C <c@example.org> 1 +0000"


@pytest.mark.parametrize(
    ("header", "author", "date"),
    [
        (f"author Zoë <z@e> 0 +0000\n{COMMITTER}\nencoding ISO-8859-1", "Zoë", "1970-01-01T00:00:00+00:00"),
        (f"author Z <z@e> 0 +0000\n{COMMITTER}\nencoding no-such-thing", "Z", "1970-01-01T00:00:00+00:00"),
        (f"author Z <z@e> 0 +0000\n{COMMITTER}\nencoding undefined", "Z", "1970-01-01T00:00:00+00:00"),
        (f"author Z <z@e> 0 +0000\n{COMMITTER}\nencoding hex", "Z", "1970-01-01T00:00:00+00:00"),
        (f"author Z <z@e> {'9' * 5000} +0000\n{COMMITTER}", "Z", ""),
        (f"author {'<' * 300_000}\n{COMMITTER}", "", ""),
        (f"author  <> 0 +0000\n{COMMITTER}", "", "1970-01-01T00:00:00+00:00"),
        (f"author Z <z@e> 99999999999999999 +0000\n{COMMITTER}", "Z", ""),
        (f"author Z <z@e> 0 +9999\n{COMMITTER}", "Z", ""),
        (f"author Z\n{COMMITTER}", "", ""),
        (f"{COMMITTER}", "", ""),
        (f"author Z <z@e> 0 +0000\n{COMMITTER}\ngpgsig x\n author Y <y@e> 5 +0000", "Z", "1970-01-01T00:00:00+00:00"),
    ],
)
def test_an_odd_commit_gives_what_it_has(header: str, author: str, date: str, repo: Path, git: Run) -> None:
    oid = raw(git, header, b"subject\n")
    found = commit_details(Git(str(repo)), [oid])[oid]

    assert (found.author, found.date, found.subject) == (author, date, "subject")


def test_commits_that_cannot_be_read_have_no_details(repo: Path, git: Run, commit: Commit) -> None:
    good = commit(**{"a.txt": "x"})
    blob = git("rev-parse", "HEAD:a.txt")

    assert list(commit_details(Git(str(repo)), [good, blob, "12" * 20])) == [good]


def test_the_refs_that_reach_a_commit_are_told(repo: Path, git: Run, commit: Commit, tmp_path: Path) -> None:
    first = commit(**{"a.txt": "1"})
    git("tag", "-a", "annotated", "-m", "x")
    git("tag", "-a", "nested", "-m", "x", "annotated")
    git("tag", "light")
    git("tag", "of-a-blob", "HEAD:a.txt")
    git("checkout", "-qb", "side")
    second = commit(**{"b.txt": "2"})
    git("checkout", "-q", "main")
    third = commit(**{"c.txt": "3"})
    git("update-ref", "refs/remotes/origin/main", third)
    git("checkout", "-q", "--detach")
    fourth = commit(**{"d.txt": "4"})
    lost = git("commit-tree", "-p", "HEAD", "-m", "lost", "HEAD^{tree}")
    git("gc", "-q", "--prune=never")
    everywhere = {"refs/heads/main", "refs/heads/side", "refs/remotes/origin/main", "HEAD"}
    everywhere |= {"refs/tags/annotated", "refs/tags/nested", "refs/tags/light"}
    reached = refs_reaching(Git(str(repo)), [first, second, third, fourth, lost])

    assert {commit: set(refs) for commit, refs in reached.items()} == {
        first: everywhere,
        second: {"refs/heads/side"},
        third: {"refs/heads/main", "refs/remotes/origin/main", "HEAD"},
        fourth: {"HEAD"},
        lost: set(),
    }
    assert list(reached[first]) == sorted(reached[first])


def test_head_is_no_name_of_its_own_on_a_branch(repo: Path, commit: Commit) -> None:
    first = commit(**{"a.txt": "1"})

    assert refs_reaching(Git(str(repo)), [first]) == {first: ("refs/heads/main",)}


def test_asking_for_the_refs_of_nothing_or_of_an_empty_repository_is_fine(repo: Path) -> None:
    assert refs_reaching(Git(str(repo)), []) == {}
    assert refs_reaching(Git(str(repo)), ["12" * 20]) == {"12" * 20: ()}


def test_refs_of_a_history_with_a_missing_commit_are_no_traceback(
    repo: Path, commit: Commit, remove: Callable[[str], str]
) -> None:
    for number in range(3):
        last = commit(f"{number}")
    remove("HEAD~1")

    assert refs_reaching(Git(str(repo)), [last]) in ({last: ()}, {last: ("refs/heads/main",)})


def test_what_head_holds_is_told_from_any_folder(repo: Path, git: Run, commit: Commit) -> None:
    assert blobs_in_head(Git(str(repo))) == set()
    commit(**{"a.txt": "1", "d__b\n.txt": "2"})
    git("update-index", "--add", "--cacheinfo", f"160000,{'12' * 20},sub")
    git("commit", "-qm", "sub")
    for where in (repo, repo / "d"):
        assert blobs_in_head(Git(str(where))) == {git("rev-parse", "HEAD:a.txt"), git("rev-parse", "HEAD:d/b\n.txt")}
        assert names_in_head(Git(str(where))) == {b"a.txt", b"d", b"d/b\n.txt"}


def test_a_repository_of_sha_256_is_read(tmp_path: Path) -> None:
    def git(*args: str) -> str:
        done = subprocess.run(["git", "-C", tmp_path, *args], capture_output=True, check=True)
        return done.stdout.decode().strip()

    git("init", "-q", "--object-format=sha256")
    (tmp_path / "a.txt").write_text("x")
    git("add", "a.txt")
    git("commit", "-qm", "x")
    commit, oid = git("rev-parse", "HEAD"), git("rev-parse", "HEAD:a.txt")

    assert list(changes_of(Git(str(tmp_path)), [oid])) == [HistoryChange(commit, b"a.txt", oid, ())]
    assert blobs_in_head(Git(str(tmp_path))) == {oid}
    assert list(refs_reaching(Git(str(tmp_path)), [commit])) == [commit]
