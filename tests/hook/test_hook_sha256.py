"""A repository of SHA-256: ids are longer, and every hook reads them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from operations import OPERATIONS
from pushes import PUSHES
from world import CLEAN, SECRET, TOKEN, World, copied, made, programs

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs scripts that the system runs")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> World:
    folder = tmp_path_factory.mktemp("sha256")
    return made(folder / "world", programs(folder / "bin"), cache, "sha256")


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    return copied(template, tmp_path / "world")


@pytest.mark.parametrize(
    ("name", "message", "hook"),
    [
        ("`git commit -m`", "change", "pre-commit"),
        ("`git merge --no-ff`", "change", "pre-merge-commit"),
        ("`git merge --squash`, then `git commit`", f"use {TOKEN}", "prepare-commit-msg"),
        ("`git commit -m`", f"use {TOKEN}", "commit-msg"),
    ],
    ids=["pre-commit", "pre-merge-commit", "prepare-commit-msg", "commit-msg"],
)
def test_hooks_of_a_commit_stop_a_secret(name: str, message: str, hook: str, world: World) -> None:
    done = OPERATIONS[name](world, SECRET if message == "change" else CLEAN, message)

    assert (done.code, done.door) == (1, hook), done.text


@pytest.mark.parametrize("name", ["a branch that is there", "a new branch", "a tag of a tag", "`--force`"])
def test_hooks_of_a_push_stop_a_secret(name: str, world: World, tmp_path: Path) -> None:
    server = copied(world, tmp_path / "second")
    server.tightlip("install", "--server", server.server)

    by_person, by_server = PUSHES[name](world, secret=True), PUSHES[name](server, "--no-verify", secret=True)

    assert (by_person.code, by_person.door) == (1, "pre-push"), by_person.text
    assert (by_server.code, by_server.door) == (1, "pre-receive"), by_server.text


@pytest.mark.parametrize("name", ["`git commit -m`", "`git merge --no-ff`"])
def test_without_a_secret_all_pass(name: str, world: World) -> None:
    world.tightlip("install", "--server", world.server)
    done = OPERATIONS[name](world, CLEAN, "change")
    pushed = world.git("push", "origin", "main")

    assert (done.code, pushed.code) == (0, 0), done.text + pushed.text
    assert pushed.called == (("pre-push", 0), ("pre-receive", 0))
