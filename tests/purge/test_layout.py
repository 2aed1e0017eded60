"""Where a repository keeps what is found for each way to lay one out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import whole_repository as whole
from whole_repository import run

from tightlip.errors import GitError
from tightlip.git.plumbing import Git
from tightlip.purge.repository.layout import layout


@pytest.mark.parametrize("name", ["repo", "a\nnewline", "ends so\n", "sha1"])
def test_the_folders_of_a_repository_whatever_its_name_is(name: str, tmp_path: Path) -> None:
    where = whole.small(tmp_path / name)
    place = layout(Git(str(where)))
    assert (place.common, place.own) == (str(where / ".git"), str(where / ".git"))
    assert [tree.top for tree in place.worktrees] == [str(where)]
    assert not place.sha256


def test_a_second_working_tree_has_a_folder_of_its_own(tmp_path: Path) -> None:
    where = whole.small(tmp_path / "repo")
    run(where, "worktree", "add", "--quiet", "../second", "other")
    for start in (where, tmp_path / "second", where / ".git"):
        place = layout(Git(str(start)))
        assert place.common == str(where / ".git")
        assert [tree.top for tree in place.worktrees] == [str(where), str(tmp_path / "second")]
    assert layout(Git(str(tmp_path / "second"))).own == str(where / ".git/worktrees/second")


@pytest.mark.parametrize("yes", ["true", "yes", "on", "1"])
def test_a_bare_one_has_no_files(yes: str, tmp_path: Path) -> None:
    where = whole.small(tmp_path / "repo")
    run(tmp_path, "clone", "--quiet", "--bare", str(where), "bare.git")
    run(tmp_path / "bare.git", "config", "core.bare", yes)
    assert [tree.top for tree in layout(Git(str(tmp_path / "bare.git"))).worktrees] == [""]


def test_where_there_is_no_repository_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        layout(Git(os.fspath(tmp_path)))
