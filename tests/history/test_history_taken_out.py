"""The commit after which HEAD holds a secret no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from random_histories import Story, stories, written
from secrets_made_up import token
from streams import Git, Stream, git_in, new

import tightlip
from tightlip.engine import Scanner
from tightlip.finding import TakenOut

VALUE = token(1)
LINE = f"key = {VALUE}\n"


def taken_out(where: Path, scanner: Scanner) -> list[TakenOut | None]:
    return [it.taken_out for it in tightlip.scan_history(where, scanner=scanner).findings]


def made(stream: Stream, where: Path, *, head: int) -> Git:
    run = new(where)
    stream.take_in(run, refs={"refs/heads/main": head})
    return run


def test_a_secret_that_was_deleted_is_taken_out_by_the_commit_that_did_so(tmp_path: Path, scanner: Scanner) -> None:
    stream = Stream()
    stream.commit({"a.env": LINE})
    stream.commit({"b.env": LINE})
    stream.commit({"a.env": "nothing\n"})
    last = stream.commit({"b.env": None})
    run = made(stream, tmp_path, head=stream.commit({"c": "more\n"}))
    assert taken_out(tmp_path, scanner) == [TakenOut(run("rev-parse", "main~1"), "2023-11-14T22:17:20+00:00")]
    assert last == 4


def test_one_that_came_again_is_taken_out_by_the_last_commit_that_did_so(tmp_path: Path, scanner: Scanner) -> None:
    stream = Stream()
    for content in (LINE, "nothing\n", f"{LINE}more\n", "nothing\n"):
        head = stream.commit({"a.env": content})
    run = made(stream, tmp_path, head=head)
    assert [it and it.commit for it in taken_out(tmp_path, scanner)] == [run("rev-parse", "main")]


def test_moving_a_file_takes_nothing_out(tmp_path: Path, scanner: Scanner) -> None:
    stream = Stream()
    stream.commit({"a.env": LINE})
    made(stream, tmp_path, head=stream.commit({"a.env": None, "b/c.env": LINE}))
    assert taken_out(tmp_path, scanner) == [None]


def test_what_only_another_branch_ever_had_was_taken_out_by_nobody(tmp_path: Path, scanner: Scanner) -> None:
    stream = Stream()
    stream.commit({"a": "nothing\n"})
    stream.commit({"a.env": LINE})
    stream.commit({"a.env": None})
    made(stream, tmp_path, head=stream.commit({"b": "more\n"}, [1]))
    assert taken_out(tmp_path, scanner) == [None]


def test_a_merge_that_drops_what_one_side_had_takes_it_out(tmp_path: Path, scanner: Scanner) -> None:
    stream = Stream()
    stream.commit({"a": "nothing\n"})
    stream.commit({"a.env": LINE})
    stream.commit({"b": "more\n"}, [1])
    run = made(stream, tmp_path, head=stream.commit({"c": "merged\n"}, [3, 2]))
    assert [it and it.commit for it in taken_out(tmp_path, scanner)] == [run("rev-parse", "main")]


def test_it_is_known_from_an_earlier_scan_too(tmp_path: Path, scanner: Scanner) -> None:
    stream = Stream()
    stream.commit({"a.env": LINE})
    made(stream, tmp_path, head=stream.commit({"a.env": None}))
    first, again = (tightlip.scan_history(tmp_path, scanner=scanner, cache=True).findings for _ in range(2))
    assert first == again
    assert first[0].taken_out


def test_folders_as_deep_as_nobody_makes_them_are_no_trouble(tmp_path: Path, scanner: Scanner) -> None:
    stream = Stream()
    deep = "/".join("d" * 1800)
    stream.commit({f"{deep}/a.env": LINE})
    made(stream, tmp_path, head=stream.commit({f"{deep}/a.env": None}))
    assert all(taken_out(tmp_path, scanner))


@pytest.mark.slow
@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=10
)
@given(story=stories())
def test_looking_at_every_commit_says_the_same(
    story: Story, scanner: Scanner, tmp_path_factory: pytest.TempPathFactory
) -> None:
    where = written(story, tmp_path_factory.mktemp("r"))
    run = git_in(where)
    for it in tightlip.scan_history(where, scanner=scanner).findings:
        value = it.secret.reveal().decode()
        if it.in_head is False and it.rule.startswith("github") and not it.decoded_through:
            assert (it.taken_out and it.taken_out.commit) in at_first_sight(run, value)


def at_first_sight(run: Git, value: str) -> set[str | None]:
    """The commits of HEAD's history that do not hold a value where a parent does, of the newest date; else None."""
    lines = [line.split() for line in run("log", "--format=%H %ct %P").splitlines()]
    holds = {commit: is_there(run, commit, value) for commit, *_ in lines}
    gone = [
        (int(when), commit) for commit, when, *parents in lines if not holds[commit] and any(map(holds.get, parents))
    ]
    # Clocks go wrong by chance in these histories: any is right where a parent is younger than its child.
    return {commit for _, commit in gone} or {None}


def is_there(run: Git, commit: str, value: str) -> bool:
    names = [line.split()[2] for line in run("ls-tree", "-r", commit).splitlines()]
    return any(value in run("cat-file", "blob", oid).replace("\0", "") for oid in names)  # UTF-16 holds it, too
