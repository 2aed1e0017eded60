"""`tightlip init` sets a repository up, asks before each, and writes over nothing."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tightlip.cli import main

Call = Callable[..., str]
REAL = "q8Vt3" + "Zr7Lm2Xw9Pk"
KEY = "age1" + "q" * 58
EVERYTHING = [".env.example", ".git/hooks/pre-commit", ".github/workflows/tightlip.yml", ".gitignore", ".sops.yaml"]


@pytest.fixture(autouse=True)
def here(repo: Path, put: Call, git: Call, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a .env, whose origin is on GitHub, and a user who has an age key."""
    put(".env", f"# the database\nDB_PASSWORD={REAL}\n# OLD={REAL}\n# see {REAL}\nPORT=80\n")
    git("remote", "add", "origin", "git@github.com:ada/shop.git")
    keys = Path(os.environ["HOME"]) / ".config/sops/age/keys.txt"
    keys.parent.mkdir(parents=True)
    keys.write_text(f"# created: 2026\n# public key: {KEY}\n")
    monkeypatch.chdir(repo)
    return repo


def there(repo: Path) -> list[str]:
    return [name for name in EVERYTHING if (repo / name).exists()]


def test_yes_does_all_of_it_and_a_second_time_there_is_nothing_to_do(
    repo: Path, git: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--yes"]) == 0
    first = capsys.readouterr().out
    assert main(["init", "--yes"]) == 0

    assert there(repo) == EVERYTHING
    assert capsys.readouterr().out == "nothing to do: all of it is there\n"
    assert (repo / ".env.example").read_text() == "# the database\nDB_PASSWORD=\nPORT=\n"
    rules = yaml.safe_load((repo / ".sops.yaml").read_text())["creation_rules"]
    assert rules == [{"path_regex": r"\.enc\.(ya?ml|json|env|ini)$", "age": KEY}]
    assert "tightlip" in str(yaml.safe_load((repo / ".github/workflows/tightlip.yml").read_text())["jobs"])
    assert (
        git("status", "--porcelain", "-uall")
        == "?? .env.example\n?? .github/workflows/tightlip.yml\n?? .gitignore\n?? .sops.yaml"
    )
    assert REAL not in first


def test_a_dry_run_tells_and_does_nothing(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--dry-run"]) == 0

    said = capsys.readouterr().out
    assert there(repo) == []
    assert "would: Write .env.example with 2 keys of .env and no value" in said
    assert "would: Install git hooks" in said
    assert REAL not in said


def test_where_nobody_can_be_asked_it_tells_does_nothing_and_ends_with_2(
    repo: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\ny\ny\n"))

    assert main(["init"]) == 2

    said = capsys.readouterr()
    assert there(repo) == []
    assert "would: Write .sops.yaml" in said.out
    assert "tightlip init --yes does it" in said.err


@pytest.mark.skipif(os.name == "nt", reason="a terminal is made of a pair of POSIX")
def test_on_a_terminal_it_does_what_is_agreed_to_and_no_more(repo: Path) -> None:
    import pty
    import subprocess

    parent, child = pty.openpty()
    command = [sys.executable, "-m", "tightlip", "init", "--only", "gitignore", "--only", "sops"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, cwd=repo, env=env, stdin=child, stdout=child, stderr=child) as process:
        os.close(child)
        os.write(parent, b"n\ny\n")
        said = b""
        while True:
            try:
                more = os.read(parent, 4096)
            except OSError:  # the other side is closed
                break
            if not more:
                break
            said += more
        code = process.wait(60)
    os.close(parent)

    assert (code, there(repo)) == (0, [".sops.yaml"])
    assert said.count(b"do it? [y/N]") == 2


def test_what_is_there_is_kept_and_keys_are_added_to_an_example(repo: Path, put: Call) -> None:
    put(".env.example", "# ours\nPORT=8080")
    put(".sops.yaml", "creation_rules: []\n")
    put(".gitignore", ".env\n")
    put(".github/workflows/ci.yml", "jobs: {a: {steps: [{run: tightlip ci}]}}\n")

    assert main(["init", "--yes"]) == 0

    assert (repo / ".env.example").read_text() == "# ours\nPORT=8080\nDB_PASSWORD=\n"
    assert (repo / ".sops.yaml").read_text() == "creation_rules: []\n"
    assert (repo / ".gitignore").read_text().startswith(".env\n\n#")
    assert not (repo / ".github/workflows/tightlip.yml").exists()


def test_only_and_the_named_key_and_platform_count(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = "age1" + "z" * 58

    assert main(["init", "--yes", "--only", "sops", "--only", "ci", "--age", other, "--ci", "gitlab"]) == 0

    assert there(repo) == [".sops.yaml"]
    assert other in (repo / ".sops.yaml").read_text()
    assert yaml.safe_load((repo / ".gitlab-ci.yml").read_text())["tightlip"]["variables"] == {"GIT_DEPTH": "0"}


def test_a_private_key_is_no_recipient_and_is_not_shown(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private = "AGE-SECRET-" + "KEY-1" + "Q" * 58

    assert main(["init", "--yes", "--only", "sops", "--age", private]) == 2

    assert private not in "".join(capsys.readouterr())
    assert there(repo) == []


def test_links_that_lead_out_of_the_repository_are_not_followed(
    repo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo / ".github").symlink_to(outside)
    (repo / ".gitignore").symlink_to(outside / "ignore")

    assert main(["init", "--yes", "--only", "ci"]) == 2
    assert main(["init", "--yes", "--only", "gitignore"]) == 2

    assert list(outside.rglob("*.yml")) == []
    assert not (outside / "ignore").exists()


def test_hooks_of_a_framework_are_left_to_it_and_said(put: Call, capsys: pytest.CaptureFixture[str]) -> None:
    put(".git/hooks/pre-commit", "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n")

    assert main(["init", "--yes", "--only", "hooks"]) == 0

    assert "note: " in capsys.readouterr().out


def test_a_repository_without_a_working_tree_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import subprocess

    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)

    assert main(["init", "--yes", str(tmp_path / "bare")]) == 2
    assert "no working tree" in capsys.readouterr().err
