"""What a clean commit loads. Each module costs every commit of everybody; the list grows on purpose or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import tightlip
from tightlip.engine.prefilter import ENGINE

Stage = Callable[[str, str | bytes], None]

NEVER = {
    *("regex", "yaml", "git", "dataclasses", "subprocess", "argparse", "json", "pathlib", "logging", "hashlib"),
    *("tightlip.finding", "tightlip.rules", "tightlip.report", "tightlip.baseline"),
}
PINNED = [
    "tightlip",
    "tightlip.builtin",
    "tightlip.cachefolder",
    "tightlip.config",
    "tightlip.config.found",
    "tightlip.engine",
    "tightlip.engine.compiled",
    "tightlip.engine.prefilter",
    "tightlip.engine.rulecache",
    "tightlip.engine.runs",
    "tightlip.engine.text",
    "tightlip.errors",
    "tightlip.extension",
    "tightlip.git",
    "tightlip.git.objects",
    "tightlip.git.plumbing",
    "tightlip.git.process",
    "tightlip.git.staged",
    "tightlip.hooks",
    "tightlip.model",
    "tightlip.scan",
    "tightlip.sops",
    "tightlip.sops.concern",
    "tightlip.tally",
]


def loaded(code: str, cwd: Path) -> set[str]:
    """Return the modules that Python loads for some code, beyond what it loads for nothing."""
    env = os.environ | {"PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}

    def modules(code: str) -> set[str]:
        command = [sys.executable, "-X", "importtime", "-c", code]
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=True)
        lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
        return {line.rpartition("|")[2].strip() for line in lines[1:]}

    return modules(code) - modules("pass")


@pytest.fixture
def clean_commit(repo: Path, git: Callable[..., str], stage: Stage) -> Path:
    git("commit", "-q", "--allow-empty", "-m", "first")
    for number in range(5):
        stage(f"{number}.py", f"import os\n\nprint({number})\n")
    return repo


@pytest.fixture
def modules(clean_commit: Path) -> set[str]:
    """What the hook loads on a clean commit, with a warm cache."""
    code = "from tightlip.hooks import main; raise SystemExit(main(['pre-commit']))"
    loaded(code, clean_commit)
    return loaded(code, clean_commit)


def test_a_clean_commit_loads_nothing_slow(modules: set[str]) -> None:
    assert modules & NEVER == set()


@pytest.mark.skipif(ENGINE == "literals", reason="without Hyperscan the rules are loaded to search for their literals")
def test_a_clean_commit_loads_these_modules_of_tightlip_and_no_others(modules: set[str]) -> None:
    compiled = "tightlip.engine._runs"  # where there was a compiler
    ours = sorted(name for name in modules - {compiled} if name.partition(".")[0] == "tightlip")
    print(*ours, sep="\n")  # noqa: T201 - to be pasted above

    assert ours == PINNED


def test_a_baseline_is_not_read_on_a_clean_commit(clean_commit: Path, modules: set[str]) -> None:
    (clean_commit / ".tightlip-baseline.yaml").write_text("<<<<<<< nobody can read this\n")
    code = "from tightlip.hooks import main; raise SystemExit(main(['pre-commit']))"

    assert loaded(code, clean_commit) == modules
