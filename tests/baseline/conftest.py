"""An old repository with secrets in it, and the command as a person types it there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from baselines import PASSWORD, Done, Run

from tightlip.baseline import dates
from tightlip.cli import main

Write = Callable[[str, str], None]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def calendar(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Say which day it is."""

    def calendar(day: date) -> None:
        monkeypatch.setattr(dates, "today", lambda: day)

    calendar(date(2026, 3, 1))
    return calendar


@pytest.fixture
def run(repo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], calendar: object) -> Run:
    """Run the command in the repository."""
    monkeypatch.chdir(repo)

    def run(*arguments: str) -> Done:
        code = main(arguments)
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def commit(stage: Write, git: Callable[..., str]) -> Callable[..., None]:
    """Write files and commit them, with all else that has changed."""

    def commit(**files: str) -> None:
        for name, content in files.items():
            stage(name.replace("_", ".", 1), content)
        git("add", "--all")
        git("commit", "-q", "--allow-empty", "-m", "change")

    return commit


@pytest.fixture
def old(commit: Callable[..., None], token: str, other: str, repo: Path) -> Path:
    """The repository with three findings, two of them of the same value, in four places."""
    commit(
        a_py=f"import os\nTOKEN = '{token}'\n",
        b_py=f"OTHER = '{other}'\n",
        c_py=f"password = '{PASSWORD}'\n",
        d_py=f"password = '{PASSWORD}'\n",
    )
    return repo


@pytest.fixture
def adopted(old: Path, run: Run, commit: Callable[..., None]) -> Path:
    """The old repository after `baseline create`."""
    assert run("baseline", "create").code == 0
    commit()
    return old
