"""A repository with secrets in it, an audit of it, and the command as a person types it there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from audits import Done, Run, Seen, Sit, sit

from tightlip.baseline import dates
from tightlip.cli import main


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, repo: Path) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(dates, "today", lambda: date(2026, 3, 1))
    monkeypatch.chdir(repo)


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sit:
    """Judge: `audit("f", "q")`, with the command's arguments as `args`."""

    def audit(*keys: str, args: tuple[str, ...] = ()) -> Seen:
        return sit(monkeypatch, capsys.readouterr, keys, ("--by", "Ada", *args))

    return audit


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run another command."""

    def run(*arguments: str) -> Done:
        code = main(arguments)
        return Done(code, *capsys.readouterr())

    return run


@pytest.fixture
def commit(put: Callable[[str, str | bytes], Path], git: Callable[..., str]) -> Callable[..., None]:
    """Write files and commit them."""

    def commit(files: dict[str, str | bytes], message: str = "change") -> None:
        for name, content in files.items():
            put(name, content)
        git("add", "--all")
        git("commit", "-q", "-m", message)

    return commit


@pytest.fixture
def values(token: str, other: str) -> tuple[str, str]:
    """What must not be seen."""
    return token, other


@pytest.fixture
def shop(commit: Callable[..., None], values: tuple[str, str], repo: Path) -> Path:
    """Two secrets in three places."""
    token, other = values
    commit({"a.py": f"import os\nTOKEN = '{token}'  # and {other}\nprint(1)\n", "b.py": f"TOKEN = '{token}'\n"})
    return repo
