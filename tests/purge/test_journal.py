"""The journal of a purge survives whatever ends the purge."""

from __future__ import annotations

import dataclasses
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.errors import GitError
from tightlip.git.plumbing import Git
from tightlip.purge.repository import durable, journal

Run = Callable[..., str]


def test_no_purge_has_begun_in_a_new_repository(repo: Path) -> None:
    assert journal.unfinished(Git(str(repo))) is None
    journal.note(Git(str(repo)), "moved")
    assert journal.unfinished(Git(str(repo))) is None


def test_what_was_written_down_is_read_again(repo: Path, git: Run) -> None:
    here = Git(str(repo))
    begun = dataclasses.replace(
        journal.begin(here, "a hash"),
        backup="/some/where",
        refs={"refs/heads/h\udcf6stile": journal.Move("1" * 40, None), "refs/heads/new": journal.Move(None, "2" * 40)},
        heads={"main-worktree/HEAD": journal.Move("3" * 40, "4" * 40)},
    )
    journal.save(here, begun)
    for step in ("backed up", "written", "written"):
        journal.note(here, step)
    assert journal.unfinished(here) == dataclasses.replace(begun, done=("backed up", "written"))
    journal.note(here, "moved")
    assert b"stile" not in (repo / ".git/tightlip/purge/journal.json").read_bytes()  # a name that had to go
    assert begun.after() == {"refs/heads/h\udcf6stile": None, "refs/heads/new": "2" * 40}
    journal.end(here)
    assert journal.unfinished(here) is None


def test_another_purge_does_not_begin_before_one_is_finished(repo: Path) -> None:
    journal.begin(Git(str(repo)), "a hash")
    with pytest.raises(GitError, match="begun and not finished"):
        journal.begin(Git(str(repo)), "another")


def test_only_known_steps_are_noted(repo: Path) -> None:
    with pytest.raises(ValueError, match="no step"):
        journal.note(Git(str(repo)), "made coffee")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"version": 1}', b'{"version": 2}', b"\xff", b'"x"'])
def test_a_damaged_journal_is_an_error_that_says_where(repo: Path, content: bytes) -> None:
    journal.begin(Git(str(repo)), "a hash")
    file = repo / ".git/tightlip/purge/journal.json"
    file.write_bytes(content)
    with pytest.raises(GitError, match=r"journal\.json: "):
        journal.unfinished(Git(str(repo)))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_may_read_it_whatever_the_umask(repo: Path) -> None:
    before = os.umask(0)
    try:
        journal.begin(Git(str(repo)), "a hash")
    finally:
        os.umask(before)
    assert (repo / ".git/tightlip/purge/journal.json").stat().st_mode & 0o777 == 0o600
    assert (repo / ".git/tightlip/purge").stat().st_mode & 0o777 == 0o700
    assert (repo / ".git/tightlip").stat().st_mode & 0o777 == 0o700


def test_a_full_disk_leaves_the_journal_as_it_was(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Git(str(repo))
    begun = journal.begin(here, "a hash")

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(durable, "settle", full)
    with pytest.raises(OSError, match="no space"):
        journal.note(here, "moved")
    assert journal.unfinished(here) == begun
    assert os.listdir(repo / ".git/tightlip/purge") == ["journal.json"]


def test_all_working_trees_share_it(repo: Path, git: Run, tmp_path: Path) -> None:
    git("commit", "--quiet", "--allow-empty", "-m", "first")
    git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    begun = journal.begin(Git(str(tmp_path / "side")), "a hash")
    assert journal.unfinished(Git(str(repo))) == begun
