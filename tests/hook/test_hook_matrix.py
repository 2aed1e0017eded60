"""Which hook stops what, by real git: docs/hooks.md has the tables, and each of their cells is tried here.

What git calls no hook for is stopped by the next one: at the latest by pre-push, before it leaves the machine.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from operations import OPERATIONS, commit, verbose
from pushes import PUSHES
from pushing import install
from world import CLEAN, SECRET, TOKEN, Ran, World, copied, made, programs

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "hooks.md"
COMMITTING = ("pre-commit", "pre-merge-commit", "prepare-commit-msg", "commit-msg", "pre-push")
PUSHING = ("pre-push", "pre-receive", "update")
PARTS = {"files": (SECRET, "change"), "message": (CLEAN, f"use {TOKEN}")}
"""Where the secret is: what stands in the file, and the message."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs scripts that the system runs")


def table(*columns: str) -> dict[str, dict[str, str]]:
    """Return the table of the page with these columns after its first one: rows, and in them what the columns hold."""
    lines = PAGE.read_text("utf-8").splitlines()
    (start,) = (at for at, line in enumerate(lines) if _cells(line)[1:] == [f"`{name}`" for name in columns])
    rows = dict[str, dict[str, str]]()
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return rows
        name, *cells = _cells(line)
        rows[name] = dict(zip(columns, cells, strict=True))
    return rows


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def door(what: str, row: dict[str, str]) -> str:
    """Return the hook that stops a thing, which a row has to say exactly once."""
    (found,) = (hook for hook, cell in row.items() if what in cell.split(", "))
    return found


COMMITS = table(*COMMITTING)
SENT = table(*PUSHING)
plain = re.compile(r"[^\w ./:*-]+").sub


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> World:
    folder = tmp_path_factory.mktemp("hooks")
    return made(folder / "world", programs(folder / "bin"), cache)


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    return copied(template, tmp_path / "world")


@pytest.fixture(scope="session")
def guarded(template: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """One whose server has both of its hooks."""
    world = copied(template, tmp_path_factory.mktemp("guarded") / "world")
    world.tightlip("install", "--server", world.server)
    install(world.server, "update", [str(world.programs / "tightlip-hook")])
    return world


def push(world: World) -> Ran:
    return world.git("push", "origin", "HEAD:refs/heads/new")


def test_the_tables_have_all_that_is_tried() -> None:
    assert list(COMMITS) == list(OPERATIONS)
    assert list(SENT) == list(PUSHES)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("name", OPERATIONS, ids=lambda name: plain("", name))
def test_a_secret_is_stopped_by_the_hook_that_the_table_names(name: str, part: str, world: World) -> None:
    done = OPERATIONS[name](world, *PARTS[part])
    if not done.door:  # git called no hook for it, or one that does not see it
        assert done.code == 0, done.text
        done = push(world)

    assert done.door == door(part, COMMITS[name]), done.text
    assert done.code == 1
    assert f"tightlip stopped this {'push' if done.door == 'pre-push' else 'commit'}: 1 secret" in done.text


@pytest.mark.parametrize("name", OPERATIONS, ids=lambda name: plain("", name))
def test_without_a_secret_it_passes_every_hook(name: str, world: World) -> None:
    done = OPERATIONS[name](world, CLEAN, "change")
    pushed = push(world)

    assert (done.code, done.door) == (0, ""), done.text
    assert (pushed.code, pushed.called) == (0, (("pre-push", 0),)), pushed.text


@pytest.mark.parametrize("hook", PUSHING)
@pytest.mark.parametrize("name", PUSHES, ids=lambda name: plain("", name))
def test_a_secret_is_pushed_past_no_hook_that_the_table_names(
    name: str, hook: str, world: World, guarded: World, tmp_path: Path
) -> None:
    if hook != "pre-push":  # the one that is asked about, and no other
        world = copied(guarded, tmp_path / "guarded")
        for other in set(PUSHING) - {hook}:
            (where(world, other) / other).unlink()

    done = PUSHES[name](world, secret=True)

    if SENT[name][hook] == "stops":
        assert (done.code, done.door) == (1, hook), done.text
        assert "tightlip stopped this push: 1 secret" in done.text
    else:
        assert SENT[name][hook] == "is not called"
        assert (done.code, done.called) == (0, ()), done.text


def where(world: World, hook: str) -> Path:
    return (world.repo / ".git" if hook == "pre-push" else world.server) / "hooks"


@pytest.mark.parametrize("name", PUSHES, ids=lambda name: plain("", name))
def test_a_push_without_a_secret_passes_every_hook(name: str, guarded: World, tmp_path: Path) -> None:
    world = copied(guarded, tmp_path / "guarded")

    done = PUSHES[name](world, secret=False)

    assert (done.code, done.door) == (0, ""), done.text
    called = {hook for hook, _ in done.called}
    assert called == {hook for hook, cell in SENT[name].items() if cell == "stops"}


def test_a_deletion_asks_every_hook_and_has_nothing_to_scan(guarded: World, tmp_path: Path) -> None:
    world = copied(guarded, tmp_path / "guarded")
    world.quietly("push", "-q", "origin", "main:old")

    done = world.git("push", "origin", ":old")

    assert (done.code, done.called) == (0, tuple((hook, 0) for hook in PUSHING)), done.text


def test_a_secret_that_a_commit_takes_out_is_in_the_editor_below_the_scissors_only(world: World) -> None:
    world.put("b.py", SECRET)

    done = verbose(world, CLEAN, "no token any more")

    assert (done.code, done.door) == (0, ""), done.text
    assert world.quietly("log", "-1", "--format=%B") == "no token any more"


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("`git rebase`", {"prepare-commit-msg"}),
        ("`git cherry-pick`", {"prepare-commit-msg"}),
        ("`git revert`", {"prepare-commit-msg"}),
        ("`git merge`, fast-forward", set[str]()),
        ("`git am`", {"applypatch-msg", "pre-applypatch"}),
    ],
    ids=["rebase", "cherry-pick", "revert", "fast-forward", "am"],
)
def test_git_asks_few_hooks_of_commits_that_it_makes_by_itself(name: str, called: set[str], world: World) -> None:
    for hook in ("applypatch-msg", "pre-applypatch"):  # which are not installed
        path = world.repo / ".git" / "hooks" / hook
        path.write_text("#!/bin/sh\n", "utf-8")
        path.chmod(0o755)

    done = OPERATIONS[name](world, CLEAN, "change")

    assert {hook for hook, _ in done.called} == called


def test_all_hooks_run_at_once_and_in_order(world: World) -> None:
    done = commit(world, CLEAN, "change")

    assert done.called == (("pre-commit", 0), ("prepare-commit-msg", 0), ("commit-msg", 0))
