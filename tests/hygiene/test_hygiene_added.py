"""A .env file that is put into git is told by its name and by what it is for, whatever else is found in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip import hooks
from tightlip.engine import Scanner
from tightlip.scan import scan_staged

Stage = Callable[..., None]
PASSWORD = "DB_PASSWORD=quiet-meadow-77\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    subprocess.run(["git", "init", "--quiet"], check=True)
    return tmp_path


@pytest.fixture
def stage(repo: Path) -> Stage:
    def stage(name: str, text: str, *options: str) -> None:
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text, "utf-8")
        subprocess.run(["git", "add", *options, name], check=True)

    return stage


def told(scanner: Scanner) -> list[str]:
    report = scan_staged(scanner=scanner)
    return [place.path for it in report.findings if it.rule == "env-file-added" for place in it.occurrences]


def test_one_that_git_is_told_to_ignore_is_told_whatever_its_values_are(stage: Stage, scanner: Scanner) -> None:
    stage(".gitignore", ".env\n")
    stage("app/.env", "DEBUG=1\n", "--force")
    assert told(scanner) == ["app/.env"]


def test_from_a_folder_of_the_repository_it_is_told_as_well(
    repo: Path, stage: Stage, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage(".gitignore", "/app/.env\n")
    stage("app/.env", "DEBUG=1\n", "--force")
    (repo / "other").mkdir()
    monkeypatch.chdir(repo / "other")
    assert told(scanner) == ["app/.env"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_one_below_what_is_a_link_by_now_is_judged_by_what_is_in_it(repo: Path, stage: Stage, scanner: Scanner) -> None:
    stage("app/.env", PASSWORD)
    (repo / "app").rename(repo / "moved")
    (repo / "app").symlink_to("moved")
    assert told(scanner) == ["app/.env"]


@pytest.mark.parametrize("name", [".env", "app/.env.production", "staging.env"])
def test_one_with_the_value_of_a_secret_is_told(name: str, stage: Stage, scanner: Scanner) -> None:
    stage(name, PASSWORD)
    assert told(scanner) == [name]


def test_one_of_this_machine_is_told(stage: Stage, scanner: Scanner) -> None:
    stage(".env.local", "DEBUG=1\n")
    assert told(scanner) == [".env.local"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env.example", PASSWORD),
        (".env", "DEBUG=1\nPORT=8080\n"),
        (".env", "DB_PASSWORD=\nAPI_TOKEN=${API_TOKEN}\n"),
        (".env.local", "# nothing yet\n"),
        ("environment.py", PASSWORD),
    ],
    ids=["an example", "defaults", "no value", "nothing", "another file"],
)
def test_what_everybody_may_see_is_not_told(name: str, text: str, stage: Stage, scanner: Scanner) -> None:
    stage(name, text)
    assert told(scanner) == []


def test_one_that_is_in_git_already_or_only_moves_is_not_told_again(repo: Path, stage: Stage, scanner: Scanner) -> None:
    stage(".env", PASSWORD)
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, "commit", "--quiet", "--message=first"], check=True)
    stage(".env", f"{PASSWORD}DEBUG=1\n")
    assert told(scanner) == []

    subprocess.run(["git", "reset", "--quiet", "--hard"], check=True)
    (repo / "app").mkdir()
    subprocess.run(["git", "mv", ".env", "app/.env"], check=True)
    assert told(scanner) == []


def test_the_hook_stops_it_and_shows_no_value(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage(".env", PASSWORD)
    assert hooks.main(["pre-commit"]) == 1
    shown = "".join(capsys.readouterr())
    assert "env-file-added" in shown
    assert "it has DB_PASSWORD" in shown
    assert "quiet-meadow" not in shown
