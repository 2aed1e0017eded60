"""A backup of a repository before its history is rewritten, and putting it back.

It goes to the user's own folder for state, not beside the repository or in it: there nobody commits it (the folder
above may be a working tree, too), `rm -r` and a fresh clone do not take it along, and others do not see it.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from tightlip.errors import GitError, UsageError
from tightlip.git.plumbing import Git
from tightlip.purge.repository import bundle, copies, durable, journal, leftovers, locks, refs, state
from tightlip.purge.repository.layout import PER_WORKTREE, Layout, heads, layout, listed, shared_refs

if TYPE_CHECKING:
    from tightlip.purge.repository.copies import Copied

_VERSION = 1
_BUNDLE, _FILES, _MANIFEST, _README, _SCRATCH = "all.bundle", "files", "manifest.json", "README.txt", "scratch"
_ID = "repository"
_SHOWN = 5  # refs that a message names
_ROOM = 2.2  # times the objects: the bundle, and the rehearsal

_HOLDS = (
    "This backup holds the secret that was purged. Once the purged history is published and you are sure of it, delete"
    " this whole folder, and wherever else it was copied to."
)
_TEXT = """{holds}

It is of {path}, taken at {when}.
To put it back:            tightlip purge --restore {folder}
To look at it by hand:     git clone {folder}/all.bundle elsewhere
What was in the git folder beside the objects is in files/; manifest.json lists every ref and its id.
"""


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup, and what its manifest says."""

    folder: str
    path: str
    """The git folder that it is of."""
    repository: str
    """What that repository is known by, wherever it is moved to."""
    when: str
    git_version: str
    refs: Mapping[str, str]
    """The id of every ref, symbolic ones too."""
    heads: Mapping[str, str]
    """The id of every detached HEAD and what else each working tree has for itself."""
    objects: str
    """The digest of all ids of objects."""
    bundle: str
    """SHA-256 of the bundle."""
    files: Mapping[str, Copied]
    """The copied files, by their paths in the git folder."""


def default_folder(git: Git) -> str:
    """Return where the next backup of a repository goes: a new folder in the user's folder for state.

    Raises `UsageError` where there is no such folder.
    """
    common = layout(git).common
    name = os.path.basename(os.path.dirname(common) if os.path.basename(common) == ".git" else common)
    when = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return os.path.join(_state_folder(), "backups", f"{name.removesuffix('.git')}-{when}-{os.urandom(2).hex()}")


def create(git: Git, folder: str | None = None) -> Backup:
    """Back up a repository, and prove the backup by a restore elsewhere. Nothing in the repository changes.

    Parameters: `folder`, a new one outside the repository, made with mode 0700; None is `default_folder`. Raises
    `UsageError` for a folder that will not do, `GitError` or `OSError`; nothing is left there then.
    """
    place = layout(git)
    folder = os.path.realpath(folder or default_folder(git))
    _check_folder(git, place, folder)
    os.mkdir(folder, 0o700)
    try:
        backup = _taken(git, place, folder)
        _prove(place, backup)
        _describe(backup)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return backup


def load(folder: str) -> Backup:
    """Return the backup in a folder. Raises `GitError` if there is none, or it is not as it was written."""
    folder = os.path.realpath(folder)
    path = os.path.join(folder, _MANIFEST)
    try:
        with open(path, "rb") as stream:
            told = json.loads(stream.read())
        if told.pop("version") != _VERSION:
            raise GitError(f"{path}: it is from another version of tightlip; restore it with that one")
        told.pop("warning")
        files = {name: copies.Copied(*pair) for name, pair in told.pop("files").items()}
        backup = Backup(**told, folder=folder, files=files)
    except FileNotFoundError:
        raise GitError(f"{folder}: there is no backup, or it was not finished; name the folder of one") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise GitError(f"{path}: it is damaged; try `git clone {folder}/{_BUNDLE}`") from None
    if damaged := _damaged(backup):
        raise GitError(f"{os.path.join(folder, damaged)}: it is missing or damaged, so nothing was restored from it")
    return backup


def restore(git: Git, backup: Backup, expected: Mapping[str, str | None] | None = None, *, force: bool = False) -> None:
    """Put back every ref, HEAD, index and reflog, to the byte. Call it again if it was killed.

    Parameters: `expected`, the ids that refs should have now, None for a ref that should be gone; not given, it is what
    the journal of the purge says. `force`, restore also over refs that moved since. Raises `GitError` or `OSError`.
    """
    backup = load(backup.folder)
    place = layout(git)
    if _identity(place, make=False) != backup.repository:
        raise GitError(f"{place.common}: the backup {backup.folder} is of another repository, {backup.path}")
    refs.clean_up(git)
    state.insist(state.locked(place), ())
    begun = journal.unfinished(git) or journal.Journal("")
    again = journal.RESTORING in begun.done
    if expected is None and begun.refs:
        expected = {name: move.old for name, move in begun.refs.items()} if again else begun.after()
    if expected is not None and not force:
        _check_moved(git, backup, expected)
    bundle.unpack(git, os.path.join(backup.folder, _BUNDLE))
    _check_objects(git, backup)
    if not again:
        now = _ids(git)
        moves = {name: journal.Move(now.get(name), backup.refs.get(name)) for name in {*now, *backup.refs}}
        done = (*begun.done, journal.RESTORING)
        journal.save(git, dataclasses.replace(begun, backup=backup.folder, done=done, refs=moves))
    _put_back(git, place, backup)
    if _ids(git) != backup.refs:
        raise GitError(f"{place.common}: refs are not as in the backup; stop other programs there, and restore again")
    packed = bundle.checksum(os.path.join(backup.folder, _BUNDLE), 32 if place.sha256 else 20)
    leftovers.clear(git, place, backup.folder, packed, backup.objects)
    journal.end(git)


def _put_back(git: Git, place: Layout, backup: Backup) -> None:
    files = os.path.join(backup.folder, _FILES)
    if place.reftable:
        copies.put_back(files, place.common, backup.files)
        return
    now = listed(git)
    names = {name for name in (*now, *backup.refs) if not (now.get(name) or ("", ""))[1]}
    shared = {name for name in names if not name.startswith(PER_WORKTREE)}
    refs.move(git, {name: (now[name][0] if name in now else None, backup.refs.get(name)) for name in shared})
    with locks.alone(place):
        locks.clean_up_alone(place)
        with locks.held(git, place, shared_refs(git)):  # the refs have their ids already, now to the byte
            copies.put_back(files, place.common, backup.files)


def _check_folder(git: Git, place: Layout, folder: str) -> None:
    for inside in (place.common, *(tree.top for tree in place.worktrees if tree.top)):
        if folder == inside or folder.startswith(inside.rstrip(os.sep) + os.sep):
            raise UsageError(f"{folder}: in the repository a backup may be committed, or deleted with it; name another")
    if os.path.lexists(folder):
        raise UsageError(f"{folder}: it is there already; name a new folder for the backup")
    durable.make_folders(os.path.dirname(folder))
    told = dict(line.split(b": ") for line in git.run("count-objects", "-v").splitlines() if b": " in line)
    needed = int((int(told[b"size"]) + int(told[b"size-pack"])) * 1024 * _ROOM)
    free = shutil.disk_usage(os.path.dirname(folder)).free
    if free < needed:
        raise UsageError(f"{folder}: a backup needs {needed >> 20} MiB, and {free >> 20} are free; name another folder")


def _taken(git: Git, place: Layout, folder: str) -> Backup:
    """Copy everything. Raises `GitError` if refs change meanwhile."""
    before = _ids(git)
    bundle.write(git, place, os.path.join(folder, _BUNDLE))
    backup = Backup(
        folder=folder,
        path=place.common,
        repository=_identity(place),
        when=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        git_version=git.run("version").decode().split()[2],
        refs=before,
        heads=heads(git),
        objects=bundle.digest(git),
        bundle=_sha256(os.path.join(folder, _BUNDLE)),
        files=copies.take(place.common, os.path.join(folder, _FILES)),
    )
    if _ids(git) != before:
        raise GitError(f"{place.common}: another program changed refs while they were backed up; try again")
    return backup


def _ids(git: Git) -> dict[str, str]:
    return {name: oid for name, (oid, _) in listed(git).items()}


def _prove(place: Layout, backup: Backup) -> None:
    """Restore a backup into an empty repository, and compare. Raises `GitError` if that is not the same.

    Unpacking inflates and hashes every object; fsck then follows all refs, reflogs and indexes.
    """
    scratch = os.path.join(backup.folder, _SCRATCH)
    kind = f"--object-format={'sha256' if place.sha256 else 'sha1'}"
    tables = ("--ref-format=reftable",) if place.reftable else ()
    Git(backup.folder).run("init", "--quiet", "--template=", kind, *tables, scratch)
    there = Git(scratch)
    bundle.unpack(there, os.path.join(backup.folder, _BUNDLE))
    copies.rehearse(os.path.join(backup.folder, _FILES), os.path.join(scratch, ".git"), backup.files)
    if bundle.digest(there) != backup.objects or _ids(there) != backup.refs:
        raise GitError(f"{backup.path}: its backup turned out different, so nothing was changed; try again")
    there.run("fsck", "--connectivity-only", "--no-dangling", "--no-progress")
    shutil.rmtree(scratch)


def _describe(backup: Backup) -> None:
    """Write the manifest, which makes it a backup, last."""
    readme = _TEXT.format(holds=_HOLDS, path=backup.path, when=backup.when, folder=backup.folder)
    durable.write(os.path.join(backup.folder, _README), readme.encode("utf-8", "surrogateescape"))
    told = {"version": _VERSION, "warning": _HOLDS, **dataclasses.asdict(backup)}
    del told["folder"]
    durable.write(os.path.join(backup.folder, _MANIFEST), json.dumps(told, indent=1).encode() + b"\n")
    durable.settle_folder(os.path.dirname(backup.folder))


def _damaged(backup: Backup) -> str:
    path = os.path.join(backup.folder, _BUNDLE)
    if not os.path.isfile(path) or _sha256(path) != backup.bundle:
        return _BUNDLE
    name = copies.damaged(os.path.join(backup.folder, _FILES), backup.files)
    return f"{_FILES}/{name}" if name else ""


def _check_moved(git: Git, backup: Backup, expected: Mapping[str, str | None]) -> None:
    """Raise `GitError` for refs that are neither as expected nor as in the backup: work that a restore would undo."""
    standing = listed(git)
    now = {name: oid for name, (oid, target) in standing.items() if not target}  # a symbolic one moves with another
    moved = [
        name
        for name, oid in expected.items()
        if not standing.get(name, ("", ""))[1] and now.get(name) not in {oid, backup.refs.get(name)}
    ]
    moved += [name for name, oid in now.items() if name not in expected and oid != backup.refs.get(name)]
    if moved:
        shown = ", ".join(refs.shown(name) for name in sorted(moved)[:_SHOWN])
        more = f" and {len(moved) - _SHOWN} more" if len(moved) > _SHOWN else ""
        raise GitError(
            f"{backup.path}: refs moved after the purge ({shown}{more}); keep what is new there, or force it"
        )


def _check_objects(git: Git, backup: Backup) -> None:
    wanted = sorted(set(backup.refs.values()))
    request = "".join(f"{oid}\n" for oid in wanted).encode()
    answers = git.run("cat-file", "--batch-check=%(objectname)", stdin=request).decode().splitlines()
    if answers != wanted:
        raise GitError(f"{backup.folder}: its objects did not reach the repository, so no ref was restored; try again")


def _identity(place: Layout, *, make: bool = True) -> str:
    """Return what a repository is known by, which is made up when it is first asked for."""
    path = os.path.join(journal.folder_in(place.common), _ID)
    try:
        with open(path, "rb") as stream:
            return stream.read().decode("ascii", "replace").strip()
    except FileNotFoundError:
        if not make:
            return ""
    made = os.urandom(16).hex()
    durable.write(path, made.encode() + b"\n")
    return made


def _sha256(path: str) -> str:
    found = sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def _state_folder() -> str:
    """Return where the platform keeps what a user's programs must not lose. Raises `UsageError` without a home."""
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Application Support")
    else:
        folder = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    if not os.path.isabs(folder):  # it would be in the current folder, which may be what is purged
        raise UsageError("there is no home folder to keep the backup in: say where it goes, --backup DIR")
    return os.path.join(folder, "tightlip")
