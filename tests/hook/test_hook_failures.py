"""When something is wrong, the hook says so in one clear line, and never passes as clean."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip import builtin

Git = Callable[..., str]
Stage = Callable[[str, str | bytes], None]
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


def is_one_error(done: Done) -> bool:
    """Whether it ended with code 2 and one line that says so."""
    line = done.stderr.removesuffix("\n")
    return (done.returncode, done.stdout) == (2, "") and line.startswith("tightlip: error: ") and line.isprintable()


@pytest.fixture
def rules(tmp_path: Path, entry: list[str]) -> Path:
    """A folder with one rule file that the hook uses in place of the built-in ones."""
    folder = tmp_path / "rules"
    folder.mkdir()
    shutil.copy(Path(builtin.folder()) / "source" / "github.yaml", folder)
    script = Path(entry[1])
    patch = f"import tightlip.builtin\ntightlip.builtin.folder = lambda: {str(folder)!r}\nfrom tightlip.hooks"
    script.write_text(script.read_text("utf-8").replace("from tightlip.hooks", patch), "utf-8")
    return folder


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("home", [None, os.devnull + "/home"], ids=["no home", "a home that is none"])
def test_a_cache_that_cannot_be_written_costs_only_time(
    home: str | None, token: str, stage: Stage, hook: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TIGHTLIP_CACHE", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    if home:
        monkeypatch.setenv("HOME", home)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    stage("a.txt", token)

    done = hook()

    assert (done.returncode, done.stderr) == (1, "")
    assert "a.txt:1:1" in done.stdout


def test_a_damaged_index_is_one_clear_line(repo: Path, stage: Stage, hook: Run) -> None:
    stage("a.txt", "clean")
    (repo / ".git" / "index").write_bytes(b"DIRC damaged")

    done = hook()

    assert is_one_error(done), done
    assert "index" in done.stderr


def test_a_missing_object_is_told_with_its_path_and_not_called_clean(
    repo: Path, git: Git, stage: Stage, hook: Run
) -> None:
    stage("src/a.txt", "clean")
    oid = git("rev-parse", ":src/a.txt")
    (repo / ".git" / "objects" / oid[:2] / oid[2:]).unlink()

    done = hook()

    assert (done.returncode, done.stderr) == (3, "")
    assert "src/a.txt" in done.stdout
    assert "1 thing was not scanned" in done.stdout


def test_without_git_there_is_one_clear_line(tmp_path: Path, hook: Run) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    done = hook(env={"PATH": str(empty)})

    assert is_one_error(done), done
    assert "no git program" in done.stderr


def test_outside_of_a_repository_there_is_one_clear_line(tmp_path: Path, hook: Run) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()

    done = hook(cwd=outside)

    assert is_one_error(done), done
    assert "not a git repository" in done.stderr


@pytest.mark.parametrize("name", [(), ("pre-push-to-the-moon",)])
def test_an_unknown_hook_is_one_clear_line(name: tuple[str, ...], entry: list[str], run: Run) -> None:
    assert is_one_error(run(*entry, *name, stderr=subprocess.PIPE))


def test_a_broken_rule_file_is_one_clear_line(rules: Path, stage: Stage, hook: Run) -> None:
    (rules / "broken.yaml").write_text("rules: [", "utf-8")
    stage("a.txt", "clean")

    done = hook()

    assert is_one_error(done), done
    assert "broken.yaml" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send")
def test_an_interrupt_ends_it_and_git_with_it(repo: Path, tmp_path: Path, entry: list[str]) -> None:
    folder, started = tmp_path / "slow", tmp_path / "started"
    folder.mkdir()
    fake = folder / "git"
    fake.write_text(f'#!/bin/sh\necho $$ > "{started}.new"\nmv "{started}.new" "{started}"\nexec sleep 60\n', "utf-8")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    env = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    with subprocess.Popen(
        [*entry, "pre-commit"], cwd=repo, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 20
        while not started.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)

    assert (process.returncode, out) == (130, "")
    assert err.startswith("tightlip: interrupted")
    assert err.count("\n") == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text("utf-8")), 0)


def test_a_name_that_is_not_there_is_one_clear_line(hook: Run) -> None:
    done = hook("nowhere.txt")

    assert is_one_error(done), done
    assert "nowhere.txt" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="a shell closes the streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_secret_stops_the_commit_where_nobody_can_hear_of_it(
    closed: str, token: str, stage: Stage, entry: list[str], run: Run
) -> None:
    stage("a.py", f"t = '{token}'\n")
    assert run("sh", "-c", f'exec "$@" {closed}', "sh", *entry, "pre-commit").returncode == 1
