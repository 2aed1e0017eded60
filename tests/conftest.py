"""Every test runs as a person with an empty home, no git configuration, and a fixed name and clock."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.engine import Scanner
from tightlip.scan import scan_staged

GitCommand = Callable[..., str]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one thing tests share: compiled rules."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_", "TIGHTLIP_", "PRE_COMMIT"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("TIGHTLIP_CACHE", str(cache))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada Example")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
        monkeypatch.setenv(f"GIT_{who}_DATE", "2026-01-02T03:04:05+00:00")


@pytest.fixture(scope="session")
def scanner(cache: Path) -> Scanner:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIGHTLIP_CACHE", str(cache))
        return Scanner()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A new, empty repository on the branch main."""
    path = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    return path


@pytest.fixture
def git(repo: Path) -> GitCommand:
    """Run git in the repository and return what it prints."""

    def run(*args: str | bytes | Path, check: bool = True, **options: object) -> str:
        done = subprocess.run(
            ["git", "-C", str(repo), *args], check=check, capture_output=True, **({"timeout": 60} | options)
        )  # type: ignore[call-overload]
        return done.stdout.decode("utf-8", "replace").strip()

    return run


@pytest.fixture
def token() -> str:
    """A value with the form of a live token; made here, so that no file holds it."""
    return "".join(("gh", "p_", "16C7e42F292c69", "12E7710c838347", "Ae", "4H2", "Y7G"))


@pytest.fixture
def other(token: str) -> str:
    """Another such value."""
    return token[:-4] + "9xQz"


@pytest.fixture
def put(repo: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file in the working tree, as it is."""

    def put(name: str, content: str | bytes) -> Path:
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture
def stage(put: Callable[[str, str | bytes], Path], git: GitCommand) -> Callable[[str, str | bytes], None]:
    """Write a file and stage it."""

    def stage(name: str, content: str | bytes) -> None:
        git("--literal-pathspecs", "add", "--force", "--", put(name, content))

    return stage


@pytest.fixture
def found(repo: Path, scanner: Scanner) -> Callable[..., list[str]]:
    """Scan what is staged in a repository and return where secrets are: `path:line:column`, or `path in its path`."""

    def found(where: str | os.PathLike[str] = repo) -> list[str]:
        report = scan_staged(where, scanner=scanner)
        assert report.unscanned == ()
        return [
            f"{place.path}:{place.line}:{place.column}"
            if place.part == "content"
            else f"{place.path} in its {place.part}"
            for finding in report.findings
            for place in finding.occurrences
        ]

    return found
