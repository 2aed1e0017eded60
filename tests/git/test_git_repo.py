"""A repository is found from whatever names it, and says what of it is elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import git as gitpython
from tightlip.errors import NotARepository
from tightlip.git.plumbing import Git
from tightlip.git.repo import facts, git_for, open_repository
from tightlip.git.staged import staged
from tightlip.git.state import folders

Run = Callable[..., str]
Commit = Callable[..., str]


def test_a_path_a_string_and_gitpython_name_the_same(repo: Path, stage: Callable[[str, str], None]) -> None:
    stage("d/a.txt", "x")
    with gitpython.Repo(repo) as known:
        for name in (repo, str(repo), repo / "d", repo / ".git", known):
            assert [change.path for change in staged(git_for(name))] == [b"d/a.txt"]


def test_none_is_where_we_are(repo: Path, stage: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    stage("a.txt", "x")
    monkeypatch.chdir(repo)

    assert len(staged(git_for(None))) == 1


def test_a_bare_repository_and_a_linked_worktree_of_gitpython_are_found(
    repo: Path, git: Run, commit: Commit, tmp_path: Path
) -> None:
    head = commit(**{"a.txt": "x"})
    git("worktree", "add", "-q", str(tmp_path / "linked"))
    subprocess.run(["git", "clone", "-q", "--bare", repo, tmp_path / "bare.git"], check=True)
    (tmp_path / "linked" / "b.txt").write_text("x")
    subprocess.run(["git", "-C", tmp_path / "linked", "add", "."], check=True)
    with gitpython.Repo(tmp_path / "bare.git") as bare, gitpython.Repo(tmp_path / "linked") as linked:
        assert git_for(bare).run("rev-parse", "HEAD").decode().strip() == head
        assert [change.path for change in staged(git_for(linked))] == [b"b.txt"]


def test_a_working_tree_that_does_not_lead_back_is_no_hindrance(repo: Path, git: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    git("config", "core.worktree", str(tmp_path / "elsewhere"))
    with gitpython.Repo(repo / ".git") as known:
        assert staged(git_for(known)) == []


def test_gitpython_is_loaded_for_who_asks_for_it_alone() -> None:
    code = "import sys; from tightlip.git.repo import git_for; git_for(None); git_for('.'); print('git' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout == "False\n"


def test_gitpythons_object_is_opened_from_any_folder_of_it(repo: Path, stage: Callable[[str, str], None]) -> None:
    stage("$HOME/a.txt", "x")
    with open_repository(repo / "$HOME") as opened:
        assert Path(opened.git_dir) == repo / ".git"


def test_what_is_no_repository_is_an_error(tmp_path: Path) -> None:
    for where in (tmp_path, tmp_path / "none"):
        with pytest.raises(NotARepository, match="not a git repository"):
            open_repository(where)


def test_an_ordinary_repository_is_all_here(repo: Path, tmp_path: Path) -> None:
    assert facts(Git(str(repo))) == (False, False)
    with pytest.raises(NotARepository):
        facts(Git(str(tmp_path)))


def test_what_is_elsewhere_is_told(repo: Path, git: Run, commit: Commit, tmp_path: Path) -> None:
    commit(**{"a.txt": "1"})
    commit(**{"a.txt": "2"})
    git("config", "uploadpack.allowFilter", "true")
    for name, option in (("shallow", "--depth=1"), ("partial", "--filter=blob:none"), ("borrowing", "--shared")):
        source = str(repo) if name == "borrowing" else repo.as_uri()
        subprocess.run(["git", "clone", "-q", option, source, tmp_path / name], check=True)
    (tmp_path / "borrowing" / "d").mkdir()

    assert facts(Git(str(tmp_path / "shallow"))) == (True, False)
    assert facts(Git(str(tmp_path / "partial"))) == (False, True)
    for where in ("borrowing", "borrowing/d", "borrowing/.git"):
        _, store = folders(Git(str(tmp_path / where)))
        assert os.path.samefile(store, repo / ".git" / "objects")
