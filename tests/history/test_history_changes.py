"""Who brought what: the objects' own word, and git's."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_histories import Story, stories, written
from secrets_made_up import prose
from streams import Stream, new

from tightlip import tasks
from tightlip.engine import Scanner
from tightlip.git import attribution, changes
from tightlip.git.changes import HistoryChange, Record
from tightlip.git.plumbing import Git
from tightlip.git.repo import refs
from tightlip.tally import Tally
from tightlip.whole import Whole

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def swept(where: Path, scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> Whole:
    monkeypatch.setattr(tasks, "_LEAST", 500)
    whole = Whole(Git(str(where)), Tally(scanner), jobs=1, progress=None)
    whole.run()
    return whole


def every_change(git: Git) -> list[HistoryChange]:
    found = []
    for record in changes.stream(git, attribution.commits_in_store(git)):
        assert isinstance(record, Record)
        change = record.change()
        if change:
            found.append(change)
    return found


def together(some: Iterable[HistoryChange], asked: Collection[str]) -> list[tuple[str, bytes, str, set[str]]]:
    """Changes without what was there before that was not asked about: only git tells that too."""
    return sorted((one.commit, one.path, one.oid, set(one.old_oids) & set(asked)) for one in some)


def check(where: Path, scanner: Scanner, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Ask both about some of the objects and names, and compare the answers and their order."""
    whole, git = swept(where, scanner, monkeypatch), Git(str(where))
    every = every_change(git)
    chance = random.Random(number)
    oids = sorted({change.oid for change in every if change.oid})
    names = sorted({change.path.rpartition(b"/")[2] for change in every})
    asked = chance.sample(oids, min(len(oids), 4))
    wanted = chance.sample(names, min(len(names), 1))
    found = whole.graph.changes_of(list(map(whole.row, asked)), wanted, set(whole.tips.values()))
    # Git knows of no trees: what a folder of that name brings is told of the files in it.
    paths = {change.path for change in every if change.path.rpartition(b"/")[2] in wanted}
    expected = list(attribution.changes_of(git, asked, paths=paths))

    ours = [change for change in found if change.oid in asked]
    assert together(ours, asked) == together((change for change in expected if change.oid in asked), asked)
    by_name = [change for change in found if change.path in paths and not change.old_oids]
    assert {(c.commit, c.path) for c in by_name} >= {
        (c.commit, c.path) for c in expected if c.path in paths and not c.old_oids
    }
    parents_come_first(git, [change.commit for change in found])
    unreached_come_last(git, [change.commit for change in found])


def parents_come_first(git: Git, commits: list[str]) -> None:
    before: dict[str, set[str]] = defaultdict(set)
    for line in (
        git.run("rev-list", "--topo-order", "--reverse", "--parents", "--stdin", stdin="\n".join(commits).encode())
        .decode()
        .splitlines()
    ):
        commit, *parents = line.split()
        before[commit] = {ancestor for parent in parents for ancestor in before[parent] | {parent}}
    for at, commit in enumerate(commits):
        assert not before[commit] & set(commits[at + 1 :]) - {commit}


def unreached_come_last(git: Git, commits: list[str]) -> None:
    reached = set(git.run("rev-list", "--all").decode().split())
    flags = [commit not in reached for commit in commits]
    assert flags == sorted(flags)


@settings(relaxed, max_examples=25)
@given(story=stories(), number=st.integers(0, 1000))
def test_changes_are_those_that_git_tells(
    story: Story, number: int, scanner: Scanner, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        check(written(story, tmp_path_factory.mktemp("r")), scanner, patch, number)


@settings(relaxed, max_examples=15)
@given(story=stories())
def test_refs_reach_the_commits_that_git_says(
    story: Story, scanner: Scanner, tmp_path_factory: pytest.TempPathFactory
) -> None:
    where = written(story, tmp_path_factory.mktemp("r"))
    with pytest.MonkeyPatch.context() as patch:
        whole, git = swept(where, scanner, patch), Git(str(where))
    commits = attribution.commits_in_store(git).decode().split()
    found = whole.graph.refs_reaching([whole.row(commit) for commit in commits], whole.tips)

    assert set(whole.tips) == set(refs(git))
    assert {whole.oid(row): names for row, names in found.items()} == attribution.refs_reaching(git, commits)


def test_changes_of_one_commit_are_in_the_order_of_their_paths(
    tmp_path: Path, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As git tells them, and not in one that differs with how the objects happen to be packed."""
    run = new(tmp_path / "r")
    out = Stream()
    out.commit({f"{name}.txt": f"content of {name}" for name in "hgfedcba"} | {"d/x": "deep", "z": "last"})
    out.take_in(run, refs={"refs/heads/main": 1})
    whole = swept(tmp_path / "r", scanner, monkeypatch)
    oids = run("ls-tree", "-r", "main", "--format=%(objectname)").split()
    found = whole.graph.changes_of(list(map(whole.row, oids)), [], set(whole.tips.values()))

    assert [change.path for change in found] == sorted(change.path for change in found)


def paths_of(whole: Whole, oid: str) -> list[bytes]:
    tips = set(whole.tips.values())
    return [change.path for change in whole.graph.changes_of([whole.row(oid)], [], tips)]


def test_a_file_that_gets_a_name_as_long_as_its_old_one_is_not_in_both_places(
    tmp_path: Path, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder then has as many bytes as before, of which few differ."""
    run = new(tmp_path / "r")
    many = {f"{name}.txt": prose(number) for number, name in enumerate("abcdefghij")}
    out = Stream()
    out.commit(many)
    out.commit({"b.txt": None, "b.tyt": many["b.txt"]})
    out.commit({"b.tyt": None, "b.txt": many["b.txt"]})
    out.take_in(run, refs={"refs/heads/main": 3})
    whole = swept(tmp_path / "r", scanner, monkeypatch)

    assert paths_of(whole, run("rev-parse", "main:b.txt")) == [b"b.txt", b"b.tyt", b"b.txt"]
    tree = whole.row(run("rev-parse", "main~1^{tree}"))
    assert whole.graph.paths_in(tree, [whole.row(run("rev-parse", "main:b.txt"))], []) == [
        (b"b.tyt", run("rev-parse", "main:b.txt"))
    ]


def test_folders_that_are_told_as_changes_of_each_other_keep_their_own_names(
    tmp_path: Path, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new(tmp_path / "r")
    out = Stream()
    out.commit({"one/a.txt": "the same", "two/b.txt": "the same"})
    out.take_in(run, refs={"refs/heads/main": 1})
    whole = swept(tmp_path / "r", scanner, monkeypatch)

    assert sorted(paths_of(whole, run("rev-parse", "main:one/a.txt"))) == [b"one/a.txt", b"two/b.txt"]
