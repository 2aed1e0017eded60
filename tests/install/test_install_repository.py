"""`tightlip install` in a repository: git stops at a secret, what was there before still runs, and comes back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from installing import CLEAN, Command, Run, contents

Commit = Callable[..., "object"]
Git = Callable[..., str]
Hook = Callable[..., Path]

SOURCE = Path(__file__).resolve().parents[2] / "src"
STOPPED = "tightlip stopped this commit"


@pytest.fixture
def secret(token: str) -> str:
    return f'token = "{token}"\n'


def test_a_commit_with_a_secret_is_stopped_and_a_clean_one_passes(
    install: Command, commit: Commit, secret: str, git: Git
) -> None:
    install()

    stopped = commit(secret)
    passed = commit(CLEAN)

    assert stopped.returncode == 1
    assert STOPPED in stopped.stdout
    assert passed.returncode == 0, passed.stdout
    assert git("log", "--format=%s") == "change"


def test_a_merge_that_git_commits_by_itself_is_stopped(
    install: Command, commit: Commit, secret: str, git: Git, run: Run
) -> None:
    commit(CLEAN)
    git("checkout", "-q", "-b", "other")
    commit(secret)
    git("checkout", "-q", "main")
    git("commit", "-q", "--allow-empty", "-m", "apart")
    install()

    merged = run("git", "merge", "--no-edit", "other")

    assert merged.returncode != 0
    assert STOPPED in merged.stdout


def test_a_path_is_right_with_spaces_and_quotes_in_it(
    tmp_path: Path, install: Command, commit: Commit, secret: str, run: Run
) -> None:
    where = tmp_path / 'it\'s "a" $HOME repo'
    run("git", "init", "-q", where, cwd=tmp_path)
    install(where)

    assert STOPPED in commit(secret, where).stdout
    assert commit(CLEAN, where).returncode == 0


def test_the_program_is_found_without_the_path_of_a_shell(install: Command, commit: Commit, secret: str) -> None:
    install()

    stopped = commit(secret, env={"PATH": "/usr/bin:/bin"})

    assert STOPPED in stopped.stdout


def test_a_program_that_is_gone_is_looked_for_on_the_path(
    install: Command, commit: Commit, secret: str, programs: Path, tmp_path: Path
) -> None:
    install()
    programs.rename(tmp_path / "moved")

    stopped = commit(secret, env={"PATH": f"{tmp_path / 'moved'}:{os.environ['PATH']}"})

    assert STOPPED in stopped.stdout


@pytest.mark.parametrize(
    ("first", "mode"), [("#!/nowhere/python3", 0o755), ("#!/bin/sh", 0o644)], ids=["its-python-is-gone", "no-program"]
)
def test_a_program_that_cannot_be_started_is_passed_over(
    first: str, mode: int, install: Command, commit: Commit, secret: str, programs: Path
) -> None:
    install()
    script = programs / "tightlip-hook"
    script.write_text("\n".join((first, *script.read_text().splitlines()[1:])))
    script.chmod(mode)

    stopped = commit(secret, env={"PYTHONPATH": str(SOURCE)})

    assert STOPPED in stopped.stdout


def test_no_program_at_all_stops_the_commit_and_says_why(
    install: Command, commit: Commit, programs: Path, repo: Path
) -> None:
    install()
    (programs / "tightlip-hook").unlink()
    hook = repo / ".git/hooks/pre-commit"
    lines = [line for line in hook.read_text().splitlines() if not line.startswith("python=")]
    hook.write_text("\n".join([lines[0], "python=/nowhere/python3", *lines[1:]]) + "\n")
    bare = repo.parent / "bare"
    bare.mkdir()
    for name in ("git", "sh"):
        found = next(Path(it, name) for it in os.environ["PATH"].split(os.pathsep) if Path(it, name).exists())
        (bare / name).symlink_to(found)

    stopped = commit(CLEAN, env={"PATH": str(bare)})

    assert stopped.returncode == 1
    assert "the pre-commit hook does not find tightlip, so nothing was looked at" in stopped.stdout
    assert str(programs / "tightlip-hook") in stopped.stdout


def test_a_module_of_the_repository_is_never_taken_for_tightlip(
    install: Command, commit: Commit, programs: Path, repo: Path
) -> None:
    install()
    (programs / "tightlip-hook").unlink()
    for name in ("tightlip/__init__.py", "tightlip/hooks.py"):
        (repo / name).parent.mkdir(exist_ok=True)
        (repo / name).write_text("open('was-run', 'w').close()\ndef main(): return 0\n")

    commit(CLEAN)

    assert not (repo / "was-run").exists()


def test_what_was_there_runs_first_and_can_stop(
    install: Command, commit: Commit, secret: str, hook: Hook, repo: Path
) -> None:
    hook('#!/bin/sh\necho "first, $#"\ntest ! -e stop\n')
    install()

    both = commit(secret)
    (repo / "stop").touch()
    first = commit(secret)

    assert both.stdout.index("first, 0") < both.stdout.index(STOPPED)
    assert first.returncode == 1
    assert "first" in first.stdout
    assert STOPPED not in first.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode")
def test_what_was_not_executable_stays_off(install: Command, commit: Commit, hook: Hook) -> None:
    hook("#!/bin/sh\nexit 1\n", mode=0o644)
    install()

    assert commit(CLEAN).returncode == 0


def test_all_is_as_it_was_when_it_is_taken_out(install: Command, uninstall: Command, hook: Hook, repo: Path) -> None:
    hook("#!/bin/sh\r\necho\xff", mode=0o750)
    hook("no hook at all", "pre-push", mode=0o600)
    hook("#!/bin/sh\n", "elsewhere")
    (repo / ".git/hooks/pre-merge-commit").symlink_to("elsewhere")
    before = contents(repo / ".git")

    install()
    assert contents(repo / ".git") != before
    uninstall()

    assert contents(repo / ".git") == before


def test_a_folder_that_was_made_for_hooks_goes_with_them(
    install: Command, uninstall: Command, tmp_path: Path, run: Run
) -> None:
    where = tmp_path / "bare of hooks"
    run("git", "init", "-q", "--template=", where, cwd=tmp_path)
    before = contents(where)

    install(where)
    uninstall(where)

    assert contents(where) == before


def test_twice_is_once(install: Command, uninstall: Command, hook: Hook, repo: Path) -> None:
    hook("#!/bin/sh\n")
    before = contents(repo / ".git")
    install()
    once = contents(repo / ".git")

    assert install().out == "nothing to do: it is installed\n"
    assert contents(repo / ".git") == once
    uninstall()
    assert uninstall().out == "nothing to do: it is not installed\n"
    assert contents(repo / ".git") == before


def test_an_older_hook_of_tightlip_is_written_anew(install: Command, hook: Hook, repo: Path) -> None:
    install()
    written = contents(repo / ".git")
    hook("#!/bin/sh\n# tightlip: hook\nexec tightlip-hook pre-commit\n")

    assert install().out == "wrote .git/hooks/pre-commit\n"
    assert contents(repo / ".git") == written


def test_a_dry_run_tells_and_does_nothing(install: Command, uninstall: Command, hook: Hook, repo: Path) -> None:
    hook("#!/bin/sh\n")
    before = contents(repo / ".git")

    told = install("--dry-run").out
    assert contents(repo / ".git") == before
    install()
    installed = contents(repo / ".git")
    told_back = uninstall("--dry-run").out

    assert told.startswith(
        "would chain .git/hooks/pre-commit, which runs what was there first: pre-commit.before-tightlip\n"
    )
    assert told_back.startswith("would put back .git/hooks/pre-commit\n")
    assert contents(repo / ".git") == installed


def test_a_hook_that_calls_tightlip_already_is_left(install: Command, hook: Hook) -> None:
    path = hook("#!/bin/sh\nexec tightlip-hook pre-commit\n")

    install()

    assert path.read_text() == "#!/bin/sh\nexec tightlip-hook pre-commit\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode")
def test_a_hook_that_calls_tightlip_and_is_not_executable_covers_nothing(
    install: Command, commit: Commit, secret: str, hook: Hook
) -> None:
    hook("#!/bin/sh\nexec tightlip-hook pre-commit\n", mode=0o644)

    install()

    assert STOPPED in commit(secret).stdout


def test_a_link_to_a_hook_of_tightlip_is_somebody_elses(install: Command, uninstall: Command, repo: Path) -> None:
    (repo / "shared").write_text("#!/bin/sh\n# tightlip: hook\n")
    (repo / ".git/hooks/pre-commit").symlink_to("../../shared")
    before = contents(repo / ".git/hooks")

    install()
    assert (repo / "shared").read_text() == "#!/bin/sh\n# tightlip: hook\n"
    uninstall()

    assert contents(repo / ".git/hooks") == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such mode")
def test_git_may_run_the_hooks_whatever_the_umask_is(install: Command, commit: Commit, secret: str) -> None:
    old = os.umask(0o177)
    try:
        install()
    finally:
        os.umask(old)

    assert STOPPED in commit(secret).stdout


def test_all_working_trees_share_the_hooks(
    install: Command, uninstall: Command, commit: Commit, secret: str, git: Git, repo: Path, tmp_path: Path
) -> None:
    commit(CLEAN)
    tree = tmp_path / "another tree"
    git("worktree", "add", "-q", "-b", "other", str(tree))
    before = contents(repo / ".git/hooks")

    install(tree)

    assert STOPPED in commit(secret).stdout
    assert STOPPED in commit(secret, tree).stdout
    uninstall(repo)
    assert contents(repo / ".git/hooks") == before


def test_hooks_go_where_the_repository_says(
    install: Command, commit: Commit, secret: str, git: Git, repo: Path
) -> None:
    git("config", "core.hooksPath", ".githooks")

    done = install()

    assert "so git looks for hooks there" in done.out
    assert (repo / ".githooks/pre-commit").exists()
    assert STOPPED in commit(secret).stdout


def test_a_folder_for_all_repositories_is_not_written_into(tightlip_: Command, settings: Path, tmp_path: Path) -> None:
    settings.write_text("[core]\n\thooksPath = ~/hooks\n")

    done = tightlip_("install")

    assert done.code == 2
    assert "core.hooksPath (global) is" in done.err
    assert not (tmp_path / "home/hooks").exists()


def test_nothing_that_is_in_the_way_is_overwritten(tightlip_: Command, hook: Hook, repo: Path) -> None:
    hook("#!/bin/sh\n")
    hook("#!/bin/sh\n", "pre-commit.before-tightlip")
    before = contents(repo / ".git")

    done = tightlip_("install")

    assert done.code == 2
    assert "cannot be moved there" in done.err
    assert contents(repo / ".git") == before


def test_what_was_moved_aside_stays_where_another_hook_took_its_place(
    install: Command, uninstall: Command, hook: Hook, repo: Path
) -> None:
    hook("#!/bin/sh\n# old\n")
    install()
    path = hook("#!/bin/sh\n# new\n")

    done = uninstall()

    assert "pre-commit.before-tightlip stays" in done.out
    assert path.read_text() == "#!/bin/sh\n# new\n"
    assert (repo / ".git/hooks/pre-commit.before-tightlip").read_text() == "#!/bin/sh\n# old\n"


def test_a_folder_in_the_place_of_a_hook_is_told(tightlip_: Command, repo: Path) -> None:
    (repo / ".git/hooks/pre-push").mkdir()
    before = contents(repo / ".git")

    done = tightlip_("install")

    assert done.code == 2
    assert "pre-push is a folder, where git looks for a hook" in done.err
    assert contents(repo / ".git") == before


@pytest.mark.parametrize(
    ("path", "shown"), [("a-file", "{repo}/a-file"), ("", "empty"), ("/dev/null", "/dev/null")], ids=str
)
def test_nothing_is_installed_where_git_runs_no_hooks(
    path: str, shown: str, tightlip_: Command, git: Git, put: Callable[..., Path], repo: Path
) -> None:
    git("config", "core.hooksPath", path)
    put("a-file", "")
    before = sorted(repo.iterdir())

    done = tightlip_("install")

    assert done.code == 2
    is_so = f"core.hooksPath (local) is {shown.format(repo=repo)}, which is no folder, so git runs no hooks"
    assert done.err.strip() == f"tightlip: error: {is_so}: git config --local --unset core.hooksPath"
    assert sorted(repo.iterdir()) == before


def test_a_folder_that_cannot_be_made_is_told_in_one_line(
    tightlip_: Command, repo: Path, put: Callable[..., Path]
) -> None:
    (repo / ".git/hooks").rename(repo / "samples")
    put(".git/hooks", "")

    done = tightlip_("install")

    assert done.code == 2
    assert ".git/hooks/pre-commit: cannot write it: File exists" in done.err
    assert len(done.err.splitlines()) == 1


def test_two_places_at_once_are_refused(tightlip_: Command) -> None:
    done = tightlip_("install", ".", "--global")

    assert done.code == 2
    assert "one place too many" in done.err


@pytest.mark.parametrize("name", ["install", "uninstall"])
def test_a_folder_that_is_no_repository_is_told_in_one_line(name: str, tightlip_: Command, tmp_path: Path) -> None:
    done = tightlip_(name, tmp_path / "home")

    assert done.code == 2
    assert len(done.err.splitlines()) == 1
