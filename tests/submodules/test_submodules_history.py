"""Scans of a history with `recurse_submodules`: every submodule counts, wherever git keeps it, and nothing else."""

from __future__ import annotations

import json
import shutil
from hashlib import sha1
from pathlib import Path

import pytest

import tightlip
from plain_git import OTHER, TOKEN, commit, git, scanner
from tightlip.cli import main
from tightlip.git.plumbing import Git
from tightlip.git.submodules import submodules


def made(folder: Path, *, secret: str = "") -> Path:
    """Make a repository with one commit."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "keys.txt", f"token = {secret}\n" if secret else "nothing\n")
    return folder


def with_submodule(outer: Path, inner: Path, path: str) -> None:
    git(outer, "submodule", "--quiet", "add", str(inner), path)
    git(outer, "commit", "--quiet", f"--message=with {path}")


@pytest.fixture
def inner(tmp_path: Path) -> Path:
    return made(tmp_path / "inner", secret=TOKEN)


@pytest.fixture
def outer(tmp_path: Path, inner: Path) -> Path:
    outer = made(tmp_path / "outer")
    with_submodule(outer, inner, "libs/inner")
    return outer


def scan(outer: Path, **options: object) -> tightlip.Report:
    return tightlip.scan_history(outer, recurse_submodules=True, scanner=scanner(), **options)  # type: ignore[arg-type]


def paths(report: tightlip.Report) -> list[str]:
    return [place.path for finding in report.findings for place in finding.occurrences]


def missed(report: tightlip.Report) -> list[tuple[str, str]]:
    return [(it.what, it.why) for it in report.unscanned]


def test_places_are_told_from_the_top_and_commits_are_those_of_the_submodule(outer: Path, inner: Path) -> None:
    report = scan(outer)
    (place,) = report.findings[0].occurrences
    assert (place.path, place.commit) == ("libs/inner/keys.txt", git(inner, "rev-parse", "HEAD"))
    assert "libs/inner: main" in place.refs
    assert (report.complete, report.scanned["submodules"]) == (True, 1)


def test_a_finding_has_the_fingerprint_that_it_has_in_the_submodule_alone(outer: Path, inner: Path) -> None:
    (from_outside,), (alone,) = scan(outer).findings, tightlip.scan_history(inner, scanner=scanner()).findings
    assert from_outside.fingerprint == alone.fingerprint


def test_a_submodule_in_a_submodule_is_scanned_below_both(tmp_path: Path, outer: Path) -> None:
    top = made(tmp_path / "top")
    with_submodule(top, outer, "vendor")
    git(top, "submodule", "--quiet", "update", "--init", "--recursive")
    report = scan(top)
    assert paths(report) == ["vendor/libs/inner/keys.txt"]
    assert (report.complete, report.scanned["submodules"]) == (True, 2)


def test_one_with_a_git_folder_of_its_own_is_scanned(tmp_path: Path, inner: Path) -> None:
    outer = made(tmp_path / "outer")
    git(outer, "clone", "--quiet", str(inner), "old")
    git(outer, "add", "old")
    git(outer, "commit", "--quiet", "--message=old style")
    assert (outer / "old/.git").is_dir()
    report = scan(outer)
    assert (paths(report), report.complete) == (["old/keys.txt"], True)


def test_what_is_not_here_is_not_scanned_and_said_so(outer: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(outer, "clone", "--quiet", str(outer), str(clone))
    assert missed(scan(clone)) == [
        ("libs/inner", "the submodule is not here; run `git submodule update --init --recursive`")
    ]


def test_without_the_option_what_is_not_here_is_not_missed(outer: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(outer, "clone", "--quiet", str(outer), str(clone))
    assert tightlip.scan_history(clone, scanner=scanner()).complete


def test_a_bare_repository_has_none_of_its_submodules(outer: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(outer, "clone", "--quiet", "--bare", str(outer), str(bare))
    assert [what for what, _ in missed(scan(bare))] == ["libs/inner"]
    assert tightlip.scan_history(bare, scanner=scanner()).complete


def test_one_that_is_not_checked_out_any_more_is_scanned_in_its_git_folder(outer: Path) -> None:
    git(outer, "submodule", "--quiet", "deinit", "--force", "libs/inner")
    report = scan(outer)
    assert (paths(report), report.complete) == (["libs/inner/keys.txt"], True)


def test_its_folder_may_even_be_gone(outer: Path) -> None:
    git(outer, "submodule", "--quiet", "deinit", "--force", "libs/inner")
    (outer / "libs/inner").rmdir()
    report = scan(outer)
    assert (paths(report), report.complete) == (["libs/inner/keys.txt"], True)


def test_the_git_folder_of_a_submodule_that_was_removed_is_scanned(outer: Path) -> None:
    git(outer, "rm", "--quiet", "libs/inner")
    git(outer, "commit", "--quiet", "--message=without")
    report = scan(outer)
    assert (paths(report), report.complete) == ([".git/modules/libs/inner/keys.txt"], True)
    assert tightlip.scan_history(outer, scanner=scanner()).findings == ()


def test_from_a_folder_of_the_repository_all_submodules_are_seen(outer: Path) -> None:
    (outer / "docs").mkdir()
    assert paths(scan(outer / "docs")) == ["libs/inner/keys.txt"]


def test_one_in_another_working_tree_is_scanned(outer: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    git(outer, "worktree", "add", "--quiet", str(tree))
    git(tree, "submodule", "--quiet", "update", "--init")
    report = scan(tree)
    assert "libs/inner/keys.txt" in paths(report)
    assert report.complete


def test_from_another_working_tree_the_same_git_folders_are_seen(outer: Path, tmp_path: Path) -> None:
    git(outer, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), "HEAD~1")
    report = scan(tmp_path / "tree")
    assert (paths(report), report.complete) == ([".git/modules/libs/inner/keys.txt"], True)


def test_git_folders_of_other_working_trees_are_seen(outer: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    git(outer, "worktree", "add", "--quiet", str(tree))
    with_submodule(tree, made(tmp_path / "more", secret=OTHER), "more")
    assert sorted(paths(scan(outer))) == [".git/worktrees/tree/modules/more/keys.txt", "libs/inner/keys.txt"]


def test_what_refs_reach_of_submodules_can_be_asked_for(outer: Path) -> None:
    assert paths(scan(outer, reachable_only=True)) == ["libs/inner/keys.txt"]
    assert paths(tightlip.scan_history(outer, reachable_only=True, scanner=scanner())) == []


@pytest.mark.parametrize(
    "narrower",
    [{"revisions": "HEAD~1..HEAD"}, {"branches": "main"}, {"since": "2020-01-01"}, {"paths": "libs"}, {"max_count": 1}],
    ids=lambda narrower: next(iter(narrower)),
)
def test_a_part_of_a_history_means_nothing_to_a_submodule(outer: Path, narrower: dict[str, object]) -> None:
    with pytest.raises(tightlip.UsageError, match="--recurse-submodules goes with a scan of everything"):
        scan(outer, **narrower)


def test_the_configuration_is_that_of_the_repository_that_is_scanned(
    tmp_path: Path, inner: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(inner, ".tightlipignore", "keys.txt\n")
    outer = made(tmp_path / "outer", secret=OTHER)
    with_submodule(outer, inner, "libs/inner")
    commit(outer, ".tightlipignore", "/keys.txt\n")
    assert main(["scan-history", str(outer), "--recurse-submodules", "--report", "json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [place["path"] for finding in found for place in finding["occurrences"]] == ["libs/inner/keys.txt"]


def test_paths_that_may_stay_are_counted_from_the_top(outer: Path) -> None:
    commit(outer, ".tightlipignore", "libs/\n")
    assert main(["scan-history", str(outer), "--recurse-submodules"]) == 0


def test_a_comment_in_a_file_of_the_submodule_counts(tmp_path: Path) -> None:
    inner = made(tmp_path / "inner")
    commit(inner, "a.py", f'KEY = "{TOKEN}"  # tightlip: allow\n')
    outer = made(tmp_path / "outer")
    with_submodule(outer, inner, "inner")
    report = scan(outer)
    assert (report.findings, report.allowed) == ((), 1)


def test_what_is_not_here_is_exit_code_3(outer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clone = tmp_path / "clone"
    git(outer, "clone", "--quiet", str(outer), str(clone))
    assert main(["scan-history", str(clone), "--recurse-submodules", "-q"]) == 3
    assert "libs/inner: not scanned: the submodule is not here" in capsys.readouterr().out


def test_a_git_folder_that_is_gone_is_one_line(outer: Path) -> None:
    shutil.rmtree(outer / ".git/modules/libs")
    assert missed(scan(outer)) == [("libs/inner", "its git folder is gone or damaged; check the submodule out anew")]


def test_an_empty_git_folder_does_not_pass_for_the_repository_around_it(outer: Path) -> None:
    (outer / "libs/inner/.git").unlink()
    (outer / "libs/inner/.git").mkdir()
    assert ("libs/inner", "its git folder is gone or damaged; check the submodule out anew") in missed(scan(outer))
    assert not tightlip.scan_history(outer, scanner=scanner()).complete


@pytest.mark.parametrize("link", [False, True], ids=["named", "linked"])
def test_a_git_folder_elsewhere_is_not_looked_at(outer: Path, tmp_path: Path, *, link: bool) -> None:
    private = made(tmp_path / "private", secret=OTHER)
    (outer / "libs/inner/.git").unlink()
    if link:
        (outer / "libs/inner/.git").symlink_to(private / ".git")
    else:
        (outer / "libs/inner/.git").write_text(f"gitdir: {private / '.git'}\n")
    for report in (scan(outer), tightlip.scan_history(outer, scanner=scanner())):
        assert OTHER.encode() not in {finding.secret.reveal() for finding in report.findings}
        assert missed(report)[0] == (
            "libs/inner",
            "its git folder is outside of the repository that the submodule is in; scan it by itself",
        )


def test_a_git_folder_that_borrows_another_is_not_looked_at(outer: Path, tmp_path: Path) -> None:
    private = made(tmp_path / "private", secret=OTHER)
    (outer / ".git/modules/libs/inner/commondir").write_text(f"{private / '.git'}\n")
    report = scan(outer)
    assert report.findings == ()
    assert "outside of the repository" in missed(report)[0][1]


def test_a_symbolic_link_in_the_place_of_a_submodule_is_not_followed(outer: Path, tmp_path: Path) -> None:
    private = made(tmp_path / "private", secret=OTHER)
    shutil.rmtree(outer / "libs/inner")
    (outer / "libs/inner").symlink_to(private)
    report = scan(outer)
    assert OTHER.encode() not in {finding.secret.reveal() for finding in report.findings}
    assert missed(report)[0] == ("libs/inner", "it is behind a symbolic link, where git itself allows no submodule")


def test_a_working_tree_elsewhere_is_not_believed_in(outer: Path, tmp_path: Path) -> None:
    private = made(tmp_path / "private", secret=OTHER)
    with_submodule(private, made(tmp_path / "other", secret=OTHER), "deep")
    git(outer / ".git/modules/libs/inner", "config", "core.worktree", str(private))
    report = scan(outer)
    assert (paths(report), report.complete) == (["libs/inner/keys.txt"], True)


@pytest.mark.parametrize("name", ["../../../private", "..", "libs/../../private/.git", "x\\..\\y"], ids=range(4))
def test_a_name_that_git_refuses_leads_nowhere(outer: Path, tmp_path: Path, name: str) -> None:
    made(tmp_path / "private", secret=OTHER)
    shutil.rmtree(outer / ".git/modules/libs/inner")
    shutil.rmtree(outer / "libs/inner")
    quoted = name.replace("\\", "\\\\")
    (outer / ".gitmodules").write_text(f'[submodule "{quoted}"]\n\tpath = libs/inner\n\turl = https://example.com\n')
    git(outer, "add", ".gitmodules")
    report = scan(outer)
    assert report.findings == ()
    assert [what for what, _ in missed(report)] == ["libs/inner"]


def test_a_file_of_submodules_that_nobody_can_read_costs_no_more_than_the_names(outer: Path) -> None:
    (outer / ".gitmodules").write_text("[[[ no configuration\n")
    git(outer, "add", ".gitmodules")
    git(outer, "commit", "--quiet", "--message=broken")
    assert paths(scan(outer)) == ["libs/inner/keys.txt"]


def test_a_path_that_git_refuses_is_not_gone_to(outer: Path, tmp_path: Path) -> None:
    made(tmp_path / "private", secret=OTHER)
    index = outer / ".git/index"
    git(outer, "update-index", "--add", "--cacheinfo", f"160000,{git(outer, 'rev-parse', 'HEAD')},aa/private")
    data = index.read_bytes()[:-20].replace(b"aa/private", b"../private")
    index.write_bytes(data + sha1(data, usedforsecurity=False).digest())
    report = scan(outer)
    assert OTHER.encode() not in {finding.secret.reveal() for finding in report.findings}
    assert missed(report) == [("../private", "git itself allows no submodule such a path")]


def test_one_that_leads_back_is_scanned_once(outer: Path) -> None:
    (outer / "libs/inner/.git").write_text("gitdir: ../../.git\n")
    report = scan(outer)
    assert report.scanned["submodules"] == 1  # what its git folder has, which no submodule uses
    assert paths(report) == [".git/modules/libs/inner/keys.txt"]


def test_a_baseline_of_the_repository_knows_what_is_in_its_submodules(outer: Path) -> None:
    assert main(["baseline", "create", str(outer), "--history", "--per-place", "--no-cache"]) == 0
    assert main(["scan-history", str(outer), "--recurse-submodules", "--no-cache"]) == 0
    git(outer / "libs/inner", "mv", "keys.txt", "moved.txt")
    git(outer / "libs/inner", "commit", "--quiet", "--message=moved")
    assert main(["scan-history", str(outer), "--recurse-submodules", "--no-cache"]) == 1


def test_what_is_too_deep_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "top"
    for depth in range(35):
        folder.mkdir()
        git(folder, "init", "--quiet")
        git(folder, "commit", "--quiet", "--allow-empty", "--message=empty")
        if depth:
            git(folder.parent, "add", "s")
        folder /= "s"
    found = list(submodules(Git(str(tmp_path / "top"))))
    assert len(found) == 33
    assert [(each.git is None, each.why) for each in found[-1:]] == [(True, "it is in 32 others; scan it by itself")]
    assert all(each.git for each in found[:-1])
