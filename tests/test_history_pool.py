"""A history is the same however many processes scan it, and what a lost one had to do is told."""

from __future__ import annotations

import multiprocessing
import os
import threading
from pathlib import Path

import pytest

import tightlip
from plain_git import TOKEN, commit, git, scanner
from tightlip import pool


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
    monkeypatch.setattr(pool.Worker, "do", lambda self, task: os._exit(9))
    report = tightlip.scan_history(repository, scanner=scanner(), jobs=2)
    assert not report.complete
    assert all("died" in missed.why or "missing" in missed.why for missed in report.unscanned)
