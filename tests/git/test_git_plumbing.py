"""Nothing that a repository holds or configures runs a program or changes an answer, and a failure says what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tightlip.errors import GitError, NoGit, NotARepository, UnreadableRepository
from tightlip.git import plumbing
from tightlip.git.attribution import blobs_in_head, changes_of, commit_details, refs_reaching
from tightlip.git.history import History
from tightlip.git.objects import ObjectReader
from tightlip.git.plumbing import Git
from tightlip.git.staged import staged

Run = Callable[..., str]
Commit = Callable[..., str]
Stage = Callable[[str, str | bytes], None]

posix_only = pytest.mark.skipif(os.name != "posix", reason="the canary is a shell script")

PROGRAMS = (
    *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.gitProxy", "core.askPass"),
    *("core.alternateRefsCommand", "diff.external", "diff.canary.command", "diff.canary.textconv", "gpg.program"),
    *(
        "filter.canary.clean",
        "filter.canary.smudge",
        "filter.canary.process",
        "merge.canary.driver",
        "credential.helper",
    ),
    *("pager.diff-index", "pager.rev-list", "pager.cat-file", "uploadpack.packObjectsHook", "trailer.x.command"),
)


@pytest.fixture
def hostile(repo: Path, git: Run, commit: Commit, stage: Stage, canary: object) -> Path:
    """A repository that would run a program at every turn, with something staged."""
    commit(**{"a.txt": "one\n"})
    git("tag", "-a", "v1", "-m", "signed, they say")
    stage("a.txt", "two\n")
    for name in PROGRAMS:
        git("config", name, str(canary))
    for alias in ("diff-index", "cat-file", "rev-list", "diff-tree", "for-each-ref", "ls-tree", "remote-"):
        git("config", f"alias.{alias}", f"!{canary}")
    for name in ("log.showSignature", "tag.gpgSign", "commit.gpgSign", "core.untrackedCache", "protocol.ext.allow"):
        git("config", name, "always" if name.startswith("protocol") else "true")
    hooks = repo / "hooks"
    hooks.mkdir()
    for hook in ("post-index-change", "pre-commit", "reference-transaction", "post-checkout", "fsmonitor-watchman"):
        shutil.copy(str(canary), hooks / hook)
    git("config", "core.hooksPath", str(hooks))
    (repo / ".gitattributes").write_text("* diff=canary filter=canary merge=canary\n")
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "attributes").write_text("* diff=canary filter=canary\n")
    (repo / "a.txt").write_text("three\n")
    return repo


def everything(where: Path) -> None:
    """Make every kind of call there is."""
    git = Git(str(where))
    staged(git)
    history = History(git)
    list(history.blobs())
    commits = [change.commit for change in changes_of(git, blobs_in_head(git), history.revisions)]
    commit_details(git, commits)
    refs_reaching(git, commits)


@posix_only
def test_the_repository_runs_no_program(hostile: Path, canary: object) -> None:
    everything(hostile)

    assert not canary.sang  # type: ignore[attr-defined]


@posix_only
def test_the_environment_runs_no_program(hostile: Path, canary: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "PAGER", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_EDITOR"):
        monkeypatch.setenv(name, str(canary))
    monkeypatch.chdir(hostile)
    staged(Git())
    everything(hostile)

    assert not canary.sang  # type: ignore[attr-defined]


@posix_only
def test_the_canary_sings_when_git_is_called_without_care(hostile: Path, canary: object) -> None:
    subprocess.run(["git", "-C", hostile, "diff"], capture_output=True, check=False)

    assert canary.sang  # type: ignore[attr-defined]


@pytest.fixture
def partial(repo: Path, git: Run, commit: Commit, tmp_path: Path) -> tuple[Path, str]:
    """A clone that left its blobs at a remote, and the id of one of them."""
    commit(**{"a.txt": "left behind\n"})
    git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    source = repo.as_uri()
    subprocess.run(["git", "clone", "-q", "--no-checkout", "--filter=blob:none", source, clone], check=True)
    return clone, git("rev-parse", "HEAD:a.txt")


@posix_only
@pytest.mark.parametrize(
    "url", ["ext::{}", "ssh://example.invalid/x", "/nowhere/to/be/found", "::x", "git://example.invalid/x"]
)
@pytest.mark.parametrize("age", ["this git", "a git that would fetch"])
def test_nothing_is_fetched_and_no_remote_runs_a_program(
    url: str, age: str, partial: tuple[Path, str], canary: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, oid = partial
    settings = {
        "remote.origin.url": url.format(canary),
        "remote.origin.uploadpack": str(canary),
        "core.sshCommand": str(canary),
        "core.gitProxy": str(canary),
        "alias.remote-": f"!{canary}",
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
    }
    for name, value in settings.items():
        subprocess.run(["git", "-C", clone, "config", name, value], check=True)
    if age == "a git that would fetch":
        monkeypatch.delitem(plumbing._SETTINGS, "GIT_NO_LAZY_FETCH")
    with ObjectReader(Git(str(clone))) as objects:
        found = list(objects.read_many([oid, "HEAD", oid]))

    assert [type(item).__name__ for item in found] == ["MissingObject", "Object", "MissingObject"]
    everything(clone)
    assert not canary.sang  # type: ignore[attr-defined]


def test_every_variable_that_ties_git_to_a_repository_is_known() -> None:
    local = subprocess.run(["git", "rev-parse", "--local-env-vars"], capture_output=True, check=True, text=True)

    assert set(local.stdout.split()) - plumbing.LOCAL == {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}


def test_the_variables_of_a_hook_count_for_the_current_folder_alone(
    repo: Path, stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage("a.txt", "x")
    other = tmp_path / "other"
    subprocess.run(["git", "init", "-q", other], check=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_DIR", str(repo / ".git"))

    assert [change.path for change in staged(Git())] == [b"a.txt"]
    assert staged(Git(str(other))) == []


def test_traces_stay_out_of_what_git_says(repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GIT_TRACE", "GIT_TRACE2", "GIT_TRACE_SETUP"):
        monkeypatch.setenv(name, str(tmp_path / "trace"))
    staged(Git(str(repo)))

    assert not (tmp_path / "trace").exists()


def test_the_word_of_the_user_on_the_command_line_is_kept(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "my.own")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "word")

    assert Git(str(repo)).run("config", "my.own") == b"word\n"


def test_input_and_output_of_any_size_do_not_block_each_other(repo: Path) -> None:
    oid = Git(str(repo)).run("hash-object", "-w", "--stdin", stdin=b"x" * 5000).decode().strip()
    output = Git(str(repo)).run("cat-file", "--batch", stdin=f"{oid}\n".encode() * 5000)

    assert len(output) > 5000 * 5000


def message(call: Callable[[], object], kind: type[GitError]) -> str:
    with pytest.raises(GitError) as error:
        call()
    assert type(error.value) is kind
    text = str(error.value)
    assert text.isprintable()
    return text


def test_a_folder_that_is_no_repository_is_told(tmp_path: Path) -> None:
    told = message(lambda: staged(Git(str(tmp_path))), NotARepository)

    assert told.startswith(f"{tmp_path}: ")
    assert "run this inside a repository" in told


def test_a_folder_that_does_not_exist_is_told(tmp_path: Path) -> None:
    assert "name a folder that exists" in message(lambda: staged(Git(str(tmp_path / "none"))), NotARepository)


@posix_only
def test_a_current_folder_that_is_gone_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert "the current folder is gone" in message(lambda: staged(Git()), NotARepository)


def test_a_machine_without_git_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "install git" in message(lambda: staged(Git(str(repo))), NoGit)
    with ObjectReader(Git(str(repo))) as objects:
        message(lambda: objects.read("0" * 40), NoGit)


@pytest.mark.skipif(sys.platform == "win32", reason="ownership is another matter there")
def test_a_repository_of_another_user_is_told_with_gits_own_advice(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    told = message(lambda: staged(Git(str(repo))), UnreadableRepository)

    assert "dubious ownership" in told
    assert f"git config --global --add safe.directory {repo}" in told
    with ObjectReader(Git(str(repo))) as objects:
        message(lambda: objects.read("0" * 40), UnreadableRepository)


@pytest.mark.parametrize("content", [b"", b"DIRC", b"garbage " * 20, b"DIRC\0\0\0\x09\0\0\0\0" + bytes(20)])
def test_a_damaged_index_is_told(content: bytes, repo: Path, commit: Commit) -> None:
    commit(**{"a.txt": "x"})
    (repo / ".git" / "index").write_bytes(content)

    assert "the index is damaged" in message(lambda: staged(Git(str(repo))), UnreadableRepository)


def test_a_broken_configuration_is_told_with_its_line(repo: Path) -> None:
    with (repo / ".git" / "config").open("a") as config:
        config.write("[broken\n")
    told = message(lambda: staged(Git(str(repo))), UnreadableRepository)

    assert "bad config line" in told
    assert "correct that file" in told


def test_an_extension_that_git_does_not_know_is_told(repo: Path, git: Run) -> None:
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "extensions.fromTheFuture", "true")
    told = message(lambda: staged(Git(str(repo))), UnreadableRepository)

    assert "fromthefuture" in told
    assert "newer git" in told


def test_a_missing_tree_is_told(repo: Path, commit: Commit, remove: Callable[[str], str]) -> None:
    commit(**{"a.txt": "x"})
    remove("HEAD^{tree}")

    assert "git fsck" in message(lambda: staged(Git(str(repo))), UnreadableRepository)


def test_a_damaged_commit_is_told(repo: Path, commit: Commit, damage: Callable[[str], str]) -> None:
    commit(**{"a.txt": "x"})
    oid = damage("HEAD")

    assert oid in message(lambda: staged(Git(str(repo))), UnreadableRepository)


def test_what_git_says_is_one_printable_line_whatever_the_name(tmp_path: Path) -> None:
    told = message(lambda: staged(Git(str(tmp_path / "a\n\x1b[31mb"))), NotARepository)

    assert "\\x1b" in told


def test_an_unknown_failure_says_what_was_called(repo: Path) -> None:
    told = message(lambda: Git(str(repo)).run("rev-list", "--no-such-option"), GitError)

    assert "git rev-list" in told
