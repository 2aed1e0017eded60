"""Several first runs at once: one compiles the rules, the others wait, and nothing that happens to it holds them up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import tightlip
from tightlip.engine import firstrun

RULE = """
rules:
  - id: a
    name: Test key
    severity: high
    confidence: high
    pattern: '(?P<secret>tkey_[0-9a-z]{12})'
    remediation: [Revoke it.]
    examples: {match: ['«tkey_[0-9a-z]{12}»']}
"""
LOAD = """
import sys, time
from tightlip import rules
from tightlip.engine import rulecache

def read():
    print("reads", flush=True)
    time.sleep(float(sys.argv[2]))
    return rules.load_rules(sys.argv[1], with_builtin=False)

print(*(rule.id for rule in rulecache.load([sys.argv[1]], read).rules))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "rules"
    path.mkdir()
    (path / "a.yaml").write_text(RULE, "utf-8")
    return path


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cached"
    monkeypatch.setenv("TIGHTLIP_CACHE", str(path))
    monkeypatch.setenv("PYTHONPATH", str(Path(tightlip.__file__).parent.parent))
    return path


@pytest.fixture
def running() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def start(folder: Path, seconds: float, running: ExitStack) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LOAD, str(folder), str(seconds)]
    process = running.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
    running.callback(process.kill)
    return process


def test_of_several_at_once_one_reads_and_all_have_the_rules(folder: Path, cached: Path, running: ExitStack) -> None:
    outputs = [process.communicate()[0] for process in [start(folder, 1, running) for _ in range(4)]]
    assert sorted(outputs) == ["a\n", "a\n", "a\n", "reads\na\n"]
    assert [path.suffix for path in cached.iterdir()] == [""], "nothing but the compiled rules is left"


def test_when_the_one_that_compiles_is_killed_the_next_does_it(folder: Path, cached: Path, running: ExitStack) -> None:
    first = start(folder, 60, running)
    assert first.stdout is not None
    assert first.stdout.readline() == "reads\n"
    second = start(folder, 0, running)
    first.kill()
    assert second.communicate()[0] == "reads\na\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be stopped for a while there")
def test_nobody_waits_for_ever(folder: Path, cached: Path, monkeypatch: pytest.MonkeyPatch, running: ExitStack) -> None:
    stopped = start(folder, 60, running)
    assert stopped.stdout is not None
    stopped.stdout.readline()
    stopped.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(firstrun, "_LONGEST_WAIT", 0.2)
    begun = time.monotonic()
    with firstrun.turn(str(next(cached.iterdir()))):
        assert 0.2 <= time.monotonic() - begun < 30


def test_where_nothing_can_be_locked_nobody_waits(tmp_path: Path) -> None:
    begun = time.monotonic()
    with firstrun.turn(str(tmp_path / "no such folder" / "it")):
        assert time.monotonic() - begun < 30


@pytest.mark.skipif(sys.platform == "win32", reason="the user's profile keeps others out")
def test_in_a_folder_that_others_can_write_nobody_waits(folder: Path, cached: Path, running: ExitStack) -> None:
    cached.mkdir()
    os.chmod(cached, 0o777)  # noqa: S103 - on purpose
    outputs = [process.communicate()[0] for process in [start(folder, 0, running) for _ in range(2)]]
    assert outputs == ["reads\na\n"] * 2
    assert list(cached.iterdir()) == []
