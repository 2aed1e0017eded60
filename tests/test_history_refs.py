"""A secret in the name of a branch or a tag is found, and shown nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

import tightlip
from plain_git import TOKEN, git
from tightlip.cli import main
from tightlip.git.plumbing import Git
from tightlip.git.repo import commits_at


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=first")
    git(tmp_path, "branch", f"wip-{TOKEN}")
    return tmp_path


def test_a_secret_in_the_name_of_a_branch_is_found(repository: Path) -> None:
    (finding,) = tightlip.scan_history(repository).findings
    (place,) = finding.occurrences
    assert finding.secret.reveal() == TOKEN.encode()
    assert (place.part, place.path, place.column) == ("ref", f"refs/heads/wip-{TOKEN}", len("refs/heads/wip-") + 1)


@pytest.mark.parametrize("form", ["text", "json"])
def test_its_report_does_not_show_it(repository: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    assert main(["scan-history", str(repository), "--report", form]) == 1
    shown = capsys.readouterr().out
    assert "refs/heads/wip-" in shown
    assert TOKEN not in shown


@pytest.mark.parametrize("name", ["a\u2028b", "a\u0085b", "a b".replace(" ", "\u3000")])
def test_a_ref_may_be_called_anything_that_git_allows(name: str, repository: Path) -> None:
    git(repository, "branch", f"{name}-{TOKEN}")
    report = tightlip.scan_history(repository)
    assert f"refs/heads/{name}-{TOKEN}" in {place.path for place in report.findings[0].occurrences}
    assert report.complete


def test_a_name_that_is_missing_has_one_answer(repository: Path) -> None:
    missing, head = commits_at(Git(str(repository)), ["no\u2028such\u0085name", "HEAD"])
    assert not missing
    assert len(head) == 40
