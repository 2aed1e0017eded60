"""Hooks that a graphical client or a server starts, with next to nothing in the environment."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from world import CLEAN, SECRET, TOKEN, World, copied, made, programs

from tightlip import cachefolder

pwd = pytest.importorskip("pwd")
pytestmark = pytest.mark.skipif(shutil.which("env") is None, reason="needs env")

EVENTS = {
    "pre-commit": ("commit", "-m", "change"),
    "commit-msg": ("commit", "-m", f"use {TOKEN}"),
    "pre-merge-commit": ("merge", "--no-ff", "-m", "change", "side"),
    "prepare-commit-msg": ("merge", "--no-ff", "-m", f"use {TOKEN}", "side"),
    "pre-push": ("push", "origin", "main"),
    "pre-receive": ("push", "--no-verify", "origin", "main"),
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> World:
    folder = tmp_path_factory.mktemp("environment")
    world = made(folder / "world", programs(folder / "bin"), cache)
    world.tightlip("install", "--server", world.server)
    return world


@pytest.fixture
def world(template: World, tmp_path: Path) -> World:
    return copied(template, tmp_path / "world")


def start(world: World, event: str, *settings: str, text: str) -> tuple[int, str]:
    """Do what git asks a hook about, with nothing in the environment but settings."""
    if event.startswith("pre-merge") or event == "prepare-commit-msg":
        world.quietly("switch", "-q", "-c", "side")
        world.put("b.py", text)
        world.quietly("switch", "-q", "main")
    elif event in ("pre-push", "pre-receive"):
        world.put("b.py", text)
    else:
        world.write("b.py", text)
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    cache = f"TIGHTLIP_CACHE={world.cache}"
    done = world.run("env", "-i", cache, *settings, shutil.which("git") or "git", *who, *EVENTS[event])
    return done.code, done.text


@pytest.mark.parametrize("event", EVENTS)
def test_each_hook_finds_its_program_and_stops_a_secret(event: str, world: World) -> None:
    is_message = TOKEN in " ".join(EVENTS[event])

    code, told = start(world, event, text=CLEAN if is_message else SECRET)

    assert code == 1
    assert f"tightlip stopped this {'push' if 'push' in EVENTS[event] else 'commit'}: 1 secret" in told
    assert TOKEN not in told


@pytest.mark.parametrize("event", ["pre-commit", "pre-merge-commit", "pre-push", "pre-receive"])
def test_what_is_clean_passes(event: str, world: World) -> None:
    code, told = start(world, event, text=CLEAN)

    assert code == 0, told


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("event", ["pre-commit", "commit-msg", "pre-push", "pre-receive"])
def test_an_output_of_few_letters_is_enough(event: str, encoding: str, world: World) -> None:
    is_message = TOKEN in " ".join(EVENTS[event])
    settings = (f"PYTHONIOENCODING={encoding}", "LC_ALL=C")

    code, told = start(world, event, *settings, text=CLEAN if is_message else SECRET)

    assert code == 1
    assert "tightlip stopped this" in told


@pytest.mark.parametrize("event", ["commit-msg", "pre-push", "pre-receive"])
def test_a_hook_that_finds_no_tightlip_says_so_and_stops(event: str, world: World) -> None:
    folder = (world.server if event == "pre-receive" else world.repo / ".git") / "hooks"
    path = folder / event
    lines = path.read_text("utf-8").splitlines()
    gone = {"program": "program=/nowhere/tightlip-hook", "python": "python=/nowhere/python3"}
    text = "\n".join(gone.get(line.partition("=")[0], line) for line in lines)
    path.write_text(text.replace("python3 python;", ";").replace('"$program" tightlip-hook;', '"$program";') + "\n")
    if event == "commit-msg":
        (folder / "pre-commit").unlink()
        (folder / "prepare-commit-msg").unlink()

    code, told = start(world, event, text=CLEAN)

    assert code == 1
    assert f"tightlip: the {event} hook does not find tightlip, so nothing was looked at, and git stops here." in told


@pytest.mark.parametrize("home", [None, "", "relative"], ids=["none", "empty", "relative"])
def test_no_home_makes_no_cache_in_the_folder_that_is_scanned(
    home: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unknown(number: int) -> None:
        raise KeyError(number)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "TIGHTLIP_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)

    assert Path(cachefolder.path()).is_absolute()
    assert home == "" or not cachefolder.is_usable()
