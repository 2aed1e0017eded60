"""What the tests of hostile repositories share."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip import hooks
from tightlip.engine import Scanner

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def scan_everything(
    repo: Path, scanner: Scanner, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> Callable[[], str]:
    """Run each kind of scan that reads a repository, and return what they print."""

    def scan_everything() -> str:
        monkeypatch.chdir(repo)
        for scan in (tightlip.scan_staged, tightlip.scan_history):
            for where in (repo, None):
                assert scan(where, scanner=scanner).kind in ("staged", "history")
        hooks.main(["pre-commit"])
        hooks.main(["history"])
        out, err = capsys.readouterr()
        return out + err

    return scan_everything
