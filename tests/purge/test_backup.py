"""A restore brings back a repository to the byte, whatever has happened to it, and whoever was killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

import pytest
import whole_repository as whole
from whole_repository import run

from tightlip.errors import GitError, UsageError
from tightlip.git.plumbing import Git
from tightlip.purge.repository import backup as backups
from tightlip.purge.repository import copies, durable, journal, refs
from tightlip.purge.repository import layout as layouts


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    whole.do_not_wait_for_the_disk(monkeypatch)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to copy, with a repository and its other working trees."""
    with pytest.MonkeyPatch.context() as patch:
        whole.be_nobody(patch, tmp_path_factory.mktemp("home"))
        return whole.large(tmp_path_factory.mktemp("model") / "repo").parent


@pytest.fixture
def where(model: Path, tmp_path: Path) -> Path:
    shutil.copytree(model, tmp_path, symlinks=True, dirs_exist_ok=True)
    for pointer in (*tmp_path.glob("*/.git"), *tmp_path.glob("repo/.git/worktrees/*/gitdir")):
        if pointer.is_file():
            pointer.write_text(pointer.read_text().replace(str(model), str(tmp_path)))
    return tmp_path / "repo"


def _state(where: Path) -> dict[str, object]:
    """Return all that a restore has to bring back, byte for byte, and what git says of the whole."""
    git_dir = where / ".git" if (where / ".git").is_dir() else where
    named = ("refs", "logs", "worktrees", "reftable")
    own = [path for path in git_dir.iterdir() if path.is_file() and path.name not in {"config", "COMMIT_EDITMSG"}]
    inner = [path for name in named for path in (git_dir / name).rglob("*") if path.is_file()]
    files = {str(path.relative_to(git_dir)): path.read_bytes() for path in (*own, *inner)}
    return {
        "files": files,
        "refs": whole.refs(where),
        "fsck": run(where, "fsck", "--full", "--strict", "--no-dangling"),
    }


def _unreached(where: Path) -> set[str]:
    return set(run(where, "fsck").splitlines())


def _ruin(where: Path) -> dict[str, str | None]:
    """Move everything as a purge does, and more, and prune; return where refs should be then."""
    git = Git(str(where))
    moves, heads = whole.rewritten(where), layouts.heads(git)
    new = moves["refs/heads/main"][1]
    changes = {**moves, "refs/heads/feature/one": (moves["refs/heads/feature/one"][0], None)}
    refs.move(git, changes, {name: (oid, new) for name, oid in heads.items()})
    refs.rewrite_reflogs(git, {**whole.new_ids(where)})
    run(where, "update-ref", "refs/heads/feature", new)
    run(where, "reset", "--quiet", "--hard", "main")
    run(where, "checkout", "--quiet", "-b", "another")
    for name in ("ORIG_HEAD", "FETCH_HEAD"):
        (where / ".git" / name).unlink(missing_ok=True)
    run(where, "reflog", "expire", "--expire=all", "--expire-unreachable=all", "--all")
    for tree in (where.parent / "detached", where.parent / "on-a-branch"):
        run(tree, "reset", "--quiet", "--hard")
    run(where, "gc", "--quiet", "--prune=now")
    return {**whole.refs(where)}


def test_a_restore_after_a_purge_and_gc_brings_everything_back_to_the_byte(where: Path, tmp_path: Path) -> None:
    before, unreached = _state(where), _unreached(where)
    backup = backups.create(Git(str(where)), str(tmp_path / "backup"))
    old = run(where, "rev-parse", "main")
    expected = _ruin(where)
    assert subprocess.run(["git", "-C", where, "cat-file", "-e", old], capture_output=True, check=False).returncode
    backups.restore(Git(str(where)), backups.load(backup.folder), expected)
    after = _state(where)
    assert after["refs"] == before["refs"]
    assert after["files"] == before["files"]
    assert after["fsck"] == before["fsck"]
    assert unreached  # what nothing reaches came back, too
    assert unreached < _unreached(where)
    assert whole.locks(where / ".git" / "refs") == []
    assert journal.unfinished(Git(str(where))) is None
    assert run(where, "stash", "list").count("\n") == 1


@pytest.mark.parametrize("kind", ["sha256", "bare", "unborn", "nothing staged or committed"])
def test_every_kind_of_repository_is_backed_up_and_restored(tmp_path: Path, kind: str) -> None:
    where = tmp_path / "repo"
    if kind == "sha256":
        whole.small(where, "--object-format=sha256")
    elif kind == "bare":
        whole.small(tmp_path / "source")
        run(tmp_path, "clone", "--quiet", "--mirror", str(tmp_path / "source"), str(where))
    else:
        run(tmp_path, "init", "--quiet", "-b", "main", str(where))
    if kind == "unborn":
        (where / "staged").write_text("staged\n")
        run(where, "add", "staged")
    before = _state(where)
    backup = backups.create(Git(str(where)))
    if kind in {"sha256", "bare"}:
        refs.move(Git(str(where)), whole.rewritten(where))
    run(where, "reflog", "expire", "--expire=all", "--all")
    run(where, "gc", "--quiet", "--prune=now")
    backups.restore(Git(str(where)), backup)
    assert _state(where) == before


def test_every_object_is_in_it_that_anything_names(where: Path, tmp_path: Path) -> None:
    git = Git(str(where))
    backup = backups.create(git, str(tmp_path / "backup"))
    elsewhere = tmp_path / "elsewhere"
    run(tmp_path, "init", "--quiet", str(elsewhere))
    run(elsewhere, "bundle", "unbundle", f"{backup.folder}/all.bundle")
    every = ("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    assert run(elsewhere, *every) == run(where, *every)
    trees = (where, tmp_path / "on-a-branch", tmp_path / "detached")
    named = {line.split()[1] for tree in trees for line in run(tree, "ls-files", "--stage").splitlines()}
    named |= {run(tree, "rev-parse", "HEAD") for tree in trees}
    for log in (path for path in (where / ".git").rglob("logs/**/*") if path.is_file()):
        named |= {oid for line in log.read_text().splitlines() for oid in line.split()[:2]} - {"0" * 40}
    assert named <= set(run(elsewhere, *every).split())


def test_a_plain_clone_of_the_bundle_has_all_branches(where: Path, tmp_path: Path) -> None:
    backup = backups.create(Git(str(where)), str(tmp_path / "backup"))
    run(tmp_path, "clone", "--quiet", "--mirror", f"{backup.folder}/all.bundle", "clone")
    now = whole.refs(where)
    assert whole.refs(tmp_path / "clone") == {name: now[name] for name in now if not name.startswith("refs/worktree")}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_user_may_look_into_it(where: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        backup = Path(backups.create(Git(str(where))).folder)
    finally:
        os.umask(before)
    assert backup.parent == tmp_path / "home/.local/state/tightlip/backups"
    assert backup.name.startswith("repo-2")
    modes = {path.stat().st_mode & 0o777 for path in (backup, *backup.rglob("*")) if path.is_dir()}
    assert modes == {0o700}
    assert {path.stat().st_mode & 0o777 for path in backup.rglob("*") if path.is_file()} == {0o600}
    assert sorted(os.listdir(backup)) == ["README.txt", "all.bundle", "files", "manifest.json"]
    assert "holds the secret" in (backup / "README.txt").read_text()
    assert "holds the secret" in (backup / "manifest.json").read_text()


def test_nothing_in_the_repository_changes(where: Path, tmp_path: Path) -> None:
    before = _state(where)
    backups.create(Git(str(where)), str(tmp_path / "backup"))
    assert _state(where) == before


@pytest.mark.parametrize("inside", ["backup", ".git/backup", "../detached/backup", "../detached"])
def test_a_folder_that_will_not_do_is_refused(where: Path, inside: str) -> None:
    with pytest.raises(UsageError):
        backups.create(Git(str(where)), str(where / inside))


def test_a_backup_that_cannot_be_finished_leaves_nothing(
    where: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(durable, "settle", full)
    with pytest.raises(OSError, match="no space"):
        backups.create(Git(str(where)), str(tmp_path / "backup"))
    assert not (tmp_path / "backup").exists()


def test_a_damaged_object_stops_the_backup(where: Path, tmp_path: Path) -> None:
    oid = run(where, "rev-parse", "ORIG_HEAD")
    file = where / ".git/objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.write_bytes(b"no zlib stream")
    with pytest.raises(GitError):
        backups.create(Git(str(where)), str(tmp_path / "backup"))
    assert not (tmp_path / "backup").exists()


def test_a_damaged_backup_is_refused_and_nothing_changes(where: Path, tmp_path: Path) -> None:
    backup = backups.create(Git(str(where)), str(tmp_path / "backup"))
    before = _state(where)
    for name in ("all.bundle", "files/HEAD", "files/index", "manifest.json", "files/packed-refs"):
        file = tmp_path / "backup" / name
        content = file.read_bytes()
        for damaged in (content[:-1] + b"~", None):
            file.unlink() if damaged is None else file.write_bytes(damaged)
            with pytest.raises(GitError, match=str(tmp_path / "backup")):
                backups.restore(Git(str(where)), backup)
        file.write_bytes(content)
    assert _state(where) == before
    backups.restore(Git(str(where)), backup)


def test_a_backup_of_another_repository_is_refused_even_at_the_same_path(where: Path, tmp_path: Path) -> None:
    backup = backups.create(Git(str(where)), str(tmp_path / "backup"))
    shutil.rmtree(where)
    whole.small(where)
    with pytest.raises(GitError, match="of another repository"):
        backups.restore(Git(str(where)), backup)


def test_a_repository_that_was_moved_is_still_the_same(tmp_path: Path) -> None:
    where = whole.small(tmp_path / "repo")
    backup = backups.create(Git(str(where)))
    where = where.rename(tmp_path / "moved")
    before = _state(where)
    refs.move(Git(str(where)), whole.rewritten(where))
    backups.restore(Git(str(where)), backup)
    assert _state(where)["files"] == before["files"]


def test_refs_that_moved_since_are_named_and_kept_unless_forced(where: Path, tmp_path: Path) -> None:
    git = Git(str(where))
    before = _state(where)
    backup = backups.create(git, str(tmp_path / "backup"))
    journal.begin(git, "a hash")
    moves = whole.rewritten(where)
    begun = journal.unfinished(git)
    assert begun is not None
    journal.save(git, journal.Journal("a hash", refs={name: journal.Move(*pair) for name, pair in moves.items()}))
    refs.move(git, moves)
    run(where, "commit", "--quiet", "--allow-empty", "-m", "work after the purge")
    work = run(where, "rev-parse", "main")
    with pytest.raises(GitError, match=r"refs moved after the purge \(refs/heads/main\)"):
        backups.restore(git, backup)
    assert run(where, "rev-parse", "main") == work
    backups.restore(git, backup, force=True)
    assert _state(where)["files"] == before["files"]


def test_a_working_tree_that_is_gone_stays_so(where: Path, tmp_path: Path) -> None:
    backup = backups.create(Git(str(where)), str(tmp_path / "backup"))
    run(where, "worktree", "remove", "--force", str(tmp_path / "detached"))
    backups.restore(Git(str(where)), backup)
    assert os.listdir(where / ".git/worktrees") == ["on-a-branch"]
    run(where, "fsck")


def test_an_orig_head_whose_commit_is_gone_stops_nothing(where: Path, tmp_path: Path) -> None:
    run(where, "reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    run(where, "gc", "--quiet", "--prune=now")
    before = _state(where)
    backups.restore(Git(str(where)), backups.create(Git(str(where)), str(tmp_path / "backup")))
    assert _state(where) == before


def test_a_git_at_work_stops_a_restore(where: Path, tmp_path: Path) -> None:
    backup = backups.create(Git(str(where)), str(tmp_path / "backup"))
    (where / ".git/index.lock").touch()
    with pytest.raises(GitError, match=r"index\.lock"):
        backups.restore(Git(str(where)), backup)


def test_what_is_configured_now_stays(where: Path, tmp_path: Path) -> None:
    backup = backups.create(Git(str(where)), str(tmp_path / "backup"))
    run(where, "config", "some.thing", "later")
    backups.restore(Git(str(where)), backup)
    assert run(where, "config", "some.thing") == "later"
    assert (tmp_path / "backup/files/config").exists()


def _killed(where: Path, folder: str, nth: int) -> bool:
    """Restore in another process, killed at its nth line of the code that changes something; whether it came so far."""
    ours, lines = {copies.__file__, backups.__file__, durable.__file__, refs.__file__}, 0

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal lines
        if frame.f_code.co_filename not in ours:
            return None
        lines += event == "line"
        if lines == nth:
            os.killpg(0, signal.SIGKILL)
        return trace

    child = os.fork()
    if not child:
        try:
            os.setsid()
            backup = backups.load(folder)
            sys.settrace(trace)
            backups.restore(Git(str(where)), backup, force=True)
        finally:
            sys.settrace(None)
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("step", [1999, pytest.param(41, marks=[pytest.mark.slow, pytest.mark.kills])])
def test_a_restore_that_was_killed_is_finished_by_the_next(where: Path, tmp_path: Path, step: int) -> None:
    before = _state(where)
    folder = backups.create(Git(str(where)), str(tmp_path / "backup")).folder
    _ruin(where)
    saved = shutil.copytree(where / ".git", tmp_path / "ruined", symlinks=True)
    kills = 0
    while _killed(where, folder, 200 + step * kills):
        kills += 1
        begun = journal.unfinished(Git(str(where)))
        assert begun is None or begun.backup == folder
        refs.clean_up(Git(str(where)))
        backups.restore(Git(str(where)), backups.load(folder))
        assert _state(where) == before
        shutil.rmtree(where / ".git")
        shutil.copytree(saved, where / ".git", symlinks=True)
    print(kills, "kills")  # noqa: T201
    assert kills


def test_refs_in_tables_are_restored_to_the_byte(tmp_path: Path) -> None:
    try:
        where = whole.small(tmp_path / "repo", "--ref-format=reftable")
    except subprocess.CalledProcessError:
        pytest.skip("this git has no reftables")
    before = _state(where)
    backup = backups.create(Git(str(where)))
    refs.move(Git(str(where)), whole.rewritten(where))
    run(where, "reflog", "expire", "--expire=all", "--all")
    run(where, "gc", "--quiet", "--prune=now")
    backups.restore(Git(str(where)), backup)
    assert _state(where) == before


def test_without_a_home_no_backup_goes_into_the_current_folder(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(where)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", "relative")

    with pytest.raises(UsageError, match="there is no home folder to keep the backup in: say where it goes, --backup"):
        backups.default_folder(Git(str(where)))
