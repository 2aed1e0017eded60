"""Scans of files, and of what is staged, in a repository that has submodules."""

from __future__ import annotations

from pathlib import Path

import pytest

import tightlip
from plain_git import OTHER, TOKEN, commit, git, scanner
from tightlip.cli import main
from tightlip.git.plumbing import Git
from tightlip.git.staged import staged
from tightlip.hooks import main as hook


@pytest.fixture
def inner(tmp_path: Path) -> Path:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet")
    commit(inner, "keys.txt", f"token = {TOKEN}\n")
    commit(inner, ".gitignore", ".env\n")
    return inner


@pytest.fixture
def outer(tmp_path: Path, inner: Path) -> Path:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    commit(outer, "a.txt", "nothing\n")
    git(outer, "submodule", "--quiet", "add", str(inner), "libs/inner")
    return outer


def committed(outer: Path) -> Path:
    git(outer, "commit", "--quiet", "--message=with a submodule")
    return outer


def found(report: tightlip.Report, outer: Path) -> list[str]:
    return [Path(it.path).relative_to(outer).as_posix() for finding in report.findings for it in finding.occurrences]


def files(outer: Path, **options: bool) -> tightlip.Report:
    return tightlip.scan_files([outer], scanner=scanner(), **options)


def test_a_submodule_that_is_added_is_not_gone_into(outer: Path) -> None:
    report = tightlip.scan_staged(outer, scanner=scanner())
    assert (report.findings, report.complete) == ((), True)
    assert report.scanned["blobs"] == 1  # .gitmodules


def test_a_submodule_that_is_moved_on_is_not_gone_into(outer: Path) -> None:
    committed(outer)
    commit(outer / "libs/inner", "more.txt", f"token = {OTHER}\n")
    git(outer, "add", "libs/inner")
    report = tightlip.scan_staged(outer, scanner=scanner())
    assert (report.findings, report.complete, report.scanned["blobs"]) == ((), True, 0)


def test_a_submodule_in_the_place_of_a_folder_is_not_gone_into(outer: Path, inner: Path) -> None:
    committed(outer)
    (outer / "b").mkdir()
    commit(outer, "b/c.txt", "nothing\n")
    git(outer, "rm", "-r", "--quiet", "b")
    git(outer, "clone", "--quiet", str(inner), str(outer / "b"))
    git(outer, "add", "b")
    report = tightlip.scan_staged(outer, scanner=scanner())
    assert (report.findings, report.complete) == ((), True)


def test_a_file_in_whose_place_a_submodule_comes_is_removed(outer: Path, inner: Path) -> None:
    committed(outer)
    commit(outer, "b", "nothing\n")
    git(outer, "rm", "--quiet", "b")
    git(outer, "clone", "--quiet", str(inner), str(outer / "b"))
    git(outer, "add", "b")
    assert [(it.path, it.status, it.oid) for it in staged(Git(str(outer)))] == [(b"b", "D", "")]


def test_the_hook_does_not_go_into_submodules(outer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(outer)
    assert hook(["pre-commit"]) == 0


def test_a_password_in_the_address_of_a_submodule_is_found(outer: Path) -> None:
    address = "https://deploy:" + "x7Rk29bTqLw0ZvNc5sYd" + "@git.acme.io/lib.git"
    git(outer, "config", "--file", ".gitmodules", "submodule.libs/inner.url", address)
    git(outer, "add", ".gitmodules")
    report = tightlip.scan_staged(outer, scanner=scanner())
    assert [place.path for finding in report.findings for place in finding.occurrences] == [".gitmodules"]


def test_the_files_of_a_submodule_are_files_of_the_folder(outer: Path) -> None:
    assert found(files(outer), outer) == found(files(outer, recurse_submodules=True), outer) == ["libs/inner/keys.txt"]


def test_one_that_is_not_checked_out_is_told(outer: Path) -> None:
    committed(outer)
    git(outer, "submodule", "--quiet", "deinit", "--force", "libs/inner")
    assert files(outer).complete
    (missed,) = files(outer, recurse_submodules=True).unscanned
    assert missed == (
        str(outer / "libs/inner"),
        "the submodule is not checked out; run `git submodule update --init --recursive`",
    )


def test_one_that_is_not_here_is_exit_code_3(
    outer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = tmp_path / "clone"
    git(outer, "clone", "--quiet", str(committed(outer)), str(clone))
    monkeypatch.chdir(clone)
    assert main(["scan", "-q"]) == 0
    assert main(["scan", "-q", "--recurse-submodules"]) == 3
    assert capsys.readouterr().out.startswith("libs/inner: not scanned: the submodule is not here")


def test_a_submodule_outside_of_the_folder_is_not_told(outer: Path) -> None:
    committed(outer)
    git(outer, "submodule", "--quiet", "deinit", "--force", "libs/inner")
    (outer / "docs").mkdir()
    (outer / "libs/inner-too").mkdir()
    assert files(outer / "docs", recurse_submodules=True).complete
    assert files(outer / "libs/inner-too", recurse_submodules=True).complete
    assert not files(outer / "libs", recurse_submodules=True).complete


def test_git_folders_that_no_submodule_uses_have_no_files(outer: Path) -> None:
    committed(outer)
    git(outer, "rm", "--quiet", "libs/inner")
    assert files(outer, recurse_submodules=True).complete


def test_what_a_submodule_ignores_is_left_out_if_asked_for_both(outer: Path) -> None:
    (outer / "libs/inner/.env").write_text(f"token = {OTHER}\n")
    with_ignored = ["libs/inner/.env", "libs/inner/keys.txt"]
    assert sorted(found(files(outer, skip_ignored=True), outer)) == with_ignored
    assert found(files(outer, skip_ignored=True, recurse_submodules=True), outer) == ["libs/inner/keys.txt"]


def test_a_submodule_that_is_broken_is_told_and_its_files_are_scanned(outer: Path) -> None:
    committed(outer)
    (outer / "libs/inner/.git").write_text("gitdir: /nowhere\n")
    for folder in (outer, outer / "libs"):
        report = files(folder, recurse_submodules=True)
        assert found(report, outer) == ["libs/inner/keys.txt"]
        assert [(it.what, it.why) for it in report.unscanned] == [
            (str(outer / "libs/inner"), "its git folder is gone or damaged; check the submodule out anew")
        ]


def test_a_folder_that_is_no_repository_has_no_submodules(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert files(tmp_path / "plain", recurse_submodules=True).complete


def test_an_index_that_cannot_be_read_is_told_and_the_files_are_scanned(outer: Path) -> None:
    (outer / ".git/index").write_bytes(b"no index")
    report = files(outer, recurse_submodules=True)
    assert found(report, outer) == ["libs/inner/keys.txt"]
    assert [it.what for it in report.unscanned] == [str(outer)]


@pytest.mark.parametrize("option", ["--recurse-submodules", "--lfs"])
def test_standard_input_has_neither(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", option, "-"]) == 2
    assert "- is standard input, which is in no repository" in capsys.readouterr().err
