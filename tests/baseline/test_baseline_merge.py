"""Two branches that each add to the file, put together by git as it is."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from baselines import NAME, Run, entries

from tightlip.baseline import file
from tightlip.baseline.entry import Entry
from tightlip.cli.baseline import create

Commit = Callable[..., None]
Git = Callable[..., str]


@pytest.fixture
def values() -> Iterator[str]:
    """Made-up tokens, one after the other; always the same."""
    chosen = random.Random(7)
    letters = string.ascii_letters + string.digits
    return ("gh" + "p_" + "".join(chosen.choices(letters, k=36)) for _ in iter(int, 1))


@pytest.fixture
def begun(repo: Path, run: Run, commit: Commit, values: Iterator[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a baseline whose identities are the same in every run."""
    monkeypatch.setattr(create, "new_salt", lambda: "5f" * 16)
    commit(a_py=f"TOKEN = '{next(values)}'\n")
    assert run("baseline", "create", "--no-gitattributes").code == 0
    commit()
    return repo


def add(run: Run, commit: Commit, name: str, tokens: list[str]) -> None:
    """Commit findings, and what makes them known."""
    commit(**{name: "".join(f"TOKEN = '{token}'\n" for token in tokens)})
    assert run("baseline", "update").out.startswith(f"{len(tokens)} finding")
    commit()


def test_branches_that_each_add_merge_without_a_conflict(
    begun: Path, run: Run, commit: Commit, git: Git, values: Iterator[str]
) -> None:
    git("checkout", "-q", "-b", "topic")
    add(run, commit, "b_py", [next(values) for _ in range(3)])
    git("checkout", "-q", "main")
    add(run, commit, "c_py", [next(values) for _ in range(3)])
    git("merge", "-q", "topic")

    assert len(entries(begun)) == 7
    assert run("scan").code == 0
    assert run("baseline", "update").out.startswith("0 findings added")
    assert git("status", "--porcelain") == ""


def test_branches_that_add_the_same_merge_without_a_conflict(
    begun: Path, run: Run, commit: Commit, git: Git, values: Iterator[str]
) -> None:
    tokens = [next(values) for _ in range(5)]
    git("checkout", "-q", "-b", "topic")
    add(run, commit, "b_py", tokens)
    git("checkout", "-q", "main")
    add(run, commit, "b_py", tokens)
    git("merge", "-q", "topic")

    assert len(entries(begun)) == 6


def test_branches_that_each_add_many_merge_without_a_conflict_as_create_leaves_it(
    repo: Path, run: Run, commit: Commit, git: Git
) -> None:
    run("baseline", "create")
    commit()
    git("checkout", "-q", "-b", "topic")
    written(repo, *(number << 72 for number in range(0, 200, 2)))
    commit()
    git("checkout", "-q", "main")
    written(repo, *(number << 72 for number in range(1, 200, 2)), 7)
    commit()
    git("merge", "-q", "topic")

    assert len(entries(repo)) == 201


def written(where: Path, *numbers: int) -> None:
    made = tuple(Entry(f"{number:020x}", "github-pat-classic", f"{number}.py") for number in numbers)
    (where / NAME).write_text(file.Baseline(("5f" * 16,), made).text, "utf-8")


@pytest.mark.parametrize("attributes", [file.ATTRIBUTES, ""])
def test_what_meets_in_one_gap_needs_the_line_in_gitattributes(
    attributes: str, repo: Path, commit: Commit, git: Git, run: Run
) -> None:
    (repo / ".gitattributes").write_text(f"{attributes}\n", "utf-8")
    written(repo, 1)
    commit()
    git("checkout", "-q", "-b", "topic")
    written(repo, 1, 2, 4)
    commit()
    git("checkout", "-q", "main")
    written(repo, 1, 3, 4)
    commit()
    git("merge", "-q", "topic", check=bool(attributes))

    content = (repo / NAME).read_bytes()
    assert (b"<<<<<<<" in content) != bool(attributes)
    if attributes:
        assert {int(entry.id, 16) for entry in file.parse(content).entries} == {1, 2, 3, 4}
    else:
        assert "git left a conflict here" in run("baseline", "check").err
