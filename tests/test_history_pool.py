"""A history is the same however many processes scan it, and what a lost one had to do is told."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import tightlip
from plain_git import TOKEN, commit, git, scanner
from tightlip import patterns, pool, tasks, worker
from tightlip.rule import Rule
from tightlip.rules import rule_set


@pytest.fixture(autouse=True)
def everything_is_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_NOT_WORTH_IT", 0)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    for number in range(5):
        commit(tmp_path, "file", "line\n" * 50 + (f"token = {TOKEN}\n" if number == 2 else "") + str(number))
    git(tmp_path, "gc", "--quiet")
    return tmp_path


@pytest.mark.parametrize("way", ["fork", "spawn"])
def test_processes_find_what_one_finds(way: str, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if way not in multiprocessing.get_all_start_methods():
        pytest.skip(f"there is no {way} here")
    monkeypatch.setattr(pool, "_context", lambda: multiprocessing.get_context(way))
    alone = tightlip.scan_history(repository, scanner=scanner())
    together = tightlip.scan_history(repository, scanner=scanner(), jobs=2)
    assert together.findings == alone.findings
    assert (together.scanned, together.unscanned) == (alone.scanned, ())
    assert [finding.secret.reveal() for finding in together.findings] == [TOKEN.encode()]


def test_what_a_process_compiled_is_kept_for_the_next_run(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    folder.chmod(0o700)
    code = "import sys, tightlip; from tightlip import pool; pool._NOT_WORTH_IT = 0; tightlip.scan_history('.', jobs=2)"
    env = os.environ | {"TIGHTLIP_CACHE": str(folder), "PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}
    subprocess.run([sys.executable, "-c", code], cwd=repository, env=env, check=True)
    (kept,) = folder.glob(f"{patterns.NAME}*")
    assert b"ghp" in kept.read_bytes()


def test_a_blob_that_is_a_lock_file_and_another_file_too_is_told_of_the_other(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    text = "api_key: 913d08eb5ea281cd1504" + "9e408363addc13678ca4\n"
    commit(tmp_path, "Podfile.lock", text)
    assert not tightlip.scan_history(tmp_path).findings
    commit(tmp_path, "notes.yml", text)
    (finding,) = tightlip.scan_history(tmp_path).findings
    assert "notes.yml" in [place.path for place in finding.occurrences]


def test_a_process_with_another_thread_is_not_forked() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert pool._context().get_start_method() == "spawn"
    finally:
        stop.set()
        thread.join()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="the broken step must be inherited")
def test_what_a_dead_process_had_to_do_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_context", lambda: multiprocessing.get_context("fork"))
    monkeypatch.setattr(worker.Worker, "do", lambda self, task: os._exit(9))
    report = tightlip.scan_history(repository, scanner=scanner(), jobs=2)
    assert not report.complete
    assert all("died" in missed.why or "missing" in missed.why for missed in report.unscanned)


def by_path() -> tightlip.Scanner:
    """Return a scanner with a rule that only looks at files of one name."""
    rule = Rule("t", "t", "T", "high", 0.9, "pin (?P<secret>[0-9]{8})", (), path=r"(?i:secret\.pins)$")
    return tightlip.Scanner(rule_set([rule]))


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_rule_for_some_paths_finds_is_told_of_these_paths(jobs: int, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    for number in range(6):
        for name in ("other.txt", "secret.pins") if number != 3 else ("secret.pins",):
            commit(tmp_path, name, f"{name}\n" * 40 + f"pin 4711081{number}\n")
    git(tmp_path, "gc", "--quiet")

    report = tightlip.scan_history(tmp_path, scanner=by_path(), jobs=jobs)

    found = {finding.secret.reveal(): {place.path for place in finding.occurrences} for finding in report.findings}
    assert found == {f"4711081{number}".encode(): {"secret.pins"} for number in range(6)}
    assert report.scanned["blobs"] == 11


def test_a_blob_known_to_be_clean_is_looked_at_under_a_new_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGHTLIP_CACHE", str(tmp_path / "cache"))
    scans = by_path()
    where = tmp_path / "project"
    where.mkdir()
    git(where, "init", "--quiet")
    for pack in (True, False):
        commit(where, f"other{pack}.txt", f"{pack}\n" * 40 + f"pin 4711081{pack:d}\n")
        if pack:
            git(where, "gc", "--quiet")
    assert not tightlip.scan_history(where, scanner=scans, cache=True).findings
    for pack in (True, False):
        folder = where / str(pack)
        folder.mkdir()
        git(where, "mv", f"other{pack}.txt", f"{folder}/secret.pins")
    git(where, "commit", "--quiet", "--message=moved")

    report = tightlip.scan_history(where, scanner=scans, cache=True)

    assert {finding.secret.reveal() for finding in report.findings} == {b"47110810", b"47110811"}
    assert report.scanned["blobs"] == 2


def test_without_memory_a_task_is_told_as_lost_and_the_next_is_done(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do, failures = worker.Worker.do, iter([MemoryError])

    def short_of_memory(self: worker.Worker, task: tasks.Task) -> worker.Done:
        for failure in failures:
            raise failure
        return do(self, task)

    monkeypatch.setattr(worker.Worker, "do", short_of_memory)
    report = tightlip.scan_history(repository, scanner=scanner(), jobs=1)

    assert any("not enough memory" in missed.why for missed in report.unscanned)
    assert [finding.secret.reveal() for finding in report.findings] == [TOKEN.encode()]
