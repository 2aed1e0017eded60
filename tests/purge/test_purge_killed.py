"""Whoever is killed, whatever is full: a purge leaves all refs old or all new, and the next call finishes it."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import purging
import pytest
import whole_repository as whole
from purging import TEXT, VALUE, applied, fsck, planned
from test_purge_everywhere import _zipped as zipped
from whole_repository import run

from tightlip.errors import GitError, UsageError
from tightlip.git import process
from tightlip.git.plumbing import Git
from tightlip.purge import plan
from tightlip.purge.apply import _BACKUP
from tightlip.purge.publishing import files, record
from tightlip.purge.repository import backup, durable, journal, layout, locks, refs

ALLOWED = ("worktrees", "staged", "head")
PARTS = 8
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")


class Model(NamedTuple):
    """A repository to copy, with its plan, and what it is before and after a purge."""

    where: Path
    before: dict[str, Any]
    after: dict[str, Any]
    said: set[str]


def _state(where: Path) -> dict[str, Any]:
    heads = layout.heads(Git(str(where)))
    return {
        "refs": whole.refs(where),
        "HEAD": (where / ".git/HEAD").read_text(),
        "heads": {name: oid for name, oid in heads.items() if not name.endswith("ORIG_HEAD")},
        "origin": run(where, "symbolic-ref", "refs/remotes/origin/HEAD"),
        "staged": run(where, "status", "--porcelain"),
        "stashes": run(where, "stash", "list", "--format=%H"),
    }


def _make(where: Path) -> Path:
    """Make a repository with a value in what takes each step of a purge."""
    run(where.parent, "init", "--quiet", "-b", "main", str(where))
    (where / "key").write_text("first\n")
    run(where, "add", ".")
    run(where, "commit", "--quiet", "-m", "first")
    run(where, "worktree", "add", "--quiet", "--detach", str(where.parent / "other"))
    (where.parent / "other/key").write_text(f"{TEXT} there\n")
    run(where.parent / "other", "commit", "--quiet", "-a", "-m", "on no branch")
    run(where, "checkout", "--quiet", "-b", TEXT)
    (where / "key").write_text(f"{TEXT}\n")
    (where / "a.zip").write_bytes(zipped(8) + VALUE)
    run(where, "add", ".")
    run(where, "commit", "--quiet", "-m", f"add {TEXT}")
    for number in range(2):
        (where / "key").write_text(f"{TEXT} {number}\n")
        run(where, "stash", "push", "--quiet")
    run(where, "tag", "-a", "-m", TEXT, "v1")
    run(where, "notes", "add", "-m", TEXT)
    run(where, "update-ref", "refs/remotes/origin/main", "HEAD")
    run(where, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    (where / ".git/COMMIT_EDITMSG").write_text(TEXT)
    return where


def _copied(source: Path, scratch: Path) -> Path:
    """Copy a repository and its other working tree."""
    shutil.copytree(source.parent, scratch, symlinks=True)
    for pointer in (scratch / "other/.git", *scratch.glob("repo/.git/worktrees/*/gitdir")):
        pointer.write_text(pointer.read_text().replace(str(source.parent), str(scratch)))
    return scratch / "repo"


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        purging.be_quick(patch)
        patch.setattr(locks, "_SETTLED", 0.05)
        yield


@pytest.fixture(scope="module")
def model(quick: None, tmp_path_factory: pytest.TempPathFactory) -> Model:
    with pytest.MonkeyPatch.context() as patch:
        whole.be_nobody(patch, tmp_path_factory.mktemp("home"))
        where = _make(tmp_path_factory.mktemp("model") / "repo")
        copy = _copied(where, tmp_path_factory.mktemp("clean") / "copy")
        before, said = _state(copy), fsck(copy)
        done = applied(copy, planned(copy), allow=ALLOWED)
        assert [left["object"] for left in planned(copy)["left"]] == list(done.proof.objects)
        after = _state(copy)
        assert TEXT not in str(after)
        return Model(where, before, after, said | fsck(copy))


class Counted:
    """Counts what a purge asks of the system, or its lines, and acts at the nth."""

    def __init__(self, nth: int, act: Callable[[], object]) -> None:
        self.count, self._nth, self._act = 0, nth, act

    def one(self) -> None:
        self.count += 1
        if self.count == self._nth:
            self._act()

    def calls(self, patch: pytest.MonkeyPatch) -> None:
        """Count programs that are started, and changes to files."""
        for module, name in (
            (process, "_START"),
            *((os, name) for name in ("replace", "rename", "unlink", "link", "mkdir", "rmdir", "chmod", "fsync")),
            *((shutil, "rmtree"), (durable, "opened")),
        ):
            real = getattr(module, name)

            def called(*args: Any, _real: Callable[..., Any] = real, **options: Any) -> Any:  # noqa: ANN401
                self.one()
                return _real(*args, **options)

            patch.setattr(module, name, called)

    def trace(self, frame: FrameType, event: str, _: object) -> object:
        """Count lines of the purge, without those that look for values."""
        path = frame.f_code.co_filename
        if not path.startswith(os.path.dirname(refs.__file__)) or path.startswith(
            os.path.dirname(purging.forms.__file__)
        ):
            return None
        if event == "line":
            self.one()
        return self.trace


def _killed(act: Callable[[], object], nth: int, how: str) -> bool:
    """Do something in another process that is killed at its nth call or line; whether it came that far."""
    with_git = how.endswith("with git")

    def kill() -> None:
        os.killpg(0, signal.SIGKILL) if with_git else os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        code = 1
        try:
            os.setsid()
            counted = Counted(nth, kill)
            with pytest.MonkeyPatch.context() as patch:
                if how.startswith("calls"):
                    counted.calls(patch)
                else:
                    sys.settrace(counted.trace)
                act()
            code = 0
        finally:
            sys.settrace(None)
            os._exit(code)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
    return os.WIFSIGNALED(status)


def _complaints(where: Path) -> set[str]:
    """Return what git complains of, but not that HEAD is still on a branch that has another name now."""
    return {line for line in fsck(where) if not line.startswith("notice: HEAD points to an unborn branch")}


def _kill_and_finish(model: Model, scratch: Path, nth: int, how: str) -> str:
    """Kill a purge, look at what is there, and call it again; return whether it had moved the refs, or nothing."""
    where = _copied(model.where, scratch / f"{nth}")
    made, folder = planned(where), scratch / f"backup {nth}"
    if not _killed(lambda: applied(where, made, allow=ALLOWED, folder=folder), nth, how):
        return ""
    now = whole.refs(where)
    ids = {name: oid for name, oid in now.items() if name != "refs/remotes/origin/HEAD"}
    sides = [
        {name: oid for name, oid in side["refs"].items() if name != "refs/remotes/origin/HEAD"}
        for side in (model.before, model.after)
    ]
    assert ids in sides, f"refs are mixed after a kill at {nth}"
    found = "old" if ids == sides[0] else "new"
    assert _complaints(where) <= model.said
    if nth % 5 == 0 and folder.is_dir() and (folder / "manifest.json").exists():
        backup.restore(Git(str(where)), backup.load(str(folder)))
        assert _state(where) == model.before
        folder = scratch / f"another backup {nth}"
    if found == "new" or not journal.unfinished(Git(str(where))):
        with contextlib.suppress(UsageError):  # it had ended
            applied(where, made, allow=ALLOWED, folder=folder)
    else:
        applied(where, made, allow=ALLOWED, folder=folder)
    if _state(where) != model.after:
        applied(where, planned(where), allow=ALLOWED, folder=scratch / f"third backup {nth}")
    assert _state(where) == model.after
    left = purging.holding(where)
    assert left.files == set()
    assert left.objects == {oid["object"] for oid in planned(where)["left"]}
    assert fsck(where) <= model.said
    assert [name for name in whole.locks(where / ".git") if name.endswith(".lock")] == []
    assert {path.name for path in (where / ".git/tightlip/purge").iterdir()} <= {
        *("alive", "commit-map", "ref-map", "repository", record.NAME, *files.NAMES),
    }
    shutil.rmtree(where.parent)
    return found


def _points(model: Model, scratch: Path, how: str) -> int:
    """Return how many calls or lines a whole purge has."""
    where = _copied(model.where, scratch / "counted")
    made, counted = planned(where), Counted(0, lambda: None)
    with pytest.MonkeyPatch.context() as patch:
        if how.startswith("calls"):
            counted.calls(patch)
        else:
            sys.settrace(counted.trace)
        try:
            applied(where, made, allow=ALLOWED)
        finally:
            sys.settrace(None)
    return counted.count


@pytest.mark.parametrize("how", ["calls", pytest.param("lines with git", marks=pytest.mark.slow)])
def test_a_kill_at_some_moments_is_made_good_by_the_next_call(model: Model, tmp_path: Path, how: str) -> None:
    points = _points(model, tmp_path, how)
    print(points, how)  # noqa: T201
    for nth in range(points // 3, points, points // 3):
        assert _kill_and_finish(model, tmp_path, nth, how)


@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("how", ["calls", "calls with git", "lines", "lines with git"])
def test_a_kill_at_any_moment_is_made_good_by_the_next_call(model: Model, tmp_path: Path, how: str, part: int) -> None:
    points = _points(model, tmp_path, how)
    step = max(points // 150, 1)
    seen = [_kill_and_finish(model, tmp_path, nth, how) for nth in range(1 + part * step, points, step * PARTS)]
    print(len(seen), "kills of", points)  # noqa: T201
    assert "old" in seen


# What is full or closed.


def _fail() -> NoReturn:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _fail_and_finish(model: Model, scratch: Path, nth: int) -> None:
    """Have the nth call of the system fail, look at what is there, and call it again."""
    where = _copied(model.where, scratch / f"{nth}")
    made, folder, index = planned(where), scratch / f"backup {nth}", (where / ".git/index").read_bytes()
    failed = None
    with pytest.MonkeyPatch.context() as patch:
        Counted(nth, _fail).calls(patch)
        try:
            applied(where, made, allow=ALLOWED, folder=folder)
        except (OSError, GitError) as error:
            failed = error
    if failed:
        begun = journal.unfinished(Git(str(where)))
        if whole.refs(where) == model.before["refs"]:
            assert folder.exists() == (begun is not None and "written" in begun.done)
            assert (where / ".git/index").read_bytes() == index
            assert _state(where) == model.before
        else:
            assert begun
            assert "written" in begun.done
        assert _complaints(where) <= model.said
        assert [name for name in whole.locks(where / ".git") if name.endswith(".lock")] == []
        applied(where, made, allow=ALLOWED, folder=folder)
    assert _state(where) == model.after
    assert purging.holding(where).files == set()
    shutil.rmtree(where.parent)


def test_a_full_disk_at_some_moments_is_told_and_made_good(model: Model, tmp_path: Path) -> None:
    points = _points(model, tmp_path, "calls")
    for nth in range(points // 4, points, points // 2):
        _fail_and_finish(model, tmp_path, nth)


@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.parametrize("part", range(PARTS))
def test_a_full_disk_at_any_moment_is_told_and_made_good(model: Model, tmp_path: Path, part: int) -> None:
    points = _points(model, tmp_path, "calls")
    for nth in range(1 + 3 * part, points, 3 * PARTS):
        _fail_and_finish(model, tmp_path, nth)


@pytest.mark.parametrize("most", [0, 200, 500])
def test_files_that_cannot_grow_are_told_and_change_nothing(model: Model, tmp_path: Path, most: int) -> None:
    import resource

    where = _copied(model.where, tmp_path / "copy")
    made = planned(where)
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # and writing fails, for git as well
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            applied(where, made, allow=ALLOWED)
        except (OSError, GitError):
            code = 7
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert _state(where) == model.before
    assert fsck(where) <= model.said
    applied(where, made, allow=ALLOWED)
    assert _state(where) == model.after


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_objects_that_cannot_be_written_are_told_and_nothing_changes(model: Model, tmp_path: Path) -> None:
    where = _copied(model.where, tmp_path / "copy")
    made, closed = planned(where), [path for path in (where / ".git/objects").rglob("") if path.is_dir()]
    for path in closed:
        path.chmod(0o555)
    try:
        with pytest.raises((OSError, GitError)):
            applied(where, made, allow=ALLOWED)
        assert _state(where) == model.before
    finally:
        for path in closed:
            path.chmod(0o755)
    applied(where, made, allow=ALLOWED)
    assert _state(where) == model.after


# Between a plan and its application, and between two calls.


def test_a_plan_is_the_same_whoever_makes_it_and_however_objects_are_packed(model: Model, tmp_path: Path) -> None:
    where = _copied(model.where, tmp_path / "copy")
    made = planned(where)
    run(where, "gc", "--quiet")
    run(where, "config", "some.thing", TEXT)
    again = planned(where, jobs=2)
    assert again["secrets"] == made["secrets"]
    values = plan.targets(Git(str(where)), made)
    survey = plan.survey(Git(str(where)), values, jobs=1)
    assert list(plan.differences(made, plan.binding(survey, survey.affected()), values)) == []
    applied(where, made, allow=ALLOWED)
    assert _state(where)["refs"] == model.after["refs"]


def test_a_plan_does_not_bind_what_came_after_it(model: Model, tmp_path: Path) -> None:
    where = _copied(model.where, tmp_path / "copy")
    made = planned(where)
    run(where, "branch", "new")
    with pytest.raises(UsageError, match="not as it was planned for"):
        applied(where, made, allow=ALLOWED)
    assert journal.unfinished(Git(str(where))) is None


def _moved_but_not_noted(where: Path, made: dict[str, Any]) -> None:
    def die(git: Git, step: str) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "note", die)
        with pytest.raises(KeyboardInterrupt):
            applied(where, made, allow=ALLOWED)


def test_refs_that_moved_without_a_note_of_it_are_gone_on_from(model: Model, tmp_path: Path) -> None:
    where = _copied(model.where, tmp_path / "copy")
    made = planned(where)
    _moved_but_not_noted(where, made)
    other = {**made, "hash": "another"}
    with pytest.raises(GitError, match="another purge was begun"):
        applied(where, other, allow=ALLOWED)
    applied(where, made, allow=ALLOWED)
    assert _state(where) == model.after


def test_a_restore_that_was_begun_is_not_gone_over(model: Model, tmp_path: Path) -> None:
    where = _copied(model.where, tmp_path / "copy")
    made, git = planned(where), Git(str(where))
    applied(where, made, allow=ALLOWED, folder=tmp_path / "backup")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refs, "move", die)
        with pytest.raises(KeyboardInterrupt):
            backup.restore(git, backup.load(str(tmp_path / "backup")))
    with pytest.raises(GitError, match="a restore was begun"):
        applied(where, made, allow=ALLOWED)
    backup.restore(git, backup.load(str(tmp_path / "backup")))
    assert _state(where) == model.before


def test_only_what_a_backup_has_is_ever_removed(model: Model, tmp_path: Path) -> None:
    where = _copied(model.where, tmp_path / "copy")
    made, folder = planned(where), tmp_path / "backup"
    _, git = _killed_before_refs(where, made, folder), Git(str(where))
    assert {path.name for path in folder.iterdir()} <= _BACKUP
    (folder / "mine").touch()
    with pytest.raises(UsageError, match="it is there already"):
        applied(where, made, allow=ALLOWED, folder=folder)
    assert (folder / "mine").exists()
    assert journal.unfinished(git) is None


def _killed_before_refs(where: Path, made: dict[str, Any], folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refs, "move", lambda *_: _fail())
        with pytest.raises(OSError, match="space"):
            applied(where, made, allow=ALLOWED, folder=folder)
