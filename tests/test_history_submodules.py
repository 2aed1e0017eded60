"""A scan of a repository covers the submodules that are checked out in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import tightlip
from plain_git import TOKEN, commit, git


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "--quiet")
    commit(inner, "keys.txt", f"token = {TOKEN}\n")
    commit(inner, "keys.txt", "nothing\n")
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    git(outer, "submodule", "--quiet", "add", str(inner), "libs/inner")
    git(outer, "commit", "--quiet", "--message=with a submodule")
    return outer


def test_a_secret_in_the_history_of_a_submodule_is_found_below_its_path(outer: Path) -> None:
    report = tightlip.scan_history(outer)
    (finding,) = report.findings
    assert [place.path for place in finding.occurrences] == ["libs/inner/keys.txt"]
    assert (report.scanned["submodules"], report.complete) == (1, True)


def test_a_secret_in_both_is_one_finding_with_places_in_both(outer: Path) -> None:
    commit(outer, "own.txt", f"token = {TOKEN}\n")
    (finding,) = tightlip.scan_history(outer).findings
    assert [place.path for place in finding.occurrences] == ["own.txt", "libs/inner/keys.txt"]


def test_a_submodule_that_is_not_checked_out_is_not_missed(outer: Path) -> None:
    git(outer, "submodule", "--quiet", "deinit", "--force", "libs/inner")
    report = tightlip.scan_history(outer)
    assert (report.findings, report.complete) == ((), True)


def test_a_damaged_submodule_is_not_a_clean_one(outer: Path) -> None:
    (outer / "libs/inner/.git").write_text("gitdir: /nowhere\n")
    report = tightlip.scan_history(outer)
    assert [missed.what for missed in report.unscanned] == ["libs/inner"]


def test_a_submodule_that_leads_back_is_scanned_once(outer: Path) -> None:
    (outer / "libs/inner/.git").write_text(f"gitdir: {os.path.relpath(outer / '.git', outer / 'libs/inner')}\n")
    assert tightlip.scan_history(outer).complete


def test_an_index_that_cannot_be_read_costs_only_the_submodules(outer: Path) -> None:
    commit(outer, "own.txt", f"token = {TOKEN}\n")
    (outer / ".git/index").write_bytes(b"no index")
    report = tightlip.scan_history(outer)
    assert [finding.secret.reveal() for finding in report.findings] == [TOKEN.encode()]
    assert [missed.what for missed in report.unscanned] == ["submodules"]
