"""The hook as the pre-commit framework runs it: real commits, in a clone of a project of real code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tightlip import notation

ROOT = Path(__file__).resolve().parent.parent
TOKEN = notation.expand("ghp_[0-9A-Za-z]{36}", "test_precommit")[0]
SECRET = f'GITHUB_TOKEN = "{TOKEN}"\n'
CLEAN = 'import os\n\nGITHUB_TOKEN = os.environ["GITHUB_TOKEN"]\n'

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pre-commit")]


class Checkout:
    """A working copy, and the environment that its commands run in."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.env = folder, env

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )

    def git(self, *args: str) -> str:
        done = self.run("git", *args)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def pre_commit(self, *args: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pre_commit", *args)

    def commit(self, message: str) -> subprocess.CompletedProcess[str]:
        return self.run("git", "commit", "--quiet", f"--message={message}")

    def write(self, path: str, text: str) -> None:
        (self.folder / path).write_text(text, "utf-8")

    def stage(self, path: str, text: str) -> None:
        self.write(path, text)
        self.git("add", path)


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """No configuration of the user's, and one home of the framework's, so that the hook is installed once."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT", "SKIP"))}
    who = {f"GIT_{role}_{what}": "test@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return kept | who | alone | {"PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit"))}


@pytest.fixture(scope="module")
def tightlip_repo(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> Checkout:
    """This checkout as it stands, committed: the framework clones HEAD, not the working tree."""
    repo = Checkout(tmp_path_factory.mktemp("tightlip"), env)
    here = Checkout(ROOT, env)
    for name in here.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").strip("\0").split("\0"):
        if (ROOT / name).is_file():
            (repo.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, repo.folder / name)
    repo.git("init", "--quiet")
    repo.git("add", "--all", "--force")
    assert repo.commit("tightlip").returncode == 0
    return repo


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> Path:
    """A project of code that people wrote: packages of the running Python's library."""
    repo = Checkout(tmp_path_factory.mktemp("origin"), env)
    for package in ("email", "http", "json", "logging", "urllib"):
        shutil.copytree(
            Path(sysconfig.get_path("stdlib")) / package,
            repo.folder / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    repo.git("init", "--quiet", "--initial-branch=main")
    repo.git("add", "--all")
    assert repo.commit("The library").returncode == 0
    return repo.folder


@pytest.fixture
def clone(origin: Path, env: dict[str, str], tmp_path: Path) -> Checkout:
    project = Checkout(tmp_path / "project", env)
    subprocess.run(["git", "clone", "--quiet", origin, project.folder], env=env, check=True)
    return project


@pytest.fixture
def project(clone: Checkout, tightlip_repo: Checkout) -> Checkout:
    """A clone with the hooks configured and installed."""
    config = f"""\
repos:
  - repo: {tightlip_repo.folder.as_posix()}
    rev: {tightlip_repo.git("rev-parse", "HEAD")}
    hooks:
      - id: tightlip
      - id: tightlip-history
"""
    clone.stage(".pre-commit-config.yaml", config)
    clone.git("commit", "--quiet", "--message=Hooks")
    clone.pre_commit("install", "--hook-type=pre-commit", "--hook-type=pre-merge-commit")
    return clone


def is_stopped(done: subprocess.CompletedProcess[str], path: str) -> bool:
    assert TOKEN not in done.stdout, "the value was printed"
    return done.returncode != 0 and f"{path}:1:" in done.stdout


def test_try_repo_stops_a_staged_secret_and_lets_a_clean_change_pass(clone: Checkout, tightlip_repo: Checkout) -> None:
    clone.stage("http/tokens.py", SECRET)
    stopped = clone.pre_commit("try-repo", str(tightlip_repo.folder), "tightlip")
    clone.stage("http/tokens.py", CLEAN)
    passed = clone.pre_commit("try-repo", str(tightlip_repo.folder), "tightlip")

    assert is_stopped(stopped, "http/tokens.py"), stopped.stdout
    assert passed.returncode == 0, passed.stdout


def test_a_commit_that_adds_a_secret_is_stopped_and_says_where(project: Checkout) -> None:
    before = project.git("rev-parse", "HEAD")
    project.stage("http/tokens.py", SECRET)

    done = project.commit("Tokens")

    assert is_stopped(done, "http/tokens.py"), done.stdout
    assert project.git("rev-parse", "HEAD") == before


def test_a_clean_commit_passes(project: Checkout) -> None:
    project.stage("http/tokens.py", CLEAN)

    done = project.commit("Tokens")

    assert done.returncode == 0, done.stdout
    assert project.git("log", "-1", "--format=%s") == "Tokens"


def test_a_secret_that_is_gone_from_the_working_tree_only_is_stopped(project: Checkout) -> None:
    project.stage("http/tokens.py", SECRET)
    project.write("http/tokens.py", CLEAN)

    done = project.commit("Tokens")

    assert is_stopped(done, "http/tokens.py"), done.stdout


def test_a_secret_as_the_target_of_a_symbolic_link_is_stopped(project: Checkout) -> None:
    if os.name == "nt":
        pytest.skip("symbolic links need a privilege on Windows")
    (project.folder / "link").symlink_to(TOKEN)
    project.git("add", "link")

    done = project.commit("A link")

    assert is_stopped(done, "link"), done.stdout


def test_all_files_scans_what_is_committed(project: Checkout) -> None:
    clean = project.pre_commit("run", "--all-files")
    project.stage("http/tokens.py", SECRET)
    project.git("commit", "--quiet", "--no-verify", "--message=Tokens")

    done = project.pre_commit("run", "--all-files")

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(done, "http/tokens.py"), done.stdout


def test_a_named_file_is_scanned_whole_when_nothing_is_staged(project: Checkout) -> None:
    project.write("http/tokens.py", SECRET)

    done = project.pre_commit("run", "--files", "http/tokens.py")
    other = project.pre_commit("run", "--files", "http/client.py")

    assert is_stopped(done, "http/tokens.py"), done.stdout
    assert other.returncode == 0, other.stdout


def test_a_named_file_is_scanned_whole_when_another_is_staged(project: Checkout) -> None:
    project.write("http/tokens.py", SECRET)
    project.stage("http/other.py", CLEAN)

    done = project.pre_commit("run", "--files", "http/tokens.py", "http/other.py")

    assert is_stopped(done, "http/tokens.py"), done.stdout


def test_a_merge_that_brings_a_secret_in_is_stopped(project: Checkout) -> None:
    project.git("switch", "--quiet", "--create", "tokens")
    project.stage("http/tokens.py", SECRET)
    project.git("commit", "--quiet", "--no-verify", "--message=Tokens")
    project.git("switch", "--quiet", "main")

    done = project.run("git", "merge", "--quiet", "--no-ff", "--no-edit", "tokens")

    assert is_stopped(done, "http/tokens.py"), done.stdout
    assert project.git("log", "-1", "--format=%s") == "Hooks"


def test_a_secret_written_while_a_conflict_is_resolved_is_stopped(project: Checkout) -> None:
    for branch, line in (("other", "A = 1\n"), ("main", "A = 2\n")):
        project.git("switch", "--quiet", *(["--create"] if branch == "other" else []), branch)
        project.stage("http/tokens.py", line)
        assert project.commit(f"On {branch}").returncode == 0
    assert project.run("git", "merge", "--quiet", "other").returncode != 0
    project.stage("http/tokens.py", SECRET)

    done = project.run("git", "commit", "--no-edit")

    assert is_stopped(done, "http/tokens.py"), done.stdout


def test_the_history_hook_finds_what_was_deleted(project: Checkout) -> None:
    clean = project.pre_commit("run", "--hook-stage=manual", "tightlip-history")
    project.stage("http/tokens.py", SECRET)
    project.git("commit", "--quiet", "--no-verify", "--message=Tokens")
    project.git("rm", "--quiet", "http/tokens.py")
    project.git("commit", "--quiet", "--no-verify", "--message=No tokens")

    done = project.pre_commit("run", "--hook-stage=manual", "tightlip-history")

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(done, "http/tokens.py"), done.stdout
