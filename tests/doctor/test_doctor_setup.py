"""The installation and the repository: what is missing or old, and what git does not read."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from doctoring import Doctor

from tightlip.doctor import installation
from tightlip.git import hookfolder, version
from tightlip.git.plumbing import Git as Plumbing

Commit = Callable[[dict[str, str]], None]
Git = Callable[..., str]

pytestmark = pytest.mark.usefixtures("healthy")


def test_no_git_program_is_told(doctor: Doctor, bin_folder: Path) -> None:
    (bin_folder / "git").unlink()

    done = doctor()

    assert done.code == 1
    assert [it.how for it in done.of("installation", "mend")] == ["install git, or add its folder to PATH"]


def test_a_git_that_is_too_old_is_told_with_what_does_not_work(doctor: Doctor, bin_folder: Path) -> None:
    real = (bin_folder / "git").resolve()
    (bin_folder / "git").unlink()
    (bin_folder / "git").write_text(
        f'#!/bin/sh\ncase "$*" in *" version") echo git version 2.29.1;; *) exec {real} "$@";; esac\n'
    )
    (bin_folder / "git").chmod(0o755)

    (told,) = doctor().of("installation", "mend")

    assert told.what == "git is too old"
    assert told.evidence.startswith("git version 2.29.1; purge needs 2.30 ")


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("git version 2.39.5 (Apple Git-154)", (2, 39)),
        ("git version 2.54.0.windows.1", (2, 54)),
        ("nothing", (0, 0)),
    ],
    ids=["apple", "windows", "none"],
)
def test_a_version_is_read_out_of_what_git_says(said: str, number: tuple[int, int]) -> None:
    assert version.number(said) == number


def test_what_is_missing_is_a_note(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_QUICK", (("nobody_has_it", "slower without it", "pip install it"),))
    monkeypatch.setattr(installation, "_NATIVE", ("tightlip.engine._nobody_has_it",))

    done = doctor()

    assert done.code == 0
    assert done.seen("nobody-has-it is not installed") == ["slower without it"]
    assert done.seen("native parts are not compiled")[0].startswith("tightlip.engine._nobody_has_it")


def test_the_cache_is_told_with_its_size(doctor: Doctor, cache: Path) -> None:
    doctor()

    (evidence,) = doctor().seen("the rules are compiled")

    assert evidence.startswith(f"{cache}: ")
    assert evidence.endswith(" in all")


def test_a_cache_that_others_can_write_to_is_told_and_the_command_mends_it(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    monkeypatch.setenv("TIGHTLIP_CACHE", str(folder))
    monkeypatch.chdir(tmp_path)  # outside of the repository no rules are compiled

    (told,) = doctor().of("installation", "mend")

    assert told.what.startswith("others can write to the cache folder")
    subprocess.run(told.how.split(), check=True, env={"PATH": os.defpath})
    assert doctor().of("installation", "mend") == []


def test_a_cache_that_cannot_be_made_is_told(doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TIGHTLIP_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.chdir(tmp_path)

    (told,) = doctor().of("installation", "mend")

    assert told.what.startswith("the cache folder cannot be written")


def test_a_repository_of_somebody_else_is_told_with_the_command(
    doctor: Doctor, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    done = doctor()

    assert done.code == 1
    (told,) = done.of("repository")
    assert "dubious ownership" in told.evidence
    assert told.how == f"if you trust it: git config --global --add safe.directory {repo.resolve()}"
    assert done.of("hooks", "ok", "note", "mend") == []


def test_a_shallow_clone_is_told_and_the_command_mends_it(
    doctor: Doctor, git: Git, repo: Path, commit: Commit, tmp_path: Path
) -> None:
    commit({"a.py": "x = 1\n"})
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", repo.as_uri(), str(clone)], check=True)

    (told,) = doctor(str(clone)).of("repository")

    assert told.how == "git fetch --unshallow"
    subprocess.run(["git", "-C", str(clone), "fetch", "-q", "--unshallow"], check=True)
    assert doctor(str(clone)).of("repository") == []


def test_in_a_shallow_clone_nothing_is_stale_for_want_of_history(
    doctor: Doctor, repo: Path, commit: Commit, tmp_path: Path
) -> None:
    commit({".tightlipignore": "0" * 20 + "\n"})
    commit({"a.py": "x = 1\n"})
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", repo.as_uri(), str(clone)], check=True)

    done = doctor(str(clone), "--history")

    assert done.of("allows", "mend") == []
    assert done.seen("but not everything could be scanned") == [".tightlipignore:1"]


def test_a_partial_clone_is_told(doctor: Doctor, git: Git, repo: Path, tmp_path: Path) -> None:
    git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--filter=blob:none", repo.as_uri(), str(clone)], check=True)

    (told,) = doctor(str(clone)).of("repository")

    assert told.how == "git fetch --refetch --no-filter"


def test_an_index_that_is_damaged_is_told_with_what_to_do(doctor: Doctor, repo: Path) -> None:
    (repo / ".git" / "index").write_bytes(b"no index" * 20)

    done = doctor()

    assert done.code == 1
    (told,) = done.of("allows")
    assert told.what == "this cannot be looked at"
    assert told.how.startswith("the index is damaged: move it away")


def test_an_empty_repository_is_well_but_for_its_hook(doctor: Doctor, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path / "new")], check=True)

    done = doctor(str(tmp_path / "new"), "--history")

    assert [it.what for it in done.told if it.state == "mend"] == ["no hook stops a commit that adds a secret"]


def test_hooks_of_gits_configuration_are_those_of_a_git_that_has_them(repo: Path, git: Git) -> None:
    git("config", "hook.secrets.command", "tightlip-hook pre-commit")
    git("config", "hook.secrets.event", "pre-commit")
    git("config", "hook.off.command", "tightlip-hook pre-commit")
    git("config", "hook.off.event", "pre-merge-commit")
    git("config", "hook.off.enabled", "false")
    git("config", "hook.other.command", "npm test")
    git("config", "hook.other.event", "commit-msg")

    assert hookfolder.configured(Plumbing(str(repo)), (2, 53)) == {}
    assert list(hookfolder.configured(Plumbing(str(repo)), (2, 54))) == ["pre-commit"]
