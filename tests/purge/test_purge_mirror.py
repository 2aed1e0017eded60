"""`tightlip purge --mirror`: a fresh clone, purged and published in place of one's own."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from whole_repository import be_nobody, do_not_wait_for_the_disk, refs, run

from tightlip.cli import main
from tightlip.errors import GitError, UsageError
from tightlip.purge.publishing import commands, request
from tightlip.purge.publishing.commands import Remote
from tightlip.purge.publishing.moved import Moved
from tightlip.purge.repository import mirror
from tightlip.purge.repository.mirror import Source

VALUE = "gh" + "p_" + "9mWk2LpQ7xRt5VbN8cYs3HdF6gJz1KaE4uTq"
PASSWORD = "hunter" + "2hunter"
HOSTED = ("refs/pull/1/head", "refs/pull/1/merge", "refs/merge-requests/2/head")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A host's `remote.git`, which nobody may push `refs/pull` to, and its clone `ada`, ahead by a commit."""
    place = tmp_path_factory.mktemp("mirror")
    with pytest.MonkeyPatch.context() as patch:
        be_nobody(patch, place)
        do_not_wait_for_the_disk(patch)
        make(place)
        yield place


def make(place: Path) -> None:
    run(place, "init", "--quiet", "--bare", "-b", "main", "remote.git")
    run(place, "clone", "--quiet", "remote.git", "ada")
    ada = place / "ada"
    run(ada, "checkout", "--quiet", "-b", "main")
    commit(ada, "shop.py", "print()\n")
    commit(ada, "settings.py", f"token = '{VALUE}'\n")
    run(ada, "tag", "--annotate", "--message", "first", "v1")
    run(ada, "push", "--quiet", "origin", "v1", *(f"HEAD:{name}" for name in (*HOSTED, "refs/remotes/upstream/main")))
    commit(ada, "settings.py", "token = None\n")
    run(ada, "push", "--quiet", "origin", "main")
    for part in ("refs/pull", "refs/merge-requests"):
        run(place / "remote.git", "config", "--add", "receive.hideRefs", part)
    commit(ada, "unpublished.py", "print(1)\n")


def commit(where: Path, name: str, text: str) -> None:
    (where / name).write_text(text, "utf-8")
    run(where, "add", name)
    run(where, "commit", "--quiet", "--message", name)


@pytest.fixture
def there(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The clone, as the current folder."""
    monkeypatch.chdir(place / "ada")
    return place / "ada"


@pytest.fixture
def values(tmp_path: Path) -> str:
    (tmp_path / "values").write_text(VALUE, "utf-8")
    return str(tmp_path / "values")


def planned(folder: Path, *more: str) -> int:
    """Plan in a mirror, with the program itself."""
    return main(["purge", "--plan", str(folder.parent / "plan.json"), "--mirror", str(folder), "--jobs", "1", *more])


def made(named: Path | str | None, folder: Path) -> Path:
    mirror.clone(mirror.source(named if named is None else str(named)), str(folder), None)
    return folder


class TestTheMirror:
    def test_it_has_what_origin_has_and_not_what_was_not_published(self, there: Path, tmp_path: Path) -> None:
        found = made(None, tmp_path / "new")

        assert refs(found) == refs(there.parent / "remote.git")
        assert run(found, "config", "remote.origin.url") == str(there.parent / "remote.git")
        assert run(found, "rev-parse", "--is-bare-repository") == "true"

    def test_a_repository_may_be_named_from_any_folder_of_it(self, there: Path, tmp_path: Path) -> None:
        (there / "below").mkdir(exist_ok=True)

        assert run(made("below", tmp_path / "new"), "rev-parse", "main") == run(there, "rev-parse", "main")

    def test_an_address_may_be_named_outside_of_any_repository(
        self, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)

        assert refs(made(f"file://{place}/remote.git", tmp_path / "new")) == refs(place / "remote.git")

    def test_without_an_origin_it_is_of_the_repository_itself(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(tmp_path, "init", "--quiet", "alone")
        commit(tmp_path / "alone", "a", "a")
        monkeypatch.chdir(tmp_path / "alone")

        assert refs(made(None, tmp_path / "new")) == refs(tmp_path / "alone")

    def test_an_origin_that_is_relative_is_relative_to_the_repository(
        self, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(tmp_path, "init", "--quiet", "other")
        run(tmp_path / "other", "remote", "add", "origin", os.path.relpath(place / "remote.git", tmp_path / "other"))
        (tmp_path / "other" / "below").mkdir()
        monkeypatch.chdir(tmp_path / "other" / "below")

        assert refs(made(None, tmp_path / "new")) == refs(place / "remote.git")

    def test_it_shares_nothing_and_takes_only_what_refs_lead_to(self, there: Path, tmp_path: Path) -> None:
        lost = run(there, "hash-object", "-w", "--stdin", stdin=b"reached by nothing")

        found = made(there, tmp_path / "new")

        assert not (found / "objects" / "info" / "alternates").exists()
        assert {path.stat().st_nlink for path in (found / "objects").rglob("*") if path.is_file()} == {1}
        assert "fatal" in run_and_say(found, "cat-file", "-p", lost)

    @pytest.mark.skipif(os.name == "nt", reason="there are no such modes")
    def test_nobody_else_may_enter_it(self, there: Path, tmp_path: Path) -> None:
        assert made(None, tmp_path / "new").stat().st_mode & 0o777 == 0o700

    def test_a_folder_may_be_there_if_it_is_empty(self, there: Path, tmp_path: Path) -> None:
        (tmp_path / "new").mkdir()

        assert refs(made(None, tmp_path / "new"))

    def test_what_git_tells_a_hook_does_not_follow_it(
        self, there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_DIR", str(there / ".git"))
        monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(there / ".git" / "objects"))

        found = made(None, tmp_path / "new")

        monkeypatch.delenv("GIT_DIR")
        monkeypatch.delenv("GIT_OBJECT_DIRECTORY")
        assert refs(found) == refs(there.parent / "remote.git")
        assert run(found, "fsck", "--connectivity-only") == ""

    def test_the_remote_is_called_origin_whatever_a_user_calls_others(
        self, there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "config").write_text("[clone]\n\tdefaultRemoteName = host\n", "utf-8")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))

        assert run(made(None, tmp_path / "new"), "remote") == "origin"

    def test_progress_is_shown_as_git_tells_it(self, there: Path, tmp_path: Path) -> None:
        shown: list[str] = []

        mirror.clone(mirror.source(None), str(tmp_path / "new"), shown.append)

        assert any(line.startswith("Receiving objects: 100%") for line in shown)
        assert all(line.endswith(("\r", "\n")) for line in shown)


def run_and_say(where: Path, *args: str) -> str:
    """Run git there and return what it complains of."""
    return subprocess.run(["git", "-C", str(where), *args], capture_output=True, text=True, check=False).stderr


class TestPurgingIt:
    def test_findings_of_the_clone_are_planned_in_the_mirror(
        self, there: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        report, folder = tmp_path / "findings.json", tmp_path / "new"
        assert main(["scan-history", "-q", "--jobs", "1", "--report", f"json:{report}"]) == 1

        assert planned(folder, "--findings", str(report)) == 0

        plan = json.loads((tmp_path / "plan.json").read_text("utf-8"))
        assert plan["repository"] == os.path.realpath(folder)
        assert plan["secrets"][0]["objects"]["blobs"] == 1
        assert {"refs/heads/main", "refs/tags/v1", *HOSTED} <= {*plan["refs"]}
        said = capsys.readouterr()
        assert f"--rotated WHO --prune --apply {shlex.quote(str(tmp_path / 'plan.json'))} {folder}" in said.out
        assert f"making a mirror of {there.parent / 'remote.git'}" in said.err
        assert VALUE not in said.out + said.err + json.dumps(plan)

    def test_it_is_applied_and_published_and_ones_own_clone_stays_as_it_is(
        self, there: Path, tmp_path: Path, values: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder, own = tmp_path / "new", refs(there)
        run(tmp_path, "clone", "--quiet", "--mirror", str(there.parent / "remote.git"), "host.git")
        host = tmp_path / "host.git"
        run(host, "config", "receive.hideRefs", "refs/pull")
        before = refs(host)
        assert planned(folder, "--values-from", values, str(host)) == 0
        done = ["--apply", str(tmp_path / "plan.json"), "--rotated", "Ada", "--prune", "--jobs", "1"]
        assert main(["purge", *done, "--backup", str(tmp_path / "backup"), str(folder)]) == 0

        said = subprocess.run(
            ["sh", "tightlip/purge/publish.sh"], cwd=folder, capture_output=True, text=True, check=False
        )

        assert said.returncode == 0, said.stderr
        after, here = refs(host), refs(folder)
        assert {name for name in after if after[name] == before[name]} == {*HOSTED}
        assert {name: here[name] for name in after if name not in HOSTED} == {
            name: oid for name, oid in after.items() if name not in HOSTED
        }
        assert VALUE not in run(host, "log", "--branches", "--tags", "--remotes", "--patch")
        asked = (folder / "tightlip" / "purge" / "host-request.txt").read_text("utf-8")
        assert "2 refs under refs/pull/, 1 ref under refs/merge-requests/ held the old history" in asked
        assert refs(there) == own

    def test_a_mirror_stays_when_only_the_plan_fails(
        self, there: Path, tmp_path: Path, values: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert planned(tmp_path / "new", "--values-from", values, "--replace-with", f"not {VALUE}") == 2

        assert refs(tmp_path / "new")
        assert "plan there without --mirror" in capsys.readouterr().err

    def test_what_is_to_be_purged_is_read_before_anything_is_cloned(self, there: Path, tmp_path: Path) -> None:
        assert planned(tmp_path / "new", "--values-from", str(tmp_path / "nowhere")) == 2

        assert not (tmp_path / "new").exists()

    def test_it_belongs_to_a_plan(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["purge", "--apply", "plan.json", "--mirror", str(tmp_path / "new")]) == 2

        assert "--mirror belongs to --plan" in capsys.readouterr().err


class TestWhatIsPublished:
    MIRROR = Remote("origin", "https://example.org/x.git", ("+refs/*:refs/*",), is_mirror=True)

    def test_what_a_mirror_took_over_is_published_even_where_a_clone_keeps_it_for_itself(self) -> None:
        moves = [Moved(f"refs/{name}/x", ("a" * 40,), "b" * 40) for name in ("remotes/origin", "original", "heads")]

        assert {move.name for move in commands.published(self.MIRROR, moves).moves} == {move.name for move in moves}

    def test_a_stash_which_nobody_can_push_is_the_hosts(self) -> None:
        found = commands.published(self.MIRROR, [Moved("refs/stash", ("a" * 40,), "b" * 40)])

        assert not found.moves
        assert "1 ref under refs/stash held the old history" in request.text([found], ["a" * 40])

    def test_a_clones_own_refs_are_not_published(self) -> None:
        own = ("refs/stash", "refs/original/refs/heads/main", "refs/replace/x", "refs/heads/unpublished")
        fetched = Remote(
            *("origin", "x", ("+refs/heads/*:refs/remotes/origin/*",)),
            is_mirror=False,
            tracked=frozenset({"refs/heads/main"}),
        )
        found = commands.published(fetched, [Moved(name, ("a" * 40,), "b" * 40) for name in own])

        assert not found.moves
        assert not found.hosted


class TestRefusing:
    @pytest.mark.parametrize("prefix", ["", "file://"])
    def test_a_shallow_clone(self, place: Path, tmp_path: Path, prefix: str) -> None:
        run(tmp_path, "clone", "--quiet", "--depth=1", f"file://{place}/remote.git", "part")

        with pytest.raises(GitError, match=r"part: it is a shallow clone.* fetch --unshallow"):
            made(f"{prefix}{tmp_path / 'part'}", tmp_path / "new")
        assert not (tmp_path / "new").exists()

    def test_a_partial_clone(self, place: Path, tmp_path: Path) -> None:
        run(tmp_path, "clone", "--quiet", "--no-local", str(place / "remote.git"), "part")
        run(tmp_path / "part", "config", "remote.origin.promisor", "true")

        with pytest.raises(GitError, match="part: it is a partial clone"):
            made(tmp_path / "part", tmp_path / "new")
        assert not (tmp_path / "new").exists()

    def test_an_empty_repository(self, tmp_path: Path) -> None:
        run(tmp_path, "init", "--quiet", "none")

        with pytest.raises(GitError, match="none: it is empty, so there is nothing to purge"):
            made(tmp_path / "none", tmp_path / "new")
        assert not (tmp_path / "new").exists()

    def test_a_folder_that_is_there(self, there: Path, tmp_path: Path) -> None:
        (tmp_path / "mine").write_text("kept", "utf-8")

        for folder in (tmp_path, tmp_path / "mine"):
            with pytest.raises(UsageError, match=r"is there already; name a new or an empty folder"):
                made(None, folder)
        assert (tmp_path / "mine").read_text("utf-8") == "kept"

    def test_a_folder_without_one_above_it(self, there: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"cannot make .*No such file"):
            made(None, tmp_path / "no" / "new")

    @pytest.mark.parametrize("folder", ["new", ".git/new", "below/../new"])
    def test_a_folder_in_the_repository(self, there: Path, folder: str) -> None:
        with pytest.raises(UsageError, match="is in the repository, where it may be committed"):
            made(None, there / folder)


class TestAFailingClone:
    def test_nothing_is_left_of_it(self, tmp_path: Path) -> None:
        with pytest.raises(GitError, match=r"nowhere: git clone: repository '.*nowhere' does not exist; is it"):
            made(tmp_path / "nowhere", tmp_path / "new")
        assert not (tmp_path / "new").exists()

    def test_what_ssh_says_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_SSH_COMMAND", r"printf 'shop: Permission denied (publickey).\r\n' >&2; false")

        with pytest.raises(GitError, match=r"denied \(publickey\); Could not read from remote repository; is it"):
            made("ssh://git@shop/x.git", tmp_path / "new")

    @pytest.mark.parametrize("is_new", [True, False])
    def test_an_interruption_leaves_the_folder_as_it_was(self, there: Path, tmp_path: Path, is_new: bool) -> None:  # noqa: FBT001
        folder = tmp_path / "new"
        if not is_new:
            folder.mkdir()

        def interrupted(_: str) -> None:
            assert folder.is_dir()
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            mirror.clone(mirror.source(None), str(folder), interrupted)

        assert folder.exists() is not is_new
        assert is_new or not os.listdir(folder)

    @pytest.mark.parametrize("address", ["ext::sh -c 'touch owned'", "--upload-pack=touch owned", "-cx=y"])
    def test_an_address_runs_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        here = tmp_path / "here"
        here.mkdir()
        monkeypatch.chdir(here)

        with pytest.raises(GitError, match=r"not allowed|does not exist"):
            made(address, here / "new")
        assert not os.listdir(here)

    @pytest.mark.parametrize("user", [f"ada:{PASSWORD}", PASSWORD, f"ada:a/{PASSWORD}", f"ada:@{PASSWORD}"])
    @pytest.mark.parametrize("trace", ["", "1"])
    def test_a_password_in_an_address_is_not_shown(
        self,
        tmp_path: Path,
        values: str,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
        user: str,
        trace: str,
    ) -> None:
        monkeypatch.setenv("GIT_TRACE", trace)
        monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")

        assert (
            planned(tmp_path / "new", "--values-from", values, f"http://{user}@localhost:1/x.git?key={PASSWORD}") == 2
        )

        said = "".join(capfd.readouterr())
        assert "localhost:1/x.git: git clone: " in said
        assert PASSWORD not in said
        assert "trace: " not in said

    @pytest.mark.parametrize(
        ("text", "cleaned"),
        [
            ("fatal: 'https://ada:pass-word@a.org/x/' not found", "fatal: 'https://a.org/x/' not found"),
            ("warning: redirecting to https://ada@b.org/y?key=1", "warning: redirecting to https://b.org/y"),
            ("Could not resolve host: pass-word", "Could not resolve host: ***"),
            ("git@a.org: Permission denied", "git@a.org: Permission denied"),
        ],
    )
    def test_git_may_say_it_in_any_way(self, text: str, cleaned: str) -> None:
        source = Source("https://ada:pass-word@a.org/x", ".")

        assert source.clean(text) == cleaned
        assert "pass-word" not in repr(source)

    def test_a_path_is_shown_as_it_is(self) -> None:
        for address in ("/srv/git/x@y.git", "file:///srv/git/x@y.git", "git@example.org:x/y.git"):
            assert Source(address, ".").shown == address
            assert Source(address, ".").clean("srv: git says nothing") == "srv: git says nothing"
