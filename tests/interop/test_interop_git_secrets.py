"""git-secrets' commands and settings: its exit codes, no program of a repository's, no value in what is printed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.cli import main
from tightlip.git.plumbing import Git
from tightlip.interop import git_secrets

VALUE = "0f9e8d7c6b5a4938" + "271605fedcba9817"
PATTERN = "acme_[0-9a-f]{32}"
LINE = f"see acme_{VALUE} there\n"

GitCommand = Callable[..., str]
Write = Callable[[str, str], object]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def here(repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The repository as the current folder, and a global configuration that can be written."""
    monkeypatch.chdir(repo)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    return repo


@pytest.fixture
def prohibited(here: Path, git: GitCommand, stage: Write) -> Path:
    """A repository that prohibits something, and a file that holds it."""
    git("config", "--add", "secrets.patterns", PATTERN)
    stage("src/a.txt", f"one\n{LINE}")
    return here


def run(*args: str) -> int:
    return main(["git-secrets", *args])


def test_a_scan_tells_the_line_up_to_the_secret(prohibited: Path, capsys: Capture) -> None:
    assert run("--scan") == 1
    out, err = capsys.readouterr()
    assert out == "src/a.txt:2:see ******** (Prohibited: pattern 1)\n"
    assert err.startswith("\n[ERROR] Matched one or more prohibited patterns\n\nPossible mitigations:")


def test_what_tightlip_itself_looks_for_is_found_too(here: Path, stage: Write, token: str, capsys: Capture) -> None:
    stage("a.txt", f"t = '{token}'\n")

    assert run("--scan") == 1
    assert capsys.readouterr().out == "a.txt:1:t = '******** (GitHub personal access token (classic))\n"


def test_a_clean_repository_is_clean(here: Path, git: GitCommand, stage: Write, capsys: Capture) -> None:
    git("config", "--add", "secrets.patterns", PATTERN)
    stage("a.txt", "nothing\n")

    assert run("--scan") == 0
    assert capsys.readouterr() == ("", "")


def test_the_files_that_are_scanned(prohibited: Path, put: Write, capsys: Capture) -> None:
    put("src/new.txt", LINE)
    put("clean.txt", "nothing\n")
    put(".gitignore", "ignored.txt\n")
    put("ignored.txt", LINE)

    def places(*args: str) -> list[str]:
        run(*args)
        return [line.split(":")[0].removeprefix("./") for line in capsys.readouterr().out.splitlines()]

    assert places("--scan") == ["src/a.txt"]
    assert places("--scan", "--untracked") == ["src/a.txt", "src/new.txt"]
    assert places("--scan", "--no-index") == ["ignored.txt", "src/a.txt", "src/new.txt"]
    assert places("--scan", "clean.txt", "src/new.txt") == ["src/new.txt"]
    assert places("--scan", "src") == []
    assert places("--scan", "-r", "src") == ["src/a.txt", "src/new.txt"]


def test_the_index_is_scanned_and_not_the_working_tree(prohibited: Path, put: Write, capsys: Capture) -> None:
    put("src/a.txt", "cleaned\n")

    assert run("--scan") == 0
    assert run("--scan", "--cached") == 1
    assert capsys.readouterr().out.startswith("src/a.txt:2:see ***")


def test_options_that_exclude_each_other(prohibited: Path, capsys: Capture) -> None:
    assert run("--scan", "-r", "--cached") == 2
    assert run("--scan", "--cached", "--untracked") == 2
    assert run() == 2
    assert run("--scan", "--list") == 2


def test_a_history_is_scanned(prohibited: Path, git: GitCommand, stage: Write, capsys: Capture) -> None:
    git("commit", "-q", "-m", "first")
    first = git("rev-parse", "HEAD")
    stage("src/a.txt", "cleaned\n")
    git("commit", "-q", "-m", "second")

    assert run("--scan") == 0
    assert run("--scan-history") == 1
    assert capsys.readouterr().out == f"{first}:src/a.txt:2:see ******** (Prohibited: pattern 1)\n"


def test_what_is_allowed_is_matched_against_path_line_and_text(
    prohibited: Path, git: GitCommand, put: Write, capsys: Capture
) -> None:
    assert run("--add", "--allowed", "^src/.*:2:see") == 0
    assert run("--scan") == 0
    git("config", "--unset", "secrets.allowed")
    put(".gitallowed", f"# a note\n\nacme_{VALUE[:4]}\n")
    assert run("--scan") == 0
    put(".gitallowed", "^tests/\n")
    assert run("--scan") == 1


def test_patterns_are_added_once_and_checked(here: Path, git: GitCommand, capsys: Capture) -> None:
    assert run("--add", PATTERN) == 0
    assert run("--add", PATTERN) == 1
    assert run("--add", "--literal", "a.b*c+key") == 0
    assert run("--add", "--global", "--", "-----BEGIN ACME") == 0
    assert run("--add", "acme[") == 2
    assert run("--add", "[0-9]{16}") == 2
    assert run("--add") == 2
    assert git("config", "--local", "--get-all", "secrets.patterns").split("\n") == [PATTERN, r"a\.b\*c\+key"]
    assert git("config", "--global", "--get-all", "secrets.patterns") == "-----BEGIN ACME"
    capsys.readouterr()
    assert run("--list") == 0
    out = capsys.readouterr().out
    assert f"secrets.patterns {PATTERN}\n" in out
    assert "key" not in out  # a fixed text may be a secret


def test_a_pattern_that_cannot_be_used_does_not_look_clean(
    here: Path, git: GitCommand, stage: Write, capsys: Capture
) -> None:
    git("config", "--add", "secrets.patterns", "[0-9]{16}")
    stage("a.txt", "nothing\n")

    assert run("--scan") == 3
    assert "not used: pattern 1: has nothing fixed" in capsys.readouterr().err


def provider(folder: Path, marker: Path) -> Path:
    """Write a program that prints a pattern and says that it ran."""
    program = folder / "provide"
    program.write_text(f"#!/bin/sh\ntouch '{marker}'\nprintf '{PATTERN}\\r\\n\\n'\n", "utf-8")
    program.chmod(0o755)
    return program


def test_a_provider_is_asked_only_where_the_user_names_it(
    here: Path, git: GitCommand, stage: Write, tmp_path: Path, capsys: Capture
) -> None:
    marker, program = tmp_path / "ran", provider(tmp_path, tmp_path / "ran")
    stage("a.txt", LINE)
    git("config", "--local", "--add", "secrets.providers", str(program))

    assert run("--scan") == 0
    assert "such a program is never run" in capsys.readouterr().err
    assert not marker.exists()
    git("config", "--global", "--add", "secrets.providers", str(program))
    assert run("--scan") == 1
    assert marker.exists()
    assert VALUE not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "name", ["./provide", "{here}/provide", "provide", "git evil", "sub/../provide", "nowhere", "'"]
)
def test_no_program_of_the_repository_is_run_whoever_names_it(
    here: Path, git: GitCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, name: str
) -> None:
    marker = tmp_path / "ran"
    provider(here, marker)
    git("config", "alias.evil", f"!touch {marker}")
    monkeypatch.setenv("PATH", os.pathsep.join([".", str(here), os.environ["PATH"]]))
    git("config", "--global", "--add", "secrets.providers", name.format(here=here))

    assert run("--scan") == 3
    assert not marker.exists()
    assert "not used: provider" in capsys.readouterr().err


def test_keys_of_aws_are_looked_for_without_a_program(
    here: Path, stage: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    file = tmp_path / "credentials"
    file.write_text(f"[default]\naws_secret_access_key = {VALUE}/x+y%z\n[other]\nregion = x\n", "utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    stage("a.txt", f"see {VALUE}/x+y%z there\n")

    assert run("--scan") == 0
    assert run("--register-aws") == 0
    capsys.readouterr()
    assert run("--scan") == 1
    assert capsys.readouterr().out == "a.txt:1:see ******** (Prohibited: pattern 1 of a provider)\n"


def test_a_provider_is_added_to_the_users_own_configuration_only(here: Path, git: GitCommand, capsys: Capture) -> None:
    assert run("--add-provider", "--", "cat", "/etc/patterns") == 2
    assert run("--add-provider", "--global", "--", "cat", "/etc/my patterns") == 0
    assert git("config", "--global", "secrets.providers") == "cat '/etc/my patterns'"


def test_hooks_are_installed_and_never_written_over(here: Path, git: GitCommand, put: Write, capsys: Capture) -> None:
    hooks = here / ".git" / "hooks"
    (hooks / "commit-msg.d").mkdir(parents=True, exist_ok=True)

    assert run("--install") == 0
    assert os.access(hooks / "pre-commit", os.X_OK)
    assert (hooks / "commit-msg.d" / "git-secrets").is_file()
    assert "--prepare_commit_msg_hook" in (hooks / "prepare-commit-msg").read_text("utf-8")
    (hooks / "pre-commit").write_text("mine\n", "utf-8")
    assert run("--install") == 2
    assert (hooks / "pre-commit").read_text("utf-8") == "mine\n"
    assert run("--install", "-f") == 0
    git("config", "core.hooksPath", "elsewhere")
    assert run("--install", "-f") == 2
    assert "core.hooksPath is set" in capsys.readouterr().err


def test_the_hooks_stop_what_is_prohibited(prohibited: Path, git: GitCommand, tmp_path: Path, capsys: Capture) -> None:
    message = tmp_path / "message"
    message.write_text(f"Use acme_{VALUE}\n", "utf-8")

    assert run("--pre_commit_hook") == 1
    assert run("--commit_msg_hook", "--", str(message)) == 1
    assert VALUE not in capsys.readouterr().out
    message.write_text("Fine\n", "utf-8")
    assert run("--commit_msg_hook", "--", str(message)) == 0
    git("commit", "-q", "-m", "first")
    assert run("--pre_commit_hook") == 0


def test_a_merge_is_looked_at_before_its_message(
    prohibited: Path, git: GitCommand, stage: Write, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    git("rm", "-q", "--cached", "src/a.txt")
    git("commit", "-q", "--allow-empty", "-m", "first")
    git("checkout", "-q", "-b", "side")
    stage("b.txt", LINE)
    git("commit", "-q", "-m", "second")
    side = git("rev-parse", "HEAD")
    git("checkout", "-q", "main")

    assert run("--prepare_commit_msg_hook", "--", "file", "message") == 0
    monkeypatch.setenv(f"GITHEAD_{side}", "side")
    assert run("--prepare_commit_msg_hook", "--", "file", "merge") == 1


def test_settings_become_rules_without_what_may_be_a_secret(
    prohibited: Path, git: GitCommand, put: Write, capsys: Capture
) -> None:
    git("config", "--add", "secrets.patterns", f"acme_{VALUE}")
    git("config", "--add", "secrets.allowed", "EXAMPLE")
    put(".gitallowed", "^docs/\n")

    assert main(["import", "git-secrets", "--output", "rules.yaml"]) == 3
    out = capsys.readouterr().out
    assert "pattern 2: one fixed text, which may be a secret itself" in out
    assert "allowed 2: names a path or a line" in out
    assert VALUE not in out + Path("rules.yaml").read_text("utf-8")
    assert main(["rules", "test", "rules.yaml"]) == 0
    assert main(["scan", "--rules", "rules.yaml", "src", "-q"]) == 1


def test_where_nothing_is_configured_that_is_said(here: Path, capsys: Capture) -> None:
    assert main(["import", "git-secrets"]) == 2
    assert "has no secrets.patterns" in capsys.readouterr().err


def test_a_setting_knows_whose_it_is(here: Path, git: GitCommand) -> None:
    git("config", "--local", "secrets.patterns", "a\nb")
    git("config", "--global", "secrets.patterns", "c")

    found = git_secrets.configured(Git(), "secrets.patterns")
    assert {(it.value, it.is_own) for it in found} == {("a\nb", False), ("c", True)}


def test_a_literal_is_one_text() -> None:
    assert git_secrets.is_literal(git_secrets.escaped("a.b*[c]"))
    assert not git_secrets.is_literal("a.b")
    assert not git_secrets.is_literal("ab?")
