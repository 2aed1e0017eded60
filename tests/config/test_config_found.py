"""That there is no configuration is known at once, and by importing nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tightlip
from tightlip.config import found as files
from tightlip.config.found import found


def test_it_imports_nothing_else(tmp_path: Path) -> None:
    code = (
        "import sys; before = set(sys.modules); from tightlip.config.found import found; found('.'); "
        "print(*sorted(set(sys.modules) - before))"
    )
    env = os.environ | {"PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"__future__", "tightlip", "tightlip.config", "tightlip.config.found"}


def test_no_configuration_costs_next_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n" + "a = 1\n" * 2000)
    took = []
    for _ in range(200):
        began = time.perf_counter()
        assert found(str(tmp_path)) == []
        took.append(time.perf_counter() - began)
    assert min(took) < 0.0005


@pytest.mark.parametrize(("name", "folder"), [("HOME", "repo"), ("HOME", "~"), ("XDG_CONFIG_HOME", "repo/.config")])
def test_a_file_of_the_current_folder_is_never_the_users(
    name: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv(name, folder)
    there = tmp_path / folder.removesuffix("/.config") / ".config" / "tightlip.yaml"
    there.parent.mkdir(parents=True)
    there.write_text("min_severity: critical\n", "utf-8")

    assert files.user() == ""
    assert found(None) == []
