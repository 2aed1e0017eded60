"""A secret in the name of a branch or a tag is found, and shown nowhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import tightlip
from tightlip.cli import main

TOKEN = "ghp" + "_" + "9mWk2LpQ7xRt5VbN8cYs3HdF6gJz1KaE4uTq"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message=first"], check=True)
    subprocess.run([*git, "branch", f"wip-{TOKEN}"], check=True)
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
