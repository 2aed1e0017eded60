"""`tightlip install --global` and `--template`: for all repositories, and for each new one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from installing import CLEAN, Command, Run, contents

Commit = Callable[..., "object"]
Git = Callable[..., str]
Hook = Callable[..., Path]

STOPPED = "tightlip stopped this commit"


@pytest.fixture
def secret(token: str) -> str:
    return f'token = "{token}"\n'


def test_every_repository_is_looked_at(install: Command, commit: Commit, secret: str, git: Git, run: Run) -> None:
    install("--global")
    run("git", "init", "-q", "../made later")

    assert STOPPED in commit(secret).stdout
    assert commit(CLEAN).returncode == 0


@pytest.mark.parametrize("event", ["pre-commit", "commit-msg", "post-commit"])
def test_the_hooks_of_a_repository_run_too(
    event: str, install: Command, commit: Commit, hook: Hook, git: Git, repo: Path
) -> None:
    install("--global")
    hook('#!/bin/sh\necho "theirs, $#"\n', event)

    assert f"theirs, {int(event == 'commit-msg')}" in commit(CLEAN).stdout


def test_the_hooks_of_a_repository_can_stop_a_commit(install: Command, commit: Commit, hook: Hook) -> None:
    install("--global")
    hook("#!/bin/sh\nexit 3\n")

    assert commit(CLEAN).returncode == 1


def test_the_hooks_of_a_repository_run_in_its_other_working_trees(
    install: Command, commit: Commit, hook: Hook, git: Git, tmp_path: Path
) -> None:
    commit(CLEAN)
    git("worktree", "add", "-q", "-b", "other", str(tmp_path / "other"))
    install("--global")
    hook("#!/bin/sh\necho theirs\n")

    assert "theirs" in commit("import sys\n", tmp_path / "other").stdout


@pytest.mark.parametrize(
    "before",
    [
        "",
        "[user]\n\tname = Ada\n",
        "[core]\n\tpager = less\n",
        "[core]\n\thooksPath = ~/nowhere\n\tpager = less\n",
        "[core]\n\thooksPath = \n",
    ],
    ids=["nothing", "others", "same-section", "no-such-folder", "empty"],
)
def test_the_configuration_is_as_it_was_when_all_is_taken_out(
    before: str, install: Command, uninstall: Command, settings: Path, tmp_path: Path, git: Git
) -> None:
    settings.write_text(before)
    home = contents(tmp_path / "home")

    install("--global")
    installed = contents(tmp_path / "home")
    assert install("--global").out.endswith("nothing to do: it is installed\n")
    assert contents(tmp_path / "home") == installed
    assert git("config", "--global", "core.hooksPath").endswith("tightlip/hooks")
    uninstall("--global")

    assert contents(tmp_path / "home") == home
    assert uninstall("--global").out == "nothing to do: it is not installed\n"


def test_a_folder_that_somebody_else_set_is_not_overridden(
    tightlip_: Command, hook: Hook, settings: Path, tmp_path: Path
) -> None:
    settings.write_text("[core]\n\thooksPath = ~/hooks\n")
    hook("#!/bin/sh\n", "post-commit", tmp_path / "home/hooks")
    home = contents(tmp_path / "home")

    done = tightlip_("install", "--global")

    assert done.code == 2
    assert "core.hooksPath (global) is ~/hooks already" in done.err
    assert contents(tmp_path / "home") == home


@pytest.mark.parametrize("folder", [".githooks", "/dev/null"])
def test_what_may_lead_to_hooks_is_not_overridden(folder: str, tightlip_: Command, settings: Path) -> None:
    settings.write_text(f"[core]\n\thooksPath = {folder}\n")

    assert tightlip_("install", "--global").code == 2
    assert settings.read_text() == f"[core]\n\thooksPath = {folder}\n"


@pytest.mark.parametrize("place", [["--global"], ["--template", "new"]], ids=["global", "template"])
@pytest.mark.parametrize("how", ["named", "linked"])
def test_a_configuration_that_is_no_ordinary_file_is_never_written(
    how: str, place: list[str], tightlip_: Command, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As /dev/null is none. Here it is a folder: git would put a file in the place of a device."""
    folder = tmp_path / "no file"
    folder.mkdir()
    if how == "linked":
        monkeypatch.delenv("GIT_CONFIG_GLOBAL")
        settings.unlink()
        settings.symlink_to(folder)
    else:
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(folder))

    done = tightlip_("install", *place)

    assert done.code == 2
    assert "is no ordinary file: nothing can be set there" in done.err
    assert not (tmp_path / "home/.local").exists()
    assert not Path("new").exists()


def test_a_folder_that_was_set_since_is_left(install: Command, uninstall: Command, git: Git, settings: Path) -> None:
    install("--global")
    git("config", "--global", "core.hooksPath", "~/mine")

    uninstall("--global")

    assert git("config", "--global", "core.hooksPath") == "~/mine"
    assert "tightlip" not in settings.read_text()


def test_a_repository_needs_no_hooks_of_its_own_then(install: Command, repo: Path) -> None:
    install("--global")
    before = contents(repo / ".git")

    assert "the hooks for all repositories are installed, and run here, too" in install().out
    assert contents(repo / ".git") == before


def test_that_other_hooks_are_still_there_is_told(install: Command, uninstall: Command) -> None:
    install()
    install("--global")

    assert "tightlip uninstall --global takes them out" in uninstall().out
    uninstall("--global")
    assert "--global" not in uninstall().out


def test_a_dry_run_sets_nothing(install: Command, uninstall: Command, tmp_path: Path) -> None:
    home = contents(tmp_path / "home")
    told = install("--global", "--dry-run").out
    assert contents(tmp_path / "home") == home
    install("--global")
    installed = contents(tmp_path / "home")

    assert "would set core.hooksPath to" in told
    assert "would unset core.hooksPath" in uninstall("--global", "--dry-run").out
    assert contents(tmp_path / "home") == installed


def test_a_repository_that_is_cloned_has_the_hooks_of_the_template(
    install: Command, commit: Commit, secret: str, hook: Hook, run: Run, tmp_path: Path
) -> None:
    commit(CLEAN)
    template = tmp_path / "my template"
    hook("#!/bin/sh\necho first\n", folder=template / "hooks")
    install("--template", template)
    run("git", "clone", "-q", "repo", "clone", cwd=tmp_path)

    stopped = commit(secret, tmp_path / "clone")

    assert "first" in stopped.stdout
    assert STOPPED in stopped.stdout


@pytest.mark.parametrize(
    "before", ["[user]\n\tname = Ada\n", "[init]\n\ttemplateDir = ~/other\n"], ids=["none", "another"]
)
def test_the_template_is_as_it_was_when_it_is_taken_out(
    before: str, install: Command, uninstall: Command, settings: Path, tmp_path: Path
) -> None:
    settings.write_text(before)
    home = contents(tmp_path / "home")

    done = install("--template", "~/new/template")
    assert "set init.templateDir to" in done.out
    assert install("--template", "~/new/template").out.endswith("nothing to do: it is installed\n")
    uninstall("--template", "~/new/template")

    assert contents(tmp_path / "home") == home


def test_a_template_that_was_set_already_stays_set(install: Command, uninstall: Command, settings: Path) -> None:
    settings.write_text("[init]\n\ttemplateDir = ~/template\n")

    install("--template", "~/template")
    uninstall("--template", "~/template")

    assert settings.read_text() == "[init]\n\ttemplateDir = ~/template\n"


def test_without_a_home_nothing_is_installed_in_the_current_folder(
    tightlip_: Command, settings: Path, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(repo), settings.read_bytes()
    monkeypatch.setenv("HOME", ".")

    installed, uninstalled = tightlip_("install", "--global"), tightlip_("uninstall", "--global")

    assert (installed.code, uninstalled.code) == (2, 0)
    assert "there is no home folder to put the hooks for all repositories in: set HOME" in installed.err
    assert (contents(repo), settings.read_bytes()) == before
