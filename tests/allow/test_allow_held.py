"""The lines that entries look at, which may be those of thousands of findings in one text."""

from __future__ import annotations

from pathlib import Path

import pytest

from plain_git import commit, git
from tightlip.allow.held import Held
from tightlip.errors import NoGit
from tightlip.finding import Occurrence, Report
from tightlip.git.plumbing import Git

FILES, HISTORY = Report("files", ".", (), ()), Report("history", ".", (), ())


def on(path: Path, line: int) -> Occurrence:
    return Occurrence(str(path), line, 1, line, 2)


def test_a_file_is_read_once_for_all_that_it_holds(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("one\ntwo\n")
    second.write_text("three\n")
    with Held(None) as held:
        assert held.lines(FILES, on(first, 1)) == b"one"
        first.unlink()
        assert held.lines(FILES, on(first, 2)) == b"two"
        assert held.lines(FILES, on(second, 1)) == b"three"
        assert held.lines(FILES, on(first, 1)) == b""


def test_one_git_process_reads_all_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "--quiet")
    for text in ("one\n", "two\n"):
        commit(tmp_path, "app.py", text)
    blobs = [git(tmp_path, "rev-parse", f"{revision}:app.py").strip() for revision in ("HEAD~1", "HEAD")]
    places = [Occurrence("app.py", 1, 1, 1, 2, blob=blob) for blob in blobs]
    with Held(Git(str(tmp_path))) as held:
        assert held.lines(HISTORY, places[0]) == b"one"
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))  # so that another cannot be started
        assert held.lines(HISTORY, places[1]) == b"two"
    with pytest.raises(NoGit), Held(Git(str(tmp_path))) as held:
        held.lines(HISTORY, places[0])
