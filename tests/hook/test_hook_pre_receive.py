"""What a server is sent, through real pushes to one: what brings a secret is refused, and its clean twin passes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pushing import ZEROS, Pushing, Run, install, is_stopped

CLEAN = 'import os\n\nTOKEN = os.environ["TOKEN"]\n'


only_pre_receive = pytest.mark.parametrize("hook", ["pre-receive"])
"""Git does not tell update of push options."""


@pytest.fixture(params=["pre-receive", "update"])
def hook(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def pushing(repo: Path, tmp_path: Path, run: Run, entry: list[str], hook: str) -> Pushing:
    """One commit that is on the server, and its hook."""
    made = Pushing(repo, tmp_path / "server.git", run)
    made.commit("a.py", CLEAN, "first")
    assert made.push("-q", "origin", "main").returncode == 0
    made.git("config", "receive.advertisePushOptions", "true", where=made.server)
    install(made.server, hook, entry)
    return made


def log(pushing: Pushing) -> list[dict[str, object]]:
    file = pushing.server / "tightlip.log"
    return [json.loads(line) for line in file.read_text("ascii").splitlines()] if file.exists() else []


def test_a_clean_push_passes_without_a_word_and_is_not_written_down(pushing: Pushing) -> None:
    pushing.commit("b.py", CLEAN)

    done = pushing.push("-q", "origin", "main")

    assert (done.returncode, done.stdout) == (0, "")
    assert log(pushing) == []


def test_a_commit_with_a_secret_is_refused_told_and_written_down(pushing: Pushing, token: str) -> None:
    before = pushing.git("rev-parse", "HEAD")
    commit = pushing.commit("b.py", f'x = "{token}"\n', "two")

    done = pushing.push("origin", "main", env={"REMOTE_USER": "ada"})

    assert is_stopped(done, "b.py:1:6", token)
    assert "hook declined" in done.stdout
    assert f'{commit[:10]} by Ada Example: "two"' in done.stdout
    assert "tightlip.skip" not in done.stdout
    (line,) = log(pushing)
    assert (line["outcome"], line["who"]) == ("refused", "ada")
    assert line["refs"] == [f"{before}..{commit} refs/heads/main"]
    assert line["findings"] == ["github-pat-classic at b.py:1:6"]


def test_nothing_of_a_refused_push_stays(pushing: Pushing, token: str, hook: str) -> None:
    commit = pushing.commit("b.py", f'x = "{token}"\n')

    pushing.push("origin", "main")

    there = pushing.run("git", "cat-file", "-e", commit, cwd=pushing.server).returncode == 0
    assert there is (hook == "update")  # git has taken its objects in by then, and no ref leads to them


def test_a_secret_that_a_later_commit_removes_is_refused(pushing: Pushing, token: str) -> None:
    commit = pushing.commit("b.py", f'x = "{token}"\n')
    pushing.commit("b.py", CLEAN)

    done = pushing.push("origin", "main")

    assert is_stopped(done, "b.py:1:6", token)
    assert commit[:10] in done.stdout
    assert "still there" in done.stdout


def test_a_new_branch_brings_only_what_the_server_lacks(pushing: Pushing, token: str, other: str) -> None:
    pushing.git("switch", "-q", "-c", "new")
    pushing.commit("c.py", CLEAN)
    clean = pushing.push("-q", "origin", "new")
    pushing.commit("d.py", f'x = "{token}"\n')

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(pushing.push("origin", "new:elsewhere"), "d.py:1:6", token)


def test_the_first_push_of_all_is_scanned_from_its_root(
    repo: Path, tmp_path: Path, run: Run, entry: list[str], token: str, hook: str
) -> None:
    pushing = Pushing(repo, tmp_path / "server.git", run)
    install(pushing.server, hook, entry)
    pushing.commit("z.py", f'x = "{token}"\n')
    stopped = pushing.push("origin", "main")
    pushing.git("switch", "-q", "--orphan", "clean")
    pushing.commit("z.py", CLEAN)

    assert is_stopped(stopped, "z.py:1:6", token)
    assert pushing.push("-q", "origin", "clean:main").returncode == 0


def test_messages_of_commits_and_tags_are_scanned(pushing: Pushing, token: str, other: str) -> None:
    pushing.git("tag", "-a", "-m", "nothing special", "v1")
    clean = pushing.push("-q", "origin", "v1")
    pushing.git("tag", "-a", "-m", f"deployed with {token}", "v2")
    commit = pushing.commit("b.py", CLEAN, f"use {other}")

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(pushing.push("origin", "v2"), "(its message or header)", token)
    assert is_stopped(pushing.push("origin", "main"), f"commit {commit[:10]}:", other)


def test_a_forced_push_is_scanned(pushing: Pushing, token: str) -> None:
    pushing.git("commit", "-q", "--amend", "-m", "first, again")
    clean = pushing.push("-q", "--force", "origin", "main")
    pushing.git("rm", "-q", "a.py")
    pushing.commit("d.py", f'x = "{token}"\n')
    pushing.git("commit", "-q", "--amend", "-m", "once more")

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(pushing.push("--force", "origin", "main"), "d.py:1:6", token)


def test_a_deletion_passes(pushing: Pushing) -> None:
    assert pushing.push("-q", "origin", "main:old").returncode == 0
    assert pushing.push("-q", "origin", ":old").returncode == 0
    assert pushing.refs() == {"refs/heads/main"}


def test_of_several_refs_each_is_scanned(pushing: Pushing, token: str, hook: str) -> None:
    for name, text in (("one", CLEAN), ("two", f'x = "{token}"\n'), ("three", CLEAN)):
        pushing.git("switch", "-q", "-c", name, "main")
        pushing.commit(f"{name}.py", text)

    done = pushing.push("origin", "one", "two", "three")
    kept = pushing.refs()
    passed = pushing.push("-q", "origin", "one", "three")

    assert is_stopped(done, "two.py:1:6", token)
    others = {"refs/heads/one", "refs/heads/three"} if hook == "update" else set()
    assert kept == {"refs/heads/main", *others}
    assert passed.returncode == 0, passed.stdout


def test_what_is_pushed_cannot_switch_off_its_own_check(pushing: Pushing, token: str) -> None:
    pushing.git("switch", "-q", "-c", "side")
    pushing.commit(".tightlipignore", "*.env\n")
    first = pushing.push("-q", "origin", "side")
    pushing.commit("c.env", f"x={token}\n")
    stopped = pushing.push("origin", "side")
    accepted = pushing.push("-q", "origin", "HEAD~1:main")

    assert first.returncode == 0, first.stdout
    assert is_stopped(stopped, "c.env:1:3", token)
    assert accepted.returncode == 0, accepted.stdout
    assert pushing.push("-q", "origin", "side").returncode == 0


def test_what_would_lock_everybody_out_is_refused_on_the_default_branch(pushing: Pushing) -> None:
    pushing.commit(".tightlip.yaml", "min_severity: nonsense\n")

    done = pushing.push("origin", "main")

    assert done.returncode == 1
    assert "tightlip: error: .tightlip.yaml:1: `min_severity` must be one of" in done.stdout
    assert "correct it, and push again" in done.stdout
    assert pushing.push("-q", "origin", "main:side").returncode == 0


def test_a_default_branch_that_cannot_be_read_refuses_all_and_says_whose_it_is(
    pushing: Pushing, hook: str, entry: list[str], token: str
) -> None:
    broken(pushing)
    install(pushing.server, hook, entry)
    pushing.commit(".tightlip.yaml", "min_severity: low\n")
    refused = pushing.push("origin", "main")
    (pushing.server / "own.yaml").write_text("min_severity: low\n", "utf-8")
    install(pushing.server, hook, entry, "--config", "own.yaml")
    passed = pushing.push("-q", "origin", "main")

    assert refused.returncode == 1
    assert "the server's own says that, not what you push" in refused.stdout
    assert "by --allow-skip or --config FILE in the hook" in refused.stdout
    assert passed.returncode == 0, passed.stdout


@only_pre_receive
def test_a_skip_lets_the_correction_of_the_default_branch_in_and_is_written_down(
    pushing: Pushing, hook: str, entry: list[str], token: str
) -> None:
    broken(pushing)
    install(pushing.server, hook, entry, "--allow-skip")
    pushing.commit(".tightlip.yaml", "min_severity: low\n")
    told = pushing.push("origin", "main")
    with_secret = pushing.push("-o", f"tightlip.skip={token}", "origin", "main")
    passed = pushing.push("-q", "-o", "tightlip.skip=correction", "origin", "main")

    assert "push its correction with -o tightlip.skip='REASON'" in told.stdout
    assert (told.returncode, with_secret.returncode) == (1, 1)
    assert token not in with_secret.stdout
    assert passed.returncode == 0, passed.stdout
    assert [(line["outcome"], line["reason"]) for line in log(pushing)] == [("skipped, not scanned", "correction")]
    assert pushing.push("-q", "origin", "main:side").returncode == 0


def broken(pushing: Pushing) -> None:
    """Have a configuration on the default branch that cannot be read, from before there was a hook."""
    for hook in (pushing.server / "hooks").iterdir():
        hook.unlink()
    pushing.commit(".tightlip.yaml", "min_severity: nonsense\n")
    assert pushing.push("-q", "origin", "main").returncode == 0


def test_comments_count_unless_the_server_does_not_want_them(
    pushing: Pushing, token: str, hook: str, entry: list[str]
) -> None:
    pushing.commit("b.py", f'x = "{token}"  # tightlip: allow made up\n')
    install(pushing.server, hook, entry, "--no-allow")
    stopped = pushing.push("origin", "main")
    install(pushing.server, hook, entry)

    assert is_stopped(stopped, "b.py:1:6", token)
    assert pushing.push("-q", "origin", "main").returncode == 0


@only_pre_receive
def test_a_push_may_skip_only_where_the_server_lets_it(
    pushing: Pushing, token: str, hook: str, entry: list[str]
) -> None:
    pushing.commit("b.py", f'x = "{token}"\n')
    refused = pushing.push("-o", "tightlip.skip=demo data", "origin", "main")
    install(pushing.server, hook, entry, "--allow-skip")
    told = pushing.push("origin", "main")
    passed = pushing.push("-o", "tightlip.skip=demo data", "origin", "main")

    assert refused.returncode == 1
    assert "this server does not let a push skip the scan" in refused.stdout
    assert is_stopped(told, "tightlip.skip='REASON'", token)
    assert passed.returncode == 0, passed.stdout
    assert [(line["outcome"], line["reason"]) for line in log(pushing)] == [("refused", ""), ("skipped", "demo data")]
    assert log(pushing)[1]["findings"] == ["github-pat-classic at b.py:1:6"]
    assert token not in (pushing.server / "tightlip.log").read_text("ascii")


@only_pre_receive
@pytest.mark.parametrize("reason", ["", "=", "={}"], ids=["no reason", "an empty one", "one with a secret"])
def test_a_skip_needs_a_reason_that_can_be_written_down(
    reason: str, pushing: Pushing, token: str, hook: str, entry: list[str]
) -> None:
    install(pushing.server, hook, entry, "--allow-skip")
    pushing.commit("b.py", f'x = "{token}"\n')

    done = pushing.push("-o", "tightlip.skip" + reason.format(token), "origin", "main")

    assert done.returncode == 1
    assert "tightlip: error: " in done.stdout
    assert token not in done.stdout
    assert log(pushing) == []


@only_pre_receive
def test_what_cannot_be_written_down_does_not_skip(pushing: Pushing, token: str, hook: str, entry: list[str]) -> None:
    install(pushing.server, hook, entry, "--allow-skip", "--log", "objects")
    pushing.commit("b.py", f'x = "{token}"\n')

    assert pushing.push("-o", "tightlip.skip=why", "origin", "main").returncode == 1


def test_update_cannot_be_skipped_since_git_does_not_tell_it_of_options(run: Run, entry: list[str]) -> None:
    done = run(*entry, "update", "--allow-skip", "refs/heads/main", ZEROS, ZEROS)

    assert (done.returncode, done.stdout.count("\n")) == (2, 1)
    assert "pre-receive" in done.stdout


@pytest.fixture
def slow(entry: list[str], tmp_path: Path) -> list[str]:
    """The program, with a git that takes five seconds for what it is asked."""
    git = tmp_path / "slow" / "git"
    git.parent.mkdir()
    git.write_text(
        '#!/bin/sh\nfor it; do [ "$it" = rev-list ] && sleep 5; done\nPATH=${PATH#*:} exec git "$@"\n', "utf-8"
    )
    git.chmod(0o755)
    slow = tmp_path / "slow-entry"
    slow.write_text(f'#!/bin/sh\nPATH="{git.parent}:$PATH" exec "{entry[0]}" "{entry[1]}" "$@"\n', "utf-8")
    slow.chmod(0o755)
    return [str(slow)]


def test_a_push_that_takes_too_long_is_refused(pushing: Pushing, hook: str, slow: list[str]) -> None:
    install(pushing.server, hook, slow, "--timeout", "1")
    pushing.commit("b.py", CLEAN)

    done = pushing.push("origin", "main")

    assert done.returncode == 1
    assert "could not be scanned within 1 seconds" in done.stdout
    assert [line["outcome"] for line in log(pushing)] == ["refused, too long to scan"]


@only_pre_receive
def test_what_takes_too_long_and_cannot_be_written_down_is_refused_and_told(
    pushing: Pushing, hook: str, slow: list[str]
) -> None:
    install(pushing.server, hook, slow, "--timeout", "1", "--allow-skip", "--log", "objects")
    pushing.commit("b.py", CLEAN)

    done = pushing.push("-o", "tightlip.skip=demo", "origin", "main")

    assert done.returncode == 1
    assert "tightlip: error: objects: the server's log cannot be written" in done.stdout


@pytest.mark.parametrize("said", ["main", f"{ZEROS} x refs/heads/main", f"{ZEROS} {ZEROS}"])
def test_what_git_never_says_is_one_line(said: str, pushing: Pushing, run: Run, entry: list[str], hook: str) -> None:
    arguments = said.split() if hook == "update" else []

    done = run(*entry, hook, *arguments, input=said + "\n", cwd=pushing.server)

    assert done.returncode == 2
    assert done.stdout.startswith(f"tightlip: error: {hook}: ")
    assert done.stdout.count("\n") == 1
