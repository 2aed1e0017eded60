"""`tightlip init` sets a repository up, asks before each, and writes over nothing."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from terminal import at_terminal, needs_terminal
from tightlip.cli import main

Call = Callable[..., str]
REAL = "q8Vt3" + "Zr7Lm2Xw9Pk"
KEY = "age1" + "q" * 58
BESIDE = os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", "")))
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


@needs_terminal
def test_on_a_terminal_it_does_what_is_agreed_to_and_no_more(repo: Path) -> None:
    code, said = at_terminal(["init", "--only", "gitignore", "--only", "sops"], "n\ny\n", repo)

    assert (code, there(repo)) == (0, [".sops.yaml"])
    assert said.count("do it? [y/N]") == 2


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
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare")], check=True)

    assert main(["init", "--yes", str(tmp_path / "bare")]) == 2
    assert "no working tree" in capsys.readouterr().err


@pytest.mark.parametrize("only", ["ci", "example"])
def test_nothing_at_all_is_made_where_a_link_leads(repo: Path, git: Call, tmp_path: Path, only: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / ".env.example").write_text("A=\n")
    (repo / ".github").symlink_to(outside)
    (repo / "app").mkdir()
    for name in (".env", ".env.example"):
        (repo / "app" / name).write_text(f"A=1\nDB_PASSWORD={REAL}\n")
    git("add", "-f", "app")
    shutil.rmtree(repo / "app")
    (repo / "app").symlink_to(outside)

    main(["init", "--yes", "--only", only])

    assert [it.name for it in outside.iterdir()] == [".env.example"]
    assert (outside / ".env.example").read_text() == "A=\n"


def test_folders_that_git_ignores_are_left_alone(repo: Path, put: Call) -> None:
    put(".gitignore", "node_modules/\n.env\n")
    put("node_modules/a/.env", "A=1\n")
    put("app/.env", "A=1\n")

    assert main(["init", "--yes", "--only", "example"]) == 0

    assert sorted(str(it.relative_to(repo)) for it in repo.rglob(".env.example")) == [
        ".env.example",
        "app/.env.example",
    ]


def test_an_example_that_is_a_link_is_said_and_the_rest_is_done(
    repo: Path, put: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repo / ".env.example").symlink_to(tmp_path / "elsewhere")

    assert main(["init", "--yes", "--only", "example", "--only", "gitignore"]) == 0

    assert "note: .env.example is a symbolic link" in capsys.readouterr().out
    assert not (tmp_path / "elsewhere").exists()
    assert (repo / ".gitignore").exists()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("git@gitlab.com:acme/github-tools.git", ".gitlab-ci.yml"),
        ("https://gitlab.example.org/acme/shop", ".gitlab-ci.yml"),
        ("ssh://git@github.com:22/acme/gitlab.git", ".github/workflows/tightlip.yml"),
        ("../github/shop", None),
    ],
)
def test_the_platform_is_that_of_the_host_of_origin(repo: Path, git: Call, address: str, name: str | None) -> None:
    git("remote", "set-url", "origin", address)

    assert main(["init", "--yes", "--only", "ci"]) == 0

    made = [it for it in (".gitlab-ci.yml", ".github/workflows/tightlip.yml") if (repo / it).exists()]
    assert made == ([name] if name else [])


@pytest.mark.parametrize(
    ("branch", "expected"),
    [("true", "true"), ("1.0", "1.0"), ("a+b", r"a\+b"), ("it's", "it's"), ("dev/x_y", "dev/x_y"), ("123", "123")],
)
def test_the_branch_of_a_workflow_is_a_text_and_no_pattern(repo: Path, git: Call, branch: str, expected: str) -> None:
    git("symbolic-ref", "HEAD", f"refs/heads/{branch}")

    assert main(["init", "--yes", "--only", "ci"]) == 0

    made = yaml.safe_load((repo / ".github/workflows/tightlip.yml").read_text())
    assert made[True]["push"]["branches"] == [expected]  # YAML 1.1 takes `on` for true


def test_a_branch_with_a_usual_name_comes_before_the_one_that_is_checked_out(repo: Path, git: Call) -> None:
    git("commit", "-q", "--allow-empty", "-m", "x")
    git("checkout", "-q", "-b", "feature")

    assert main(["init", "--yes", "--only", "ci"]) == 0

    assert "branches: [main]" in (repo / ".github/workflows/tightlip.yml").read_text()


def test_an_example_holds_no_line_of_a_value(repo: Path, put: Call) -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0\nq8Vt3Zr7Lm2Xw9PkAbCdEfGh="
    put(".env", f"A=1\nKEY=-----BEGIN {'PRIVATE'} KEY-----\n{body}\n-----END {'PRIVATE'} KEY-----\nRAW={body}\n")
    put(".env.example", "A=\n")

    assert main(["init", "--yes", "--only", "example"]) == 0
    (repo / ".env.example").unlink()
    assert main(["init", "--yes", "--only", "example"]) == 0

    assert (repo / ".env.example").read_text() == "A=\nKEY=\nRAW=\n"


@needs_terminal
def test_where_the_input_ends_nothing_more_is_asked_for_or_done(repo: Path) -> None:
    code, shown = at_terminal(["init", "--only", "gitignore", "--only", "sops"], "\x04", repo, waits_for="[y/N]")

    assert (code, there(repo)) == (0, [])
    assert shown.count("[y/N]") == 1


SOPS, LINTER = shutil.which("sops", path=BESIDE), shutil.which("actionlint", path=BESIDE)


@pytest.mark.skipif(SOPS is None, reason="there is no sops")
@pytest.mark.parametrize("name", ["a.enc.yaml", "a.enc.json", "production.enc.env", "x/a.enc.ini"])
def test_sops_encrypts_by_the_rules_that_are_made(repo: Path, put: Call, name: str) -> None:
    pyrage = pytest.importorskip("pyrage")
    text = {"yaml": "a: 1\n", "json": '{"a": "1"}', "env": "A=1\n", "ini": "[a]\nb = 1\n"}[name.rpartition(".")[2]]
    path = put(name, text)
    key = str(pyrage.x25519.Identity.generate().to_public())
    assert main(["init", "--yes", "--only", "sops", "--age", key]) == 0

    subprocess.run([str(SOPS), "encrypt", "--in-place", str(path)], cwd=repo, check=True, capture_output=True)

    assert key in path.read_text()
    assert "ENC[" in path.read_text()


@pytest.mark.skipif(LINTER is None, reason="there is no actionlint")
def test_the_workflow_that_is_made_passes_actionlint(repo: Path) -> None:
    assert main(["init", "--yes", "--only", "ci"]) == 0

    subprocess.run([str(LINTER), ".github/workflows/tightlip.yml"], cwd=repo, check=True)


def test_a_secret_in_the_name_of_a_folder_is_not_shown(
    put: Call, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(f"{token}/.env", "A=1\n")

    assert main(["init", "--yes", "--only", "example"]) == 0

    said = capsys.readouterr().out
    assert token not in said
    assert "wrote ********/.env.example with 1 key" in said


def test_a_hook_that_is_there_is_kept(repo: Path, put: Call, git: Call) -> None:
    put(".git/hooks/pre-commit", "#!/bin/sh\necho mine >> seen\n").chmod(0o755)

    assert main(["init", "--yes", "--only", "hooks"]) == 0

    assert "echo mine" in "".join(it.read_text() for it in (repo / ".git/hooks").glob("pre-commit*") if it.is_file())
