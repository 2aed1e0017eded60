"""Refs move all at once or not at all, whoever is killed, and whatever others do meanwhile."""

from __future__ import annotations

import errno
import functools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import pytest
import whole_repository as whole
from whole_repository import run

from tightlip.errors import GitError
from tightlip.git.plumbing import Git
from tightlip.purge.repository import durable, journal, locks, reflogs, refs
from tightlip.purge.repository import layout as layouts

Moves = dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Moves]:
    """A repository to copy, and the moves of all its refs."""
    with pytest.MonkeyPatch.context() as patch:
        whole.be_nobody(patch, tmp_path_factory.mktemp("home"))
        where = whole.small(tmp_path_factory.mktemp("model") / "repo")
        return where, whole.rewritten(where)


@pytest.fixture
def where(model: tuple[Path, Moves], tmp_path: Path) -> Path:
    return Path(shutil.copytree(model[0], tmp_path / "copy", symlinks=True))


@pytest.fixture
def moves(model: tuple[Path, Moves]) -> Moves:
    return model[1]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less for others than one should on a real disk."""
    monkeypatch.setattr(locks, "_SETTLED", 0.05)
    monkeypatch.setattr(locks, "_PACKED_PATIENCE", 0.05)
    whole.do_not_wait_for_the_disk(monkeypatch)


def _stand(where: Path, moves: Moves, side: int) -> bool:
    now = whole.refs(where)
    return all(now.get(name) == pair[side] for name, pair in moves.items())


def test_all_refs_move_and_git_finds_nothing_amiss(where: Path, moves: Moves) -> None:
    refs.move(Git(str(where)), moves)
    assert _stand(where, moves, 1)
    assert run(where, "symbolic-ref", "refs/remotes/origin/HEAD") == "refs/remotes/origin/main"
    assert run(where, "rev-parse", "HEAD") == moves["refs/heads/main"][1]
    assert run(where, "fsck", "--full", "--strict") is not None
    assert whole.locks(where / ".git") == []


def test_packed_refs_is_what_git_itself_would_write(where: Path, moves: Moves) -> None:
    refs.move(Git(str(where)), moves)
    ours = (where / ".git" / "packed-refs").read_bytes()
    run(where, "pack-refs", "--all")
    assert (where / ".git" / "packed-refs").read_bytes() == ours
    assert run(where, "rev-parse", "v1^{commit}") in ours.decode("utf-8", "replace")


def test_reflogs_say_what_moved_and_the_stash_gets_no_entry(where: Path, moves: Moves) -> None:
    refs.move(Git(str(where)), moves)
    old, new = moves["refs/heads/main"]
    for log in ("HEAD", "refs/heads/main"):
        last = (where / ".git" / "logs" / log).read_text().splitlines()[-1]
        assert last == f"{old} {new} Ada Example <ada@example.org> 1767323045 +0000\ttightlip purge"
    assert run(where, "stash", "list").count("\n") == 1


def test_a_second_call_changes_nothing(where: Path, moves: Moves) -> None:
    refs.move(Git(str(where)), moves)
    before = {path: path.read_bytes() for path in (where / ".git" / "logs").rglob("*") if path.is_file()}
    refs.move(Git(str(where)), moves)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("options", [("--object-format=sha256",), ("--bare",)])
def test_sha256_and_bare_repositories(tmp_path: Path, options: tuple[str, ...]) -> None:
    if options == ("--bare",):
        whole.small(tmp_path / "repo")
        where = tmp_path / "bare.git"
        run(tmp_path, "clone", "--quiet", "--mirror", str(tmp_path / "repo"), str(where))
    else:
        where = whole.small(tmp_path / "repo", *options)
    moves = whole.rewritten(where)
    refs.move(Git(str(where)), moves)
    assert _stand(where, moves, 1)
    run(where, "fsck", "--full", "--strict")


def test_a_ref_that_is_not_as_planned_stops_all(where: Path, moves: Moves) -> None:
    run(where, "update-ref", "refs/heads/other", "main")
    before = whole.refs(where)
    with pytest.raises(GitError, match="refs/heads/other is not at"):
        refs.move(Git(str(where)), moves)
    assert whole.refs(where) == before


def test_refs_are_made_removed_and_renamed_even_to_below_their_old_name(where: Path, moves: Moves) -> None:
    old, new = moves["refs/heads/other"]
    moves_ = {
        "refs/heads/other": (old, None),
        "refs/heads/other/below": (None, new),
        "refs/heads/feature/one": (moves["refs/heads/feature/one"][0], None),
        "refs/heads/feature": (None, new),
        "refs/heads/quite/new": (None, new),
    }
    refs.move(Git(str(where)), moves_)
    now = whole.refs(where)
    assert {name: now.get(name) for name in moves_} == {name: pair[1] for name, pair in moves_.items()}
    assert not (where / ".git/logs/refs/heads/other").exists()
    run(where, "update-ref", "refs/heads/feature", old)  # git takes it from there
    assert whole.refs(where)["refs/heads/feature"] == old


def test_names_that_cannot_stand_beside_each_other_are_refused(where: Path, moves: Moves) -> None:
    with pytest.raises(GitError, match="cannot both be refs"):
        refs.move(Git(str(where)), {"refs/heads/main/below": (None, moves["refs/heads/main"][1])})


def test_the_first_refs_of_a_repository_are_made(tmp_path: Path, model: tuple[Path, Moves]) -> None:
    where = Path(shutil.copytree(model[0], tmp_path / "bare"))
    new = run(where, "rev-parse", "main")
    for name in whole.refs(where):
        run(where, "update-ref", "--no-deref", "-d", name)
    (where / ".git/packed-refs").unlink(missing_ok=True)
    refs.move(Git(str(where)), {"refs/heads/main": (None, new)})
    assert whole.refs(where) == {"refs/heads/main": new}


def test_a_missing_object_and_a_symbolic_ref_are_refused(where: Path, moves: Moves) -> None:
    old = moves["refs/heads/main"][0]
    with pytest.raises(GitError, match="is missing"):
        refs.move(Git(str(where)), {"refs/heads/main": (old, "1" * 40)})
    with pytest.raises(GitError, match="symbolic"):
        refs.move(Git(str(where)), {"refs/remotes/origin/HEAD": moves["refs/remotes/origin/main"]})
    assert _stand(where, moves, 0)


def test_heads_of_all_working_trees_and_what_is_their_own_move(tmp_path: Path) -> None:
    where = whole.large(tmp_path / "repo")
    git, tree = Git(str(where)), tmp_path / "detached"
    moves, heads = whole.rewritten(where), layouts.heads(Git(str(where)))
    assert set(heads) == {
        *("main-worktree/ORIG_HEAD", "worktrees/detached/HEAD", "worktrees/detached/refs/worktree/own"),
        *(name for name in heads if name.startswith("worktrees/") and name.endswith("/ORIG_HEAD")),
    }
    new = moves["refs/heads/main"][1]
    refs.move(git, moves, {name: (oid, new) for name, oid in heads.items()})
    assert set(layouts.heads(git).values()) == {new}
    assert run(tree, "rev-parse", "HEAD") == new
    assert run(tree, "symbolic-ref", "HEAD", check=False) == ""
    assert (where / ".git/worktrees/detached/logs/HEAD").read_text().endswith("\ttightlip purge\n")
    assert run(tmp_path / "on-a-branch", "rev-parse", "HEAD") == moves["refs/heads/other"][1]
    assert (where / ".git/worktrees/on-a-branch/logs/HEAD").read_text().endswith("\ttightlip purge\n")
    refs.forget_fetched(git)
    assert not (where / ".git/FETCH_HEAD").exists()


def test_a_head_on_a_branch_is_never_detached(where: Path, moves: Moves) -> None:
    with pytest.raises(GitError, match="stands on a branch"):
        refs.move(Git(str(where)), {}, {"main-worktree/HEAD": moves["refs/heads/main"]})


def test_the_journal_knows_the_steps(where: Path, moves: Moves) -> None:
    git = Git(str(where))
    journal.begin(git, "a hash")
    refs.move(git, moves)
    begun = journal.unfinished(git)
    assert begun is not None
    assert begun.done == ("moved", "heads")


# Others at work at the same time.


def _meanwhile(monkeypatch: pytest.MonkeyPatch, module: object, name: str, act: Callable[[], object]) -> None:
    """Have something done once, just before a function is called."""
    real, done = getattr(module, name), []

    def called(*args: object, **options: object) -> object:
        if not done:
            done.append(act())
        return real(*args, **options)

    monkeypatch.setattr(module, name, called)


def test_a_commit_before_the_lock_stops_all(where: Path, moves: Moves, monkeypatch: pytest.MonkeyPatch) -> None:
    _meanwhile(monkeypatch, locks, "held", lambda: run(where, "commit", "--quiet", "--allow-empty", "-m", "in between"))
    before = whole.refs(where)
    with pytest.raises(GitError, match="cannot lock ref"):
        refs.move(Git(str(where)), moves)
    after = whole.refs(where)
    assert after.pop("refs/heads/main") != before.pop("refs/heads/main")
    assert after == before
    assert whole.locks(where / ".git") == []


def test_others_are_refused_while_refs_are_locked(where: Path, moves: Moves, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    at_once = ("-c", "core.packedRefsTimeout=0", "-c", "core.filesRefLockTimeout=0")
    meanwhile = (
        ("commit", "--quiet", "--allow-empty", "-m", "too late"),
        ("update-ref", "refs/heads/feature/one", "other"),
        ("branch", "-D", "other"),
        ("checkout", "--quiet", "-b", "new"),
        ("pack-refs", "--all"),
    )

    real = durable.settle

    def settle(stream: BinaryIO) -> None:
        real(stream)
        if (where / ".git/packed-refs.lock").exists() and not codes:
            for args in meanwhile:
                done = subprocess.run(["git", "-C", str(where), *at_once, *args], capture_output=True, check=False)
                codes.append(done.returncode)

    monkeypatch.setattr(durable, "settle", settle)
    refs.move(Git(str(where)), moves)
    assert len(codes) == 5
    assert 0 not in codes
    assert _stand(where, moves, 1)


def test_a_ref_that_is_loose_again_is_packed_again(where: Path, moves: Moves, monkeypatch: pytest.MonkeyPatch) -> None:
    old = moves["refs/heads/other"][0]
    file = where / ".git/refs/heads/other"

    def loosen() -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{old}\n")

    _meanwhile(monkeypatch, locks, "held", loosen)
    refs.move(Git(str(where)), moves)
    assert _stand(where, moves, 1)


def test_a_lock_of_another_program_stops_all_and_stays(where: Path, moves: Moves) -> None:
    for name in ("packed-refs.lock", "refs/heads/other.lock"):
        lock = where / ".git" / name
        lock.parent.mkdir(parents=True, exist_ok=True)
        lock.touch()
        with pytest.raises(GitError, match="lock"):
            refs.move(Git(str(where)), moves)
        assert refs.clean_up(Git(str(where))) == ()
        assert lock.exists()
        lock.unlink()
        assert _stand(where, moves, 0)


def test_two_purges_at_once_wait_for_each_other(where: Path, moves: Moves, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.05)
    place = layouts.layout(Git(str(where)))
    with locks.alone(place), pytest.raises(GitError, match="another tightlip is at work"):
        refs.move(Git(str(where)), moves)
    assert _stand(where, moves, 0)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("call", ["settle", "opened", "replace"])
def test_a_full_disk_and_a_closed_folder_change_nothing(
    where: Path, moves: Moves, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    real = getattr(durable, call)
    before = whole.refs(where)
    for nth in range(1, 5):
        calls = []

        def failing(*args: object, nth: int = nth, calls: list[None] = calls) -> object:
            calls.append(None)
            if len(calls) == nth:
                raise OSError(code, os.strerror(code))
            return real(*args)

        with monkeypatch.context() as patch:
            patch.setattr(durable, call, failing)
            failed = _fails(where, moves)
        if failed is None:
            assert len(calls) < nth
            break
        assert failed == code
        assert whole.locks(where / ".git") == []
        if whole.refs(where) != before:  # it came after the moment, and only reflogs were left to do
            assert _stand(where, moves, 1)
            break
    refs.move(Git(str(where)), moves)
    assert _stand(where, moves, 1)


def _fails(where: Path, moves: Moves) -> int | None:
    try:
        refs.move(Git(str(where)), moves)
    except OSError as error:
        return error.errno
    return None


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_git_folder_is_refused(where: Path, moves: Moves) -> None:
    (where / ".git").chmod(0o555)
    try:
        with pytest.raises((GitError, OSError)):
            refs.move(Git(str(where)), moves)
        assert _stand(where, moves, 0)
    finally:
        (where / ".git").chmod(0o755)


# Kills.


def _killed(act: Callable[[], object], nth: int, *, with_git: bool) -> bool:
    """Do something in another process that is killed at its nth line of the purge's code; whether it came that far."""
    ours, lines = os.path.dirname(refs.__file__), 0

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal lines
        if not frame.f_code.co_filename.startswith(ours):
            return None
        lines += event == "line"
        if lines == nth:
            os.killpg(0, signal.SIGKILL) if with_git else os.kill(os.getpid(), signal.SIGKILL)
        return trace

    child = os.fork()
    if not child:
        try:
            os.setsid()
            sys.settrace(trace)
            act()
        finally:
            sys.settrace(None)
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def _kill_and_repair(source: Path, moves: Moves, scratch: Path, nth: int, *, with_git: bool) -> str:
    where = Path(shutil.copytree(source, scratch / str(nth), symlinks=True))
    if not _killed(lambda: refs.move(Git(str(where)), moves), nth, with_git=with_git):
        return ""
    old, new = _stand(where, moves, 0), _stand(where, moves, 1)
    assert old != new, f"refs are mixed after a kill at line {nth}"
    refs.clean_up(Git(str(where)))
    assert whole.locks(where / ".git") == [], f"locks are left after a kill at line {nth}"
    assert _stand(where, moves, 0 if old else 1)
    refs.move(Git(str(where)), moves)
    assert _stand(where, moves, 1)
    assert (where / ".git/logs/HEAD").read_text().count("\ttightlip purge\n") == 1
    run(where, "fsck", "--strict", "--connectivity-only")
    shutil.rmtree(where)
    return "old" if old else "new"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("with_git", [False, True])
def test_a_kill_at_some_moments_leaves_all_refs_old_or_all_new(
    model: tuple[Path, Moves], tmp_path: Path, *, with_git: bool
) -> None:
    _until_the_end(model, tmp_path, range(1, 100_000, 211), with_git=with_git)


@pytest.mark.slow
@pytest.mark.kills
@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("with_git", [False, True])
def test_a_kill_at_any_moment_leaves_all_refs_old_or_all_new(
    model: tuple[Path, Moves], tmp_path: Path, *, with_git: bool
) -> None:
    _until_the_end(model, tmp_path, range(1, 100_000, 11), with_git=with_git)


def _until_the_end(model: tuple[Path, Moves], scratch: Path, at: range, *, with_git: bool) -> None:
    where, moves = model
    seen = []
    for nth in at:
        found = _kill_and_repair(where, moves, scratch, nth, with_git=with_git)
        if not found:
            break
        seen.append(found)
    print(len(seen), "kills")  # noqa: T201
    assert seen == sorted(seen, reverse=True)  # "old" first: no way back
    assert set(seen) == {"old", "new"}


@pytest.mark.skipif(sys.platform != "linux", reason="git's process is found in /proc")
@pytest.mark.parametrize("when", ["prepared", "moved"])
def test_a_git_that_is_killed_alone_leaves_no_lock(
    where: Path, moves: Moves, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def children() -> set[str]:
        return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())

    def kill() -> None:
        (child,) = children() - before
        os.kill(int(child), signal.SIGKILL)

    before = children()  # of other tests in the same process
    _meanwhile(monkeypatch, *((refs, "_replace_packed") if when == "prepared" else (reflogs, "append")), kill)
    with pytest.raises(GitError):
        refs.move(Git(str(where)), moves)
    assert whole.locks(where / ".git") == []
    refs.move(Git(str(where)), moves)
    assert _stand(where, moves, 1)


def test_an_interrupt_leaves_no_lock(where: Path, moves: Moves, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    _meanwhile(monkeypatch, durable, "settle_folder", interrupt)
    with pytest.raises(KeyboardInterrupt):
        refs.move(Git(str(where)), moves)
    assert whole.locks(where / ".git") == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_kill_while_reflogs_are_rewritten_leaves_each_old_or_new(where: Path, tmp_path: Path) -> None:
    ids = dict(whole.new_ids(where))
    whole_logs = {path: path.read_bytes() for path in (where / ".git/logs").rglob("*") if path.is_file()}
    for nth in range(1, 10_000, 311):
        copy = Path(shutil.copytree(where, tmp_path / str(nth), symlinks=True))
        killed = _killed(functools.partial(refs.rewrite_reflogs, Git(str(copy)), ids), nth, with_git=True)
        for path, before in whole_logs.items():
            after = before
            for old, new in ids.items():
                after = after.replace(old.encode(), new.encode())
            assert (copy / path.relative_to(where)).read_bytes() in {before, after}
        refs.rewrite_reflogs(Git(str(copy)), ids)
        assert not any(
            old in log.read_text() for log in (copy / ".git/logs").rglob("*") if log.is_file() for old in ids
        )
        assert [name for name in whole.locks(copy / ".git") if name.endswith(".lock")] == []
        shutil.rmtree(copy)
        if not killed:
            return


# Reflogs.


def test_reflogs_get_new_ids_and_the_stashes_stay_in_their_order(tmp_path: Path) -> None:
    where = whole.large(tmp_path / "repo")
    git, ids = Git(str(where)), whole.new_ids(where)
    stashes = run(where, "stash", "list", "--format=%H %gs").splitlines()
    refs.move(git, whole.rewritten(where))
    assert refs.rewrite_reflogs(git, dict(ids)) > 5
    assert run(where, "stash", "list", "--format=%H %gs").splitlines() == [
        f"{ids[line[:40]]}{line[40:]}" for line in stashes
    ]
    logs = [path for path in (where / ".git").rglob("logs/**/*") if path.is_file()]
    named = {oid for log in logs for line in log.read_text().splitlines() for oid in line.split()[:2]} - {"0" * 40}
    assert not named & set(ids)
    assert refs.rewrite_reflogs(git, dict(ids)) == 0
    assert whole.locks(where / ".git") == []


def test_entries_that_lead_to_nothing_go_and_messages_are_cleaned(where: Path, moves: Moves) -> None:
    git, old = Git(str(where)), moves["refs/heads/main"][0]
    log = where / ".git/logs/refs/heads/main"
    before = log.read_bytes().splitlines()
    refs.rewrite_reflogs(git, {old: None}, lambda text: text.replace(b"change", b"*"))
    assert log.read_bytes().splitlines() == [before[0].replace(b"change", b"*")]
    assert log.read_bytes().endswith(b"\n")


def test_expired_reflogs_are_empty_those_of_other_refs_stay(tmp_path: Path) -> None:
    where = whole.large(tmp_path / "repo")
    other = (where / ".git/logs/refs/heads/other").read_bytes()
    refs.expire_reflogs(Git(str(where)), ["refs/heads/main", "worktrees/detached/HEAD", "refs/heads/feature/one"])
    assert (where / ".git/logs/refs/heads/main").read_bytes() == b""
    assert (where / ".git/worktrees/detached/logs/HEAD").read_bytes() == b""
    assert (where / ".git/logs/refs/heads/other").read_bytes() == other


# Refs in tables.


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A repository with reftables, without stashes."""
    try:
        where = whole.small(tmp_path / "tables", "--ref-format=reftable")
    except subprocess.CalledProcessError:
        pytest.skip("this git has no reftables")
    run(where, "stash", "clear")
    run(where, "worktree", "add", "--quiet", "--detach", str(tmp_path / "detached"))
    return where


def test_refs_in_tables_move_all_at_once_by_git_itself(tables: Path) -> None:
    git, moves, heads = Git(str(tables)), whole.rewritten(tables), layouts.heads(Git(str(tables)))
    assert "worktrees/detached/HEAD" in heads
    new = moves["refs/heads/main"][1]
    for _ in range(2):
        refs.move(git, moves, {name: (oid, new) for name, oid in heads.items()})
        assert _stand(tables, moves, 1)
        assert set(layouts.heads(git).values()) == {new}
        assert run(tables, "reflog", "-1", "--format=%gs", "main") == "tightlip purge"
    with pytest.raises(GitError, match="is not at"):
        refs.move(git, {"refs/heads/main": (moves["refs/heads/main"][0], moves["refs/heads/other"][1])})
    with pytest.raises(GitError, match="reftables"):
        refs.rewrite_reflogs(git, {})
    refs.expire_reflogs(git, ["refs/heads/main"])
    assert run(tables, "reflog", "main") == ""
    run(tables, "fsck")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_kill_leaves_refs_in_tables_all_old_or_all_new(tables: Path, tmp_path: Path) -> None:
    moves = whole.rewritten(tables)
    shutil.rmtree(tmp_path / "detached")
    run(tables, "worktree", "prune")
    for nth in range(1, 10_000, 17):
        where = Path(shutil.copytree(tables, tmp_path / str(nth), symlinks=True))
        git = Git(str(where))
        if not _killed(functools.partial(refs.move, git, moves), nth, with_git=True):
            return
        assert _stand(where, moves, 0) != _stand(where, moves, 1)
        shutil.rmtree(where)
