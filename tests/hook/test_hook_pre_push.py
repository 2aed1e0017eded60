"""What is about to be pushed, through real pushes: what brings a secret is stopped, and its clean twin passes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pushing import FRAMEWORKS, ZEROS, Pushing, Run, configure, framework, install, is_stopped

import tightlip

CLEAN = 'import os\n\nTOKEN = os.environ["TOKEN"]\n'
MANY = (
    ("origin", "main", "topic"),
    ("origin", "main", "+topic:other"),
    ("--all", "origin"),
    ("--mirror", "origin"),
    ("origin", "main", "--tags"),
    ("origin", "refs/heads/*:refs/heads/*"),
    ("-o", "x", "--atomic", "origin", "--", "main", "HEAD:refs/heads/here", "topic"),
)
"""Pushes of more than one ref."""
ONE = (
    ("push", "origin", "main"),
    ("push",),
    ("-C", ".", "-c", "core.abbrev=9", "push", "--follow-tags", "origin", "HEAD:refs/heads/new"),
    ("p", "origin", "main"),
)
SETTINGS = (
    ("push.default", "matching"),
    ("remote.origin.mirror", "true"),
    ("remote.origin.mirror", "Yes"),
    ("remote.origin.push", "refs/heads/*:refs/heads/*"),
)


@pytest.fixture
def pushing(repo: Path, tmp_path: Path, run: Run, entry: list[str]) -> Pushing:
    """One commit that is on the other side, and the hook."""
    made = Pushing(repo, tmp_path / "server.git", run)
    made.commit("a.py", CLEAN, "first")
    assert made.push("-q", "origin", "main").returncode == 0
    install(repo / ".git", "pre-push", entry)
    return made


def test_a_clean_push_passes_without_a_word(pushing: Pushing) -> None:
    pushing.commit("b.py", CLEAN)

    done = pushing.push("-q", "origin", "main")

    assert (done.returncode, done.stdout) == (0, "")


def test_a_commit_with_a_secret_is_stopped_and_told_all_that_helps(pushing: Pushing, token: str) -> None:
    commit = pushing.commit("b.py", f'x = "{token}"\n', "two")

    done = pushing.push("origin", "main")

    assert is_stopped(done, "b.py:1:6", token)
    assert f'commit       {commit[:10]} by Ada Example: "two"' in done.stdout
    assert f"{token[:4]}******** (40 characters)" in done.stdout
    assert "Nothing has left this machine yet" in done.stdout
    assert "still there" not in done.stdout
    assert pushing.git("rev-list", "--count", "main", where=pushing.server) == "1"


def test_a_secret_that_a_later_commit_removes_is_still_pushed(pushing: Pushing, token: str) -> None:
    commit = pushing.commit("b.py", f'x = "{token}"\n')
    pushing.commit("b.py", CLEAN)

    done = pushing.push("origin", "main")

    assert is_stopped(done, "b.py:1:6", token)
    told = " ".join(done.stdout.split())
    assert f"a later commit of this push takes it out, but commit {commit[:10]} still carries it" in told


def test_a_secret_that_moves_within_the_push_is_told_once_and_not_as_gone(pushing: Pushing, token: str) -> None:
    commit = pushing.commit("b.py", f'x = "{token}"\n')
    pushing.commit("b.py", f'import os\n\nx = "{token}"\n')

    done = pushing.push("origin", "main")

    assert is_stopped(done, "b.py:1:6", token)
    assert "b.py:3:6" not in done.stdout
    assert commit[:10] in done.stdout
    assert "still there" not in done.stdout


def test_a_secret_that_the_remote_has_is_no_news(pushing: Pushing, token: str) -> None:
    pushing.commit("b.py", f'x = "{token}"\n')
    pushing.push("-q", "--no-verify", "origin", "main")
    pushing.commit("b.py", f'import os\n\nx = "{token}"\n')

    assert pushing.push("-q", "origin", "main").returncode == 0


def test_a_new_branch_is_scanned_from_where_it_leaves_what_the_remote_has(
    pushing: Pushing, token: str, other: str
) -> None:
    pushing.commit("b.py", f'x = "{token}"\n')
    pushing.push("-q", "--no-verify", "origin", "main")
    pushing.git("switch", "-q", "-c", "new")
    pushing.commit("c.py", CLEAN)
    clean = pushing.push("-q", "origin", "new")
    pushing.commit("d.py", f'x = "{other}"\n')

    done = pushing.push("origin", "new:elsewhere")

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(done, "d.py:1:6", token, other)
    assert "b.py" not in done.stdout


def test_a_root_commit_is_scanned(pushing: Pushing, token: str) -> None:
    pushing.git("switch", "-q", "--orphan", "alone")
    pushing.commit("z.py", CLEAN)
    clean = pushing.push("-q", "origin", "alone")
    pushing.git("switch", "-q", "--orphan", "other")
    pushing.commit("z.py", f'x = "{token}"\n')

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(pushing.push("origin", "other"), "z.py:1:6", token)


@pytest.mark.parametrize("by_name", [True, False], ids=["by its name", "by its address"])
def test_to_a_remote_never_seen_before_all_is_pushed_and_scanned(
    pushing: Pushing, token: str, tmp_path: Path, *, by_name: bool
) -> None:
    pushing.commit("b.py", f'x = "{token}"\n')
    pushing.push("-q", "--no-verify", "origin", "main")
    pushing.commit("b.py", CLEAN)
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "second.git")], check=True)
    address = (tmp_path / "second.git").as_uri()
    pushing.git("remote", "add", "second", address)

    assert pushing.push("-q", "origin", "main").returncode == 0
    assert is_stopped(pushing.push("second" if by_name else address, "main"), "b.py:1:6", token)


@pytest.mark.parametrize("key", ["url", "pushurl"])
def test_a_second_address_of_a_remote_has_not_got_what_the_first_has(
    pushing: Pushing, token: str, tmp_path: Path, key: str
) -> None:
    pushing.commit("b.py", f'x = "{token}"\n')
    pushing.push("-q", "--no-verify", "origin", "main")
    pushing.commit("b.py", CLEAN)
    first, second = pushing.server.as_uri(), tmp_path / "second.git"
    pushing.git("init", "-q", "--bare", str(second))
    one = pushing.push("-q", "--dry-run", "origin", "main")
    pushing.git("config", "--replace-all", f"remote.origin.{key}", first)
    pushing.git("config", "--add", f"remote.origin.{key}", second.as_uri())

    assert one.returncode == 0, one.stdout
    assert is_stopped(pushing.push("origin", "main"), "b.py:1:6", token)


def test_what_a_remote_has_whose_name_goes_on_is_not_known_of_this_one(
    pushing: Pushing, token: str, tmp_path: Path
) -> None:
    pushing.commit("b.py", f'x = "{token}"\n')
    other = tmp_path / "other.git"
    pushing.git("init", "-q", "--bare", str(other))
    pushing.git("config", "remote.origin/fork.url", other.as_uri())
    pushing.git("config", "remote.origin/fork.fetch", "+refs/heads/*:refs/remotes/origin/fork/*")
    pushing.git("push", "-q", "--no-verify", "origin/fork", "main", "main:a/b")

    assert is_stopped(pushing.push("origin", "main"), "b.py:1:6", token)
    assert pushing.push("-q", "origin/fork", "main:new").returncode == 0


def test_what_git_says_that_an_address_has_is_no_news(pushing: Pushing, token: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "second.git")], check=True)
    address = (tmp_path / "second.git").as_uri()
    pushing.commit("b.py", f'x = "{token}"\n')
    pushing.push("-q", "--no-verify", address, "main")
    pushing.commit("c.py", CLEAN)

    assert pushing.push("-q", address, "main").returncode == 0


def test_a_tag_s_message_is_scanned(pushing: Pushing, token: str) -> None:
    pushing.git("tag", "-a", "-m", "nothing special", "v1")
    clean = pushing.push("-q", "origin", "v1")
    pushing.git("tag", "-a", "-m", f"deployed with {token}", "v2")

    done = pushing.push("origin", "v2")

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(done, "(its message or header)", token)
    assert pushing.refs() == {"refs/heads/main", "refs/tags/v1"}


def test_a_tag_of_a_tag_and_a_tag_of_a_file_are_scanned(pushing: Pushing, token: str) -> None:
    pushing.git("tag", "-a", "-m", f"deployed with {token}", "inner")
    pushing.git("tag", "-a", "-m", "outer", "outer", "inner")
    file = pushing.git("hash-object", "-w", "--stdin", input=f'x = "{token}"\n')
    pushing.git("tag", "file", file)

    assert is_stopped(pushing.push("origin", "outer"), "tag ", token)
    assert is_stopped(pushing.push("origin", "file"), f"object {file[:10]}:1:6", token)


def test_a_commit_s_message_is_scanned(pushing: Pushing, token: str) -> None:
    commit = pushing.commit("b.py", CLEAN, f"use {token}")

    done = pushing.push("origin", "main")

    assert is_stopped(done, f"commit {commit[:10]}:", token)


def test_the_name_of_a_branch_is_scanned(pushing: Pushing, token: str) -> None:
    done = pushing.push("origin", f"main:{token}")

    assert done.returncode == 1
    assert "tightlip stopped this push" in done.stdout
    assert pushing.refs() == {"refs/heads/main"}


def test_the_name_of_a_submodule_is_scanned(pushing: Pushing, token: str) -> None:
    entry = f"160000,{pushing.git('rev-parse', 'HEAD')},lib-{token}"
    pushing.git("update-index", "--add", "--cacheinfo", entry)
    pushing.git("commit", "-q", "--no-verify", "-m", "a submodule")

    assert is_stopped(pushing.push("origin", "main"), "lib-******** (in the name itself)", token)


def test_a_deletion_has_nothing_to_scan(pushing: Pushing) -> None:
    pushing.push("-q", "--no-verify", "origin", "main:old")

    assert pushing.push("-q", "origin", ":old").returncode == 0
    assert pushing.refs() == {"refs/heads/main"}


def test_a_forced_push_is_scanned_from_what_it_shares(pushing: Pushing, token: str) -> None:
    pushing.commit("b.py", CLEAN)
    pushing.push("-q", "--no-verify", "origin", "main")
    pushing.git("reset", "-q", "--hard", "HEAD~1")
    pushing.commit("c.py", CLEAN, "another")
    clean = pushing.push("-q", "--force", "origin", "main")
    pushing.git("reset", "-q", "--hard", "HEAD~1")
    pushing.commit("d.py", f'x = "{token}"\n')

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(pushing.push("--force", "origin", "main"), "d.py:1:6", token)


def test_what_somebody_else_has_pushed_and_nobody_fetched_is_no_trouble(
    pushing: Pushing, token: str, tmp_path: Path
) -> None:
    pushing.git("clone", "-q", pushing.server.as_uri(), str(tmp_path / "theirs"))
    pushing.git("commit", "-q", "--allow-empty", "-m", "theirs", where=tmp_path / "theirs")
    pushing.git("push", "-q", where=tmp_path / "theirs")
    pushing.commit("b.py", CLEAN)
    clean = pushing.push("-q", "--force", "origin", "main")
    pushing.git("push", "-q", "--force", where=tmp_path / "theirs")
    pushing.commit("b.py", f'x = "{token}"\n')

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(pushing.push("--force", "origin", "main"), "b.py:1:6", token)


def test_of_several_refs_each_is_scanned(pushing: Pushing, token: str, other: str) -> None:
    for name, text in (("one", CLEAN), ("two", f'x = "{token}"\n'), ("three", f'x = "{other}"\n')):
        pushing.git("switch", "-q", "-c", name, "main")
        pushing.commit(f"{name}.py", text)
    pushing.git("tag", "-a", "-m", "fine", "v1", "one")

    clean = pushing.push("-q", "origin", "one", "v1")
    done = pushing.push("origin", "one", "two", "three", ":v1")

    assert clean.returncode == 0, clean.stdout
    assert is_stopped(done, "two.py:1:6", token, other)
    assert is_stopped(done, "three.py:1:6", token, other)


def test_a_merge_brings_only_what_is_in_no_parent(pushing: Pushing, token: str) -> None:
    pushing.git("switch", "-q", "-c", "side")
    pushing.commit("side.py", CLEAN)
    pushing.git("switch", "-q", "main")
    pushing.commit("b.py", CLEAN)
    pushing.git("merge", "-q", "--no-ff", "--no-commit", "side")
    pushing.commit("evil.py", f'x = "{token}"\n', "merge")

    assert is_stopped(pushing.push("origin", "main"), "evil.py:1:6", token)


def test_what_a_comment_the_configuration_or_the_baseline_allows_may_be_pushed(pushing: Pushing, token: str) -> None:
    pushing.commit("b.py", f'x = "{token}"  # tightlip: allow made up\n')
    pushing.commit("c.env", f"x={token}\n")
    before = pushing.push("origin", "main")
    pushing.commit(".tightlipignore", "*.env\n")
    ignored = pushing.push("-q", "origin", "main")

    assert is_stopped(before, "c.env:1:3", token)
    assert ignored.returncode == 0, ignored.stdout

    pushing.commit("d.txt", f"x={token}\n")
    assert is_stopped(pushing.push("origin", "main"), "d.txt:1:3", token)
    source = {"PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}
    made = pushing.run(sys.executable, "-m", "tightlip", "baseline", "create", env=source)
    assert made.returncode == 0, made.stdout
    known = pushing.push("-q", "origin", "main")
    assert known.returncode == 0, known.stdout


def test_options_say_what_is_looked_for(pushing: Pushing, token: str, entry: list[str]) -> None:
    pushing.commit("b.py", f'x = "{token}"  # tightlip: allow made up\n')
    install(pushing.repo / ".git", "pre-push", entry, "--no-allow")
    stopped = pushing.push("origin", "main")
    install(pushing.repo / ".git", "pre-push", entry, "--no-allow", "--no-scan")

    assert is_stopped(stopped, "b.py:1:6", token)
    assert pushing.push("-q", "origin", "main").returncode == 0


def test_a_file_that_is_too_large_stops_the_push_and_is_told(pushing: Pushing) -> None:
    pushing.commit(".tightlip.yaml", "limits: {max_file_size: 1000}\n")
    pushing.commit("large.txt", "word " * 1000)

    done = pushing.push("origin", "main")

    assert done.returncode == 1
    assert "no secrets found, but 1 thing could not be scanned" in done.stdout
    assert "not scanned: large.txt: " in done.stdout

    pushing.commit(".tightlipignore", "large.*\n")
    assert pushing.push("-q", "origin", "main").returncode == 0


@pytest.mark.parametrize(
    "said",
    ["main", "refs/heads/main x refs/heads/main y", f"a {ZEROS} b", "\x1b[31m a b c"],
    ids=["a word", "no ids", "three fields", "a control"],
)
def test_what_git_never_says_is_one_line(pushing: Pushing, entry: list[str], said: str) -> None:
    done = pushing.run(*entry, "pre-push", "origin", "url", input=said + "\n")

    assert done.returncode == 2
    assert done.stdout.startswith("tightlip: error: standard input: this is not what git tells a pre-push hook")
    assert done.stdout.count("\n") == 1


def test_a_wrong_option_is_one_line(pushing: Pushing, entry: list[str]) -> None:
    done = pushing.run(*entry, "pre-push", "--bannned", "x")

    assert (done.returncode, done.stdout.count("\n")) == (2, 1)


class TestWithTheFramework:
    """pre-commit and prek read what git says themselves, and tell a hook some of it in the environment."""

    @pytest.fixture(autouse=True, params=FRAMEWORKS)
    def by(self, pushing: Pushing, run: Run, entry: list[str], request: pytest.FixtureRequest) -> str:
        """The framework that is installed."""
        (pushing.repo / ".git" / "hooks" / "pre-push").unlink()
        configure(pushing.repo, run, entry, "tightlip-push", by=request.param)
        pushing.git("add", ".pre-commit-config.yaml")
        pushing.git("commit", "-q", "-m", "hooks")
        return str(request.param)

    def test_a_clean_push_passes(self, pushing: Pushing) -> None:
        pushing.commit("b.py", CLEAN)

        assert pushing.push("origin", "main").returncode == 0
        assert pushing.push("origin", "main:new").returncode == 0

    def test_a_secret_is_stopped_on_a_branch_that_is_there_and_on_a_new_one(self, pushing: Pushing, token: str) -> None:
        pushing.commit("b.py", f'x = "{token}"\n')
        pushing.commit("b.py", CLEAN)

        assert is_stopped(pushing.push("origin", "main"), "b.py:1:6", token)
        assert is_stopped(pushing.push("origin", "main:new"), "b.py:1:6", token)

    def test_a_root_commit_is_scanned(self, pushing: Pushing, token: str) -> None:
        pushing.git("switch", "-q", "--orphan", "clean")
        pushing.git("checkout", "-q", "main", "--", ".pre-commit-config.yaml")
        pushing.commit("z.py", CLEAN)
        clean = pushing.push("origin", "clean")
        pushing.commit("z.py", f'x = "{token}"\n')
        pushing.git("commit", "-q", "--no-verify", "--amend", "-m", "gone")
        pushing.git("branch", "-q", "-r", "-d", "origin/clean", "origin/main")

        assert clean.returncode == 0, clean.stdout
        assert is_stopped(pushing.push("origin", "clean:other"), "z.py:1:6", token)

    def test_a_tag_s_message_is_scanned(self, pushing: Pushing, token: str) -> None:
        pushing.commit("b.py", CLEAN)
        pushing.git("tag", "-a", "-m", f"deployed with {token}", "v2")

        assert is_stopped(pushing.push("origin", "v2"), "(its message or header)", token)

    @pytest.mark.parametrize("how", MANY, ids=" ".join)
    def test_every_ref_of_the_push_is_scanned(self, pushing: Pushing, token: str, how: tuple[str, ...]) -> None:
        pushing.git("push", "-q", "--no-verify", "origin", "main")
        pushing.commit("b.py", CLEAN)
        pushing.git("switch", "-q", "-c", "topic")
        pushing.commit("c.py", f'x = "{token}"\n')
        pushing.git("tag", "-a", "-m", "new", "v2")
        pushing.git("switch", "-q", "main")

        assert is_stopped(pushing.push(*how), "c.py:1:6", token)

    @pytest.mark.parametrize("how", ONE, ids=" ".join)
    def test_a_ref_that_is_not_pushed_is_none_of_its_business(
        self, pushing: Pushing, token: str, how: tuple[str, ...]
    ) -> None:
        pushing.git("push", "-q", "--no-verify", "-u", "origin", "main")
        pushing.commit("b.py", CLEAN)
        pushing.git("switch", "-q", "-c", "topic")
        pushing.commit("c.py", f'x = "{token}"\n')
        pushing.git("tag", "-a", "-m", "new", "v2")
        pushing.git("switch", "-q", "main")
        pushing.git("config", "alias.p", "push")

        done = pushing.run("git", *how)

        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize("setting", SETTINGS, ids="=".join)
    def test_settings_that_push_more_than_one_ref_are_known(
        self, pushing: Pushing, token: str, setting: tuple[str, str]
    ) -> None:
        pushing.git("push", "-q", "--no-verify", "-u", "origin", "main", "main:topic")
        pushing.commit("b.py", CLEAN)
        pushing.git("switch", "-q", "-c", "topic")
        pushing.commit("c.py", f'x = "{token}"\n')
        pushing.git("switch", "-q", "main")
        pushing.git("config", *setting)

        assert is_stopped(pushing.push("origin"), "c.py:1:6", token)
        assert is_stopped(pushing.push("--recurse-submodules", "no", "origin"), "c.py:1:6", token)

    @pytest.mark.parametrize(
        "how",
        [
            ("push", "--follow-tags", "origin", "main"),
            ("push", "--follow-tags", "origin", "main~:main", "main:refs/heads/new"),
            ("-c", "push.followTags=on", "push", "origin", "main"),
            ("-c", "push.followTags", "push", "origin", "main"),
        ],
        ids=" ".join,
    )
    def test_tags_that_follow_are_scanned(self, pushing: Pushing, token: str, how: tuple[str, ...]) -> None:
        pushing.git("push", "-q", "--no-verify", "origin", "main")
        pushing.commit("b.py", CLEAN)
        pushing.commit("c.py", CLEAN)
        pushing.git("tag", "-a", "-m", f"deployed with {token}", "v2")

        assert is_stopped(pushing.run("git", *how), "(its message or header)", token)

    @pytest.mark.parametrize("more", ["main", "main~"], ids=["same", "other"])
    def test_the_name_that_each_ref_gets_is_scanned(self, pushing: Pushing, token: str, more: str) -> None:
        pushing.commit("b.py", CLEAN)

        done = pushing.push("origin", "main:refs/heads/a", f"{more}:refs/heads/z-{token}")

        assert done.returncode == 1
        assert "tightlip stopped this push" in done.stdout
        assert "refs/heads/z-******** (in the name of the ref itself)" in done.stdout

    def test_what_is_deleted_beside_a_branch_names_no_other(self, pushing: Pushing, token: str) -> None:
        pushing.git("push", "-q", "--no-verify", "origin", "main:old", "main")
        pushing.git("switch", "-q", "-c", "topic")
        pushing.commit("c.py", f'x = "{token}"\n')
        pushing.git("switch", "-q", "main")
        pushing.commit("b.py", CLEAN)

        done = pushing.push("origin", "main", ":old")

        assert done.returncode == 0, done.stdout

    def test_where_it_cannot_be_known_what_is_pushed_every_branch_is_scanned_and_that_is_told(
        self, pushing: Pushing, entry: list[str], token: str
    ) -> None:
        pushing.git("push", "-q", "--no-verify", "origin", "main")
        pushing.commit("b.py", CLEAN)
        pushing.git("switch", "-q", "-c", "topic")
        pushing.commit("c.py", f'x = "{token}"\n')
        told = {"PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_TO_REF": "main", "PRE_COMMIT_FROM_REF": "origin/main"}

        done = pushing.run(*entry, "pre-push", env=told)

        assert is_stopped(done, "c.py:1:6", token)
        assert "every branch and tag was looked at" in done.stdout

    def test_by_hand_what_is_on_no_remote_is_scanned(self, pushing: Pushing, run: Run, token: str, by: str) -> None:
        by_hand = (*framework(by), "run", "--hook-stage", "pre-push", "--all-files")
        clean = run(*by_hand)
        pushing.commit("b.py", f'x = "{token}"\n')

        assert clean.returncode == 0, clean.stdout
        assert is_stopped(run(*by_hand), "b.py:1:6", token)

    def test_only_a_purge_counts_for_the_hook_that_is_about_that(
        self, pushing: Pushing, run: Run, entry: list[str], token: str, by: str
    ) -> None:
        configure(pushing.repo, run, entry, "tightlip-purged", by=by)
        pushing.git("commit", "-q", "-a", "-m", "hooks")
        pushing.commit("b.py", f'x = "{token}"\n')

        assert pushing.push("origin", "main").returncode == 0
