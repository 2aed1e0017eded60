"""What comes after a purge, done for real: a bare remote, who has purged, and a colleague with work of his own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from whole_repository import be_nobody, do_not_wait_for_the_disk

import tightlip
from tightlip.cli import main
from tightlip.git.plumbing import Git
from tightlip.purge.publishing import banned, commands, moved, record, request, scripts
from tightlip.purge.publishing.moved import Moved

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the scripts are for a POSIX shell")

VALUE = "gh" + "p_" + "9mWk2LpQ7xRt5VbN8cYs3HdF6gJz1KaE4uTq"
HOSTILE = "h$(touch${IFS}owned)'\"&;x"
FOLDER = Path(".git/tightlip/purge")
HOOK = [sys.executable, "-c", "import sys; from tightlip.hooks import main; sys.exit(main())", "pre-push"]


def run(where: Path, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program there."""
    env = os.environ | {"PYTHONPATH": str(Path(tightlip.__file__).parent.parent)}
    return subprocess.run(command, cwd=where, capture_output=True, text=True, input=stdin, check=False, env=env)


def git(where: Path, *args: str) -> str:
    """Run git there and return what it prints."""
    done = run(where, "git", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(where: Path, name: str, text: str) -> str:
    """Write a file, commit it, and return the commit's id."""
    (where / name).write_text(text, "utf-8")
    git(where, "add", name)
    git(where, "commit", "--quiet", "--message", f"{name}: {text[:9].strip()}")
    return git(where, "rev-parse", "HEAD")


def purge(where: Path, value: str) -> None:
    """Take a value out of a history, with the program itself."""
    values, plan = where.parent / "values", where.parent / "plan.json"
    values.write_text(value, "utf-8")
    assert main(["purge", str(where), "--plan", str(plan), "--values-from", str(values), "--jobs", "1"]) == 0
    options = ["--rotated", "Ada", "--prune", "--values-from", str(values), "--jobs", "1", "--allow", "head"]
    assert main(["purge", str(where), "--apply", str(plan), *options]) == 0
    git(where, "reset", "--quiet", "--hard")  # HEAD held it, too


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A bare remote `remote.git`, and its clones `ada`, in which the history was purged, and `bob`."""
    place = tmp_path_factory.mktemp("afterwards")
    with pytest.MonkeyPatch.context() as patch:
        be_nobody(patch, place)
        do_not_wait_for_the_disk(patch)
        make(place)
        yield place


def make(place: Path) -> None:
    git(place, "init", "--quiet", "--bare", "-b", "main", "remote.git")
    git(place, "clone", "--quiet", "remote.git", "ada")
    ada = place / "ada"
    git(ada, "checkout", "--quiet", "-b", "main")
    commit(ada, "shop.py", "print()\n")
    git(ada, "branch", "untouched")
    commit(ada, "settings.py", f"a = 1\nb = 2\nc = 3\ntoken = '{VALUE}'\nd = 4\ne = 5\nf = 6\n")
    git(ada, "tag", "--annotate", "--message", "first", "v1")
    git(ada, "tag", "light")
    git(ada, "branch", HOSTILE)
    git(ada, "branch", "feature")
    commit(ada, "more.py", "print(1)\n")
    git(ada, "notes", "add", "--message", "a note", "HEAD")
    git(ada, "push", "--quiet", "origin", "--all")
    git(ada, "push", "--quiet", "origin", "--tags", "refs/notes/*:refs/notes/*")
    git(ada, "branch", "unpublished")
    git(place, "clone", "--quiet", "remote.git", "bob")
    bob = place / "bob"
    git(bob, "branch", "--quiet", "feature", "origin/feature")
    git(bob, "tag", "mine", "HEAD~1")
    git(bob, "checkout", "--quiet", "-b", "topic", "origin/feature")
    commit(bob, "topic.py", "print(2)\n")
    git(bob, "merge", "--quiet", "--no-ff", "--no-edit", "origin/main")
    commit(bob, "topic.py", "print(2, 3)\n")
    git(bob, "checkout", "--quiet", "main")
    commit(bob, "bob.py", "print('one')\n")
    commit(bob, "settings.py", (bob / "settings.py").read_text("utf-8").replace("a = 1", "a = 'of bob'"))
    (bob / "shop.py").write_text("print('stashed')\n", "utf-8")
    git(bob, "stash", "push", "--quiet")
    purge(ada, VALUE)


@pytest.fixture
def place(before: Path, tmp_path: Path) -> Path:
    """A copy of all that, for one test."""
    for name in ("remote.git", "ada", "bob"):
        shutil.copytree(before / name, tmp_path / name, symlinks=True)
    for name in ("ada", "bob"):
        git(tmp_path / name, "remote", "set-url", "origin", str(tmp_path / "remote.git"))
        git(tmp_path / name, "update-index", "--refresh")
    return tmp_path


@pytest.fixture
def published(place: Path) -> Path:
    done = run(place / "ada", "sh", str(FOLDER / "publish.sh"))
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture
def check(place: Path) -> str:
    """The script for colleagues, as it was sent to one."""
    return shutil.copy(place / "ada" / FOLDER / "purge-check.sh", place / "sent.sh")


def old_commits(place: Path) -> list[str]:
    lines = (place / "ada" / FOLDER / "commit-map").read_text("ascii").splitlines()[1:]
    return [line.split()[0] for line in lines]


def holds(where: Path, oid: str) -> bool:
    return run(where, "git", "cat-file", "-e", oid).returncode == 0


class TestPublishing:
    def test_the_commands_move_what_the_remote_has_and_nothing_else(self, place: Path) -> None:
        ada, remote = place / "ada", place / "remote.git"
        unpublished = {"refs/heads/unpublished"}
        before = {line.split()[0] for line in git(remote, "for-each-ref", "--format=%(refname)").splitlines()}

        done = run(ada, "sh", str(FOLDER / "publish.sh"))

        assert done.returncode == 0, done.stderr
        there = dict(
            line.split() for line in git(remote, "for-each-ref", "--format=%(refname) %(objectname)").split("\n")
        )
        here = dict(line.split() for line in git(ada, "for-each-ref", "--format=%(refname) %(objectname)").split("\n"))
        assert there.keys() == before
        assert not unpublished & there.keys()
        assert {name: here[name] for name in there} == there
        assert VALUE not in git(remote, "log", "--all", "--patch")

    def test_they_may_be_run_again(self, published: Path) -> None:
        assert run(published / "ada", "sh", str(FOLDER / "publish.sh")).returncode == 0

    def test_a_hostile_name_is_only_a_name(self, published: Path) -> None:
        assert HOSTILE in git(published / "remote.git", "for-each-ref", "--format=%(refname:short)", "refs/heads/")
        assert not list(published.rglob("owned"))

    def test_what_somebody_has_pushed_meanwhile_is_not_overwritten(self, place: Path) -> None:
        git(place / "bob", "push", "--quiet", "origin", "main")

        done = run(place / "ada", "sh", str(FOLDER / "publish.sh"))

        assert done.returncode == 1
        assert "stale info" in done.stderr
        assert git(place / "remote.git", "rev-parse", "main") == git(place / "bob", "rev-parse", "main")

    def test_two_purges_of_the_same_commits_are_published_at_once(self, place: Path) -> None:
        purge(place / "ada", "print(1)")

        done = run(place / "ada", "sh", str(FOLDER / "publish.sh"))

        assert done.returncode == 0, done.stderr
        assert git(place / "remote.git", "rev-parse", "main") == git(place / "ada", "rev-parse", "main")
        assert "print(1)" not in git(place / "remote.git", "log", "--all", "--patch")

    def test_a_purge_after_one_that_was_published_is_published_too(self, published: Path) -> None:
        purge(published / "ada", "print(1)")

        done = run(published / "ada", "sh", str(FOLDER / "publish.sh"))

        assert done.returncode == 0, done.stderr
        assert git(published / "remote.git", "rev-parse", "main") == git(published / "ada", "rev-parse", "main")

    def test_without_a_remote_the_script_is_told_one(self, place: Path) -> None:
        moves = [Moved("refs/heads/main", ("a" * 40,), "b" * 40), Moved("refs/stash", ("a" * 40,), "b" * 40)]
        (place / "publish.sh").write_text(commands.script([commands.published(None, moves)], {}, "publish.sh"), "utf-8")

        assert "name the remote" in run(place, "sh", "publish.sh").stderr
        assert "refs/stash" not in (place / "publish.sh").read_text("utf-8")

    def test_a_mirror_publishes_every_branch_and_leaves_the_hosts_refs(self, place: Path) -> None:
        git(place, "clone", "--quiet", "--mirror", "remote.git", "mirror.git")
        mirror = place / "mirror.git"
        first, last = git(mirror, "rev-parse", "untouched"), git(mirror, "rev-parse", "main")
        (remote,) = commands.remotes(Git(str(mirror)))
        moves = [Moved(name, (last,), first) for name in ("refs/heads/main", "refs/pull/1/head")]
        (place / "publish.sh").write_text(
            commands.script([commands.published(remote, moves)], {}, "publish.sh"), "utf-8"
        )

        done = run(mirror, "sh", "../publish.sh")

        assert done.returncode == 0, done.stderr
        assert git(place / "remote.git", "rev-parse", "main") == first
        assert "refs/pull" not in git(place / "remote.git", "for-each-ref")
        assert "1 ref under refs/pull/ held the old history" in request.text(
            [commands.published(remote, moves)], [last]
        )

    def test_a_name_that_held_a_secret_is_made_anew_and_the_old_one_is_for_a_person(self) -> None:
        old, new = "a" * 40, "b" * 40
        text = commands.script([commands.published(None, [Moved("refs/heads/x", (), new)])], {old: new}, "publish.sh")

        assert "--force-with-lease=refs/heads/x: " in text
        assert f"grep {old}" in text


class TestTheRequest:
    def test_an_address_is_told_without_user_and_password(self) -> None:
        assert request.without_user("https://a:b@example.org/x.git?t=1") == "https://example.org/x.git"
        assert request.without_user("git@example.org:x/y.git") == "example.org:x/y.git"
        assert request.without_user("/srv/git/x@y.git") == "/srv/git/x@y.git"

    def test_it_names_the_first_commits(self, place: Path) -> None:
        text = (place / "ada" / FOLDER / "host-request.txt").read_text("utf-8")

        assert all(oid in text for oid in banned.read(str(place / "ada" / FOLDER / banned.NAME)))

    def test_no_file_holds_the_value(self, place: Path) -> None:
        assert [path for path in (place / "ada" / FOLDER).iterdir() if VALUE in path.read_text("utf-8")] == []


class TestAColleaguesClone:
    def test_check_says_what_holds_the_old_history(self, place: Path, check: str) -> None:
        done = run(place / "bob", "sh", check, "check")

        assert done.returncode == 1
        words = [line.split()[:2] for line in done.stdout.splitlines()[1:]]
        assert ["branch", "main"] in words
        assert ["branch", "topic"] in words
        assert ["tag", "v1"] in words
        assert ["remote", "origin/main"] in words
        assert ["stash", "stash@{0}"] in words
        assert ["reflog", "HEAD"] in words
        assert ["branch", "untouched"] not in words

    def test_check_is_content_with_the_clone_that_was_purged(self, place: Path, check: str) -> None:
        assert run(place / "ada", "sh", check, "check").returncode == 0

    def test_before_it_is_published_clean_leaves_everything_as_it_is(self, place: Path, check: str) -> None:
        refs = git(place / "bob", "for-each-ref")

        done = run(place / "bob", "sh", check, "clean", "--yes")

        assert done.returncode == 1
        assert "has it been published" in done.stdout
        before = [line for line in refs.splitlines() if "refs/stash" not in line]
        assert set(before) <= set(git(place / "bob", "for-each-ref").splitlines())

    def test_clean_brings_over_two_commits_and_keeps_the_stash(self, published: Path, check: str) -> None:
        bob, ada = published / "bob", published / "ada"
        git(bob, "branch", "-f", "feature", "origin/feature")

        done = run(bob, "sh", check, "clean")

        assert done.returncode == 1, done.stdout + done.stderr
        assert git(bob, "rev-list", "--count", "main", "^origin/main") == "2"
        assert (bob / "bob.py").read_text("utf-8") == "print('one')\n"
        settings = (bob / "settings.py").read_text("utf-8")
        assert "of bob" in settings
        assert VALUE not in settings
        assert git(bob, "status", "--porcelain") == ""
        assert git(bob, "rev-parse", "feature") == git(ada, "rev-parse", "feature")
        assert git(bob, "rev-parse", "v1", "light", "mine") == git(ada, "rev-parse", "v1", "light", "light")
        assert VALUE not in git(bob, "log", "--branches", "--tags", "--remotes", "--patch")
        assert "stashed" in git(bob, "stash", "show", "--patch")
        assert "stash@{0}" in done.stdout
        assert "clean --yes" in done.stdout
        assert git(bob, "for-each-ref", "refs/tightlip-purge") == ""
        assert git(bob, "worktree", "list").count("\n") == 0

    def test_a_branch_with_merges_keeps_what_is_its_own(self, published: Path, check: str) -> None:
        run(published / "bob", "sh", check, "clean")

        assert git(published / "bob", "show", "topic:topic.py") == "print(2, 3)"
        assert git(published / "bob", "show", "topic:more.py") == "print(1)"
        old = git(published / "bob", "rev-list", "topic")
        assert not set(old.split()) & {*old_commits(published)}

    def test_with_yes_nothing_of_the_old_history_is_left_once_the_stash_is_moved(
        self, published: Path, check: str
    ) -> None:
        bob = published / "bob"
        run(bob, "sh", check, "clean")
        git(bob, "stash", "apply", "--quiet")
        git(bob, "stash", "push", "--quiet")
        git(bob, "stash", "drop", "--quiet", "stash@{1}")

        done = run(bob, "sh", check, "clean", "--yes")

        assert done.returncode == 0, done.stdout + done.stderr
        assert not any(holds(bob, oid) for oid in old_commits(published))
        assert "stashed" in git(bob, "stash", "show", "--patch")
        assert git(bob, "fsck", "--full") == ""
        assert run(bob, "sh", check, "check").returncode == 0

    def test_with_yes_a_stash_is_not_dropped(self, published: Path, check: str) -> None:
        done = run(published / "bob", "sh", check, "clean", "--yes")

        assert done.returncode == 1
        assert "stashed" in git(published / "bob", "stash", "show", "--patch")
        assert git(published / "bob", "rev-list", "--count", "main", "^origin/main") == "2"

    def test_a_commit_that_only_a_reflog_holds_is_not_dropped_unasked(self, published: Path, check: str) -> None:
        bob = published / "bob"
        git(bob, "stash", "drop", "--quiet")
        lost = commit(bob, "idea.py", "print('idea')\n")
        git(bob, "reset", "--quiet", "--hard", "HEAD~1")

        kept = run(bob, "sh", check, "clean", "--yes")

        assert kept.returncode == 1
        assert "idea.py: print" in kept.stdout
        assert "bob.py: print" not in kept.stdout
        assert holds(bob, lost)
        assert run(bob, "sh", check, "clean", "--yes", "--drop").returncode == 0
        assert not holds(bob, lost)

    def test_work_that_touches_the_line_itself_is_left_for_a_person(self, published: Path, check: str) -> None:
        bob = published / "bob"
        settings = (bob / "settings.py").read_text("utf-8")
        tip = commit(bob, "settings.py", settings.replace(VALUE, VALUE[:8]))

        done = run(bob, "sh", check, "clean", "--yes")

        assert done.returncode == 1
        assert git(bob, "rev-parse", "main") == tip
        assert "by hand: git rebase --onto" in done.stdout
        assert git(bob, "worktree", "list").count("\n") == 0

    def test_uncommitted_changes_stop_the_branch_that_is_checked_out(self, published: Path, check: str) -> None:
        bob = published / "bob"
        tip = git(bob, "rev-parse", "main")
        (bob / "bob.py").write_text("print('unfinished')\n", "utf-8")

        done = run(bob, "sh", check, "clean")

        assert "commit or stash the changes" in done.stdout
        assert git(bob, "rev-parse", "main") == tip
        assert (bob / "bob.py").read_text("utf-8") == "print('unfinished')\n"

    def test_other_working_trees_follow_their_branches(self, published: Path, check: str) -> None:
        bob = published / "bob"
        git(bob, "worktree", "add", "--quiet", "../bobs", "topic")

        run(bob, "sh", check, "clean")

        assert git(published / "bobs", "status", "--porcelain") == ""
        assert VALUE not in (published / "bobs" / "settings.py").read_text("utf-8")

    def test_it_stops_while_something_is_under_way(self, published: Path, check: str) -> None:
        bob = published / "bob"
        (bob / ".git" / "MERGE_HEAD").write_text(git(bob, "rev-parse", "topic"), "utf-8")

        done = run(bob, "sh", check, "clean")

        assert done.returncode == 2
        assert "under way" in done.stderr

    def test_a_shallow_clone_of_the_old_history_is_found(self, place: Path, check: str) -> None:
        git(place, "clone", "--quiet", "--depth=1", f"file://{place / 'remote.git'}", "shallow")

        assert run(place / "shallow", "sh", check, "check").returncode == 1

    def test_a_long_map_is_beside_the_script(self, published: Path, check: str) -> None:
        first = sorted(banned.read(str(published / "ada" / FOLDER / banned.NAME)))
        Path(check).write_text(scripts.check(first, {}), "utf-8")
        bob = published / "bob"

        run(bob, "sh", check, "clean", "--map", str(published / "ada" / FOLDER / moved.IDS))

        assert git(bob, "rev-list", "--count", "main", "^origin/main") == "2"

    @pytest.mark.parametrize("arguments", [[], ["other"], ["check", "--yes"], ["clean", "--map"]])
    def test_wrong_use_is_told(self, arguments: list[str], place: Path, check: str) -> None:
        done = run(place / "bob", "sh", check, *arguments)

        assert done.returncode == 2
        assert "purge-check.sh check" in done.stdout


class TestTheHookOfAServer:
    @pytest.fixture
    def guarded(self, published: Path) -> Path:
        shutil.copy(published / "ada" / FOLDER / "pre-receive", published / "remote.git" / "hooks" / "pre-receive")
        return published

    def test_the_old_history_is_refused(self, guarded: Path) -> None:
        done = run(guarded / "bob", "git", "push", "--force", "origin", "main", f"main:refs/heads/{HOSTILE}")

        assert done.returncode == 1
        assert "brings back the history from before a purge" in done.stderr
        assert "purge-check.sh clean" in done.stderr
        assert not list(guarded.rglob("owned"))

    def test_a_tag_of_the_old_history_is_refused(self, guarded: Path) -> None:
        assert run(guarded / "bob", "git", "push", "--force", "origin", "v1").returncode == 1

    def test_it_is_refused_also_where_the_server_still_has_its_objects(self, guarded: Path) -> None:
        oid = git(guarded / "bob", "rev-parse", "origin/main")
        assert holds(guarded / "remote.git", oid)

        assert run(guarded / "bob", "git", "push", "origin", f"{oid}:refs/heads/again").returncode == 1

    def test_new_work_gets_through_and_a_branch_may_be_deleted(self, guarded: Path, check: str) -> None:
        bob = guarded / "bob"
        run(bob, "sh", check, "clean")

        git(bob, "push", "--quiet", "origin", "main", "topic", "main:refs/heads/new")
        git(bob, "push", "--quiet", "origin", ":refs/heads/new")


class TestPrePush:
    @pytest.fixture
    def hooked(self, published: Path, check: str) -> Path:
        """The colleague's clone, after a check; he has the hook."""
        bob = published / "bob"
        (bob / FOLDER).mkdir(parents=True)
        shutil.copy(published / "ada" / FOLDER / banned.NAME, bob / FOLDER / banned.NAME)
        hook = bob / ".git" / "hooks" / "pre-push"
        words = " ".join(f"'{word}'" for word in HOOK)
        hook.write_text(f'#!/bin/sh\nPYTHONPATH={Path(tightlip.__file__).parent.parent} exec {words} "$@"\n', "utf-8")
        hook.chmod(0o755)
        return bob

    def test_the_old_side_is_refused_and_told(self, hooked: Path) -> None:
        done = run(hooked, "git", "push", "--force", "origin", "main")

        assert done.returncode == 1
        assert "tightlip stopped this push" in done.stderr
        assert "refs/heads/main reaches" in done.stderr
        assert "purge-check.sh clean" in done.stderr

    def test_a_tag_of_the_old_side_is_refused(self, hooked: Path) -> None:
        assert run(hooked, "git", "push", "--force", "origin", "v1").returncode == 1

    def test_the_new_side_gets_through(self, hooked: Path, check: str) -> None:
        run(hooked, "sh", check, "clean")

        done = run(hooked, "git", "push", "origin", "main", "topic")

        assert done.returncode == 0, done.stderr
        assert "tightlip" not in done.stderr

    def test_it_works_in_another_working_tree(self, hooked: Path) -> None:
        git(hooked, "worktree", "add", "--quiet", "../bobs", "topic")

        assert run(hooked.parent / "bobs", "git", "push", "origin", "topic").returncode == 1

    def test_without_a_list_and_a_scan_nothing_is_read(self, hooked: Path) -> None:
        (hooked / FOLDER / banned.NAME).unlink()
        code = "import sys; from tightlip.hooks import main; code = main(['pre-push', '--no-scan']); "
        code += "print(*sorted(name for name in sys.modules if name.startswith('tightlip'))); sys.exit(code)"

        done = run(hooked, sys.executable, "-c", code, stdin="nonsense")

        assert done.returncode == 0
        assert done.stdout.split() == [
            "tightlip",
            "tightlip.errors",
            "tightlip.gates",
            "tightlip.gates.protocol",
            "tightlip.gates.push",
            "tightlip.hooks",
            "tightlip.purge",
            "tightlip.purge.publishing",
            "tightlip.purge.publishing.banned",
        ]

    def test_a_list_may_be_named(self, hooked: Path) -> None:
        listed = hooked.parent / "list"
        shutil.move(hooked / FOLDER / banned.NAME, listed)
        pushed = f"refs/heads/main {git(hooked, 'rev-parse', 'main')} refs/heads/main {'0' * 40}\n"

        assert run(hooked, *HOOK, "origin", "address", stdin=pushed).returncode == 0
        assert run(hooked, *HOOK, "--banned", str(listed), "origin", "address", stdin=pushed).returncode == 1
        assert run(hooked, *HOOK, "--banned", "nowhere", stdin=pushed).returncode == 2
        listed.write_text("no id\n", "utf-8")
        assert run(hooked, *HOOK, "--banned", str(listed), stdin=pushed).returncode == 2

    def test_a_deleted_branch_gets_through(self, hooked: Path) -> None:
        assert run(hooked, *HOOK, stdin=f"(delete) {'0' * 40} refs/heads/x {'a' * 40}\n").returncode == 0

    def test_the_framework_tells_it_in_the_environment(self, hooked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PRE_COMMIT_TO_REF", git(hooked, "rev-parse", "main"))
        monkeypatch.setenv("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main")

        assert run(hooked, *HOOK).returncode == 1


def test_what_was_done_is_on_record_without_a_value(place: Path) -> None:
    text = (place / "ada" / FOLDER / record.NAME).read_text("utf-8")
    kept = json.loads(text)

    assert VALUE not in text
    assert kept["rotated_by"] == "Ada"
    assert kept["proof"]["holds"]
    assert {"refs/heads/main", "refs/tags/v1"} <= {*kept["refs"]}
    assert [secret["name"] for secret in kept["secrets"]] == ["value 1"]
    assert kept["first_commits"]
    assert {*kept["first_commits"]} <= {*old_commits(place)}


def test_a_backup_that_is_restored_takes_the_files_back(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    purge(place / "ada", "print(1)")
    told = capsys.readouterr().out
    folder = next(line for line in told.splitlines() if line.startswith("Backup")).partition(": ")[2]
    earlier = {*old_commits(place)}

    assert main(["purge", str(place / "ada"), "--restore", folder]) == 0

    assert "publish.sh" not in os.listdir(place / "ada" / FOLDER)
    left = banned.read(str(place / "ada" / FOLDER / banned.NAME))
    assert left
    assert not left & {*git(place / "ada", "rev-list", "--all").split()}
    assert earlier - left


@pytest.mark.parametrize("name", ["purge-check.sh", "pre-receive", "publish.sh"])
def test_the_shell_has_nothing_against_the_scripts(name: str, place: Path) -> None:
    path = str(place / "ada" / FOLDER / name)
    assert run(place, "sh", "-n", path).returncode == 0
    if shutil.which("shellcheck"):
        assert run(place, "shellcheck", "--shell=sh", "--severity=warning", path).stdout == ""
