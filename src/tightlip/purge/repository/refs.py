"""Moving all refs at once: at every moment all are as before, or all are as they shall be.

Git's own transaction renames file after file, and a kill leaves it half done. Here git packs the refs, locks them and
checks their ids; then one rename of packed-refs moves them. Where refs are in tables, git's transaction is atomic.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from tightlip.errors import GitError
from tightlip.git.plumbing import Git
from tightlip.purge.repository import durable, journal, locks, packedrefs, reflogs
from tightlip.purge.repository.journal import Move
from tightlip.purge.repository.layout import PER_WORKTREE, Layout, heads, layout, listed, shared_refs
from tightlip.purge.repository.locks import clean_up
from tightlip.purge.repository.reflogs import expire as expire_reflogs
from tightlip.purge.repository.reflogs import rewrite as rewrite_reflogs

__all__ = [
    "Move",
    "clean_up",
    "expire_reflogs",
    "forget_fetched",
    "heads",
    "move",
    "rewrite_reflogs",
    "shared_refs",
    "shown",
]

_TRIES = 5  # somebody may write a loose ref of the same id between the packing and the locking

Moves = Mapping[str, "tuple[str | None, str | None]"]


class _Loose(Exception):
    """A ref is loose again."""


def move(git: Git, changes: Moves, heads: Moves | None = None) -> None:
    """Move refs, all at once, and then what each working tree has for itself.

    A call that was killed is repeated to finish it: refs that have moved are taken as they are.

    Parameters: `changes`, for each ref by its full name its id before and after; None before makes it, None after
    removes it. Symbolic refs are none of them. `heads`, the same for names as the function `heads` gives them.
    Raises `GitError` or `OSError`; when a ref is not as it was said to be, or is locked, none has moved.
    """
    place = layout(git)
    own = {name: Move(*pair) for name, pair in changes.items() if name.startswith(PER_WORKTREE)}
    shared = {name: Move(*pair) for name, pair in changes.items() if name not in own}
    own |= {name: Move(*pair) for name, pair in (heads or {}).items()}
    moving = {name: pair for name, pair in shared.items() if pair.old != pair.new}
    with locks.alone(place):
        locks.clean_up_alone(place)
        if not _have_moved(git, place, moving):
            _check(place, shared_refs(git), moving)
            packedrefs.peeled(git, [pair.new for pair in (*moving.values(), *own.values()) if pair.new])
            _move_shared(git, place, moving)
        elif not place.reftable:
            reflogs.append(git, place, moving)
        journal.note(git, "moved")
        _move_own(git, place, own)
        journal.note(git, "heads")


def forget_fetched(git: Git) -> None:
    """Remove FETCH_HEAD of all working trees: it names ids and addresses, and the next fetch makes another.

    Raises `GitError` or `OSError`.
    """
    for tree in layout(git).worktrees:
        durable.remove(os.path.join(tree.folder, "FETCH_HEAD"))


def _have_moved(git: Git, place: Layout, moving: Mapping[str, Move]) -> bool:
    """Whether all refs are as they shall be. Raises `GitError` if they are neither that nor as they were."""
    standing = listed(git)
    for name in moving:
        if name in standing and standing[name][1]:
            raise GitError(f"{place.common}: {shown(name)} is a symbolic ref; name the ref it stands for instead")
    now = {name: standing[name][0] if name in standing else None for name in moving}
    if all(now[name] == pair.new for name, pair in moving.items()):
        return True
    for name, pair in moving.items():
        if now[name] != pair.old:
            raise GitError(
                f"{place.common}: {shown(name)} is not at {pair.old or 'nothing'}, as it was, but at"
                f" {now[name] or 'nothing'}; no ref was moved; make a new plan"
            )
    return False


def _check(place: Layout, standing: Mapping[str, str], moving: Mapping[str, Move]) -> None:
    """Raise `GitError` if the refs could not stand beside each other afterwards, or git would not take a name."""
    after = {*standing, *moving} - {name for name, pair in moving.items() if pair.new is None}
    for name, pair in moving.items():
        if not name.startswith("refs/") or "\n" in name or "\0" in name or " " in name:
            raise GitError(f"{place.common}: {shown(name)} is no name for a ref")
        parts = name.split("/") if pair.new else []
        for end in range(3, len(parts)):
            if (folder := "/".join(parts[:end])) in after:
                raise GitError(f"{place.common}: {shown(name)} and {shown(folder)} cannot both be refs; rename one")


def _move_shared(git: Git, place: Layout, moving: Mapping[str, Move]) -> None:
    if place.reftable:
        _update(git, moving)
        return
    for _ in range(_TRIES):
        git.run("pack-refs", "--all")
        try:
            with locks.held(git, place, _to_lock(moving)):
                _replace_packed(git, place, moving)
                reflogs.append(git, place, moving)
        except _Loose as loose:
            name = str(loose)
        else:
            return
    raise GitError(f"{place.common}: {name} cannot be packed; no ref was moved; run `git pack-refs --all` to see why")


def _to_lock(moving: Mapping[str, Move]) -> dict[str, str | None]:
    """Return the refs that git has to lock, and their ids.

    Not a new ref below an old one that goes, or above one: git cannot lock it, and nobody can make it meanwhile.
    """
    going = [name for name, pair in moving.items() if pair.new is None]
    above = {name[:at] for name in going for at in range(len(name)) if name[at] == "/"}
    blocked = {
        name
        for name, pair in moving.items()
        if pair.old is None and (name in above or any(name.startswith(f"{old}/") for old in going))
    }
    return {name: pair.old for name, pair in moving.items() if name not in blocked}


def _replace_packed(git: Git, place: Layout, moving: Mapping[str, Move]) -> None:
    """Write packed-refs anew. Call it while git holds the refs."""
    with locks.packed(place) as lock:
        target = lock.removesuffix(".lock")
        content = _changed(git, packedrefs.read(target), moving)
        with open(durable.opened(lock, os.O_TRUNC), "wb") as stream:
            stream.write(content)
            durable.settle(stream)
        for name in moving:
            path = place.path(name)
            if os.path.lexists(path) and not os.path.isdir(path):
                raise _Loose(shown(name))
        durable.replace(lock, target)  # all refs move here
        durable.settle_folder(os.path.dirname(target))


def _changed(git: Git, content: bytes, moving: Mapping[str, Move]) -> bytes:
    refs = packedrefs.parsed(content)
    if not packedrefs.is_complete(content):
        known = packedrefs.peeled(git, [packed.oid for packed in refs.values()])
        refs = {name: known[packed.oid] for name, packed in refs.items()}
    new = packedrefs.peeled(git, [pair.new for pair in moving.values() if pair.new])
    for name, pair in moving.items():
        key = name.encode("utf-8", "surrogateescape")
        if (refs[key].oid if key in refs else None) != pair.old:
            raise _Loose(shown(name))
        if pair.new:
            refs[key] = new[pair.new]
        else:
            del refs[key]
    return packedrefs.written(refs)


def _move_own(git: Git, place: Layout, own: Mapping[str, Move]) -> None:
    """Move what working trees have for themselves, file after file: what is new already stays."""
    left = {name: pair for name, pair in own.items() if pair.new not in {pair.old, _id(git, name)}}
    for name in left:
        if git.run("symbolic-ref", "--quiet", name, fine=(1, 128)):
            raise GitError(f"{place.common}: {shown(name)} stands on a branch, and moves with it; leave it out")
    if not place.reftable:
        _update(git, left)
    for tree in place.worktrees if place.reftable else ():  # git 2.48 loses what is written to another one's tables
        prefix = f"{tree.name}/"
        there = Git(tree.top or tree.folder)
        _update(there, {name.removeprefix(prefix): pair for name, pair in left.items() if name.startswith(prefix)})
    for name, pair in left.items():
        if _id(git, name) != pair.new:
            raise GitError(f"{place.common}: git did not move {shown(name)}; move it by `git update-ref --no-deref`")


def _id(git: Git, name: str) -> str | None:
    answer = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", name, fine=(1,))
    return answer.decode().strip() or None


def _update(git: Git, moves: Mapping[str, Move]) -> None:
    """Let git move refs, in one transaction of its own."""
    if not moves:
        return
    orders = [b"start\0"]
    for name, pair in moves.items():
        what = name.encode("utf-8", "surrogateescape")
        old = (pair.old or "").encode()
        orders.append(b"option no-deref\0")
        if pair.new is None:
            orders.append(b"delete %b\0%b\0" % (what, old))
        elif pair.old is None:
            orders.append(b"create %b\0%b\0" % (what, pair.new.encode()))
        else:
            orders.append(b"update %b\0%b\0%b\0" % (what, pair.new.encode(), old))
    git.run("update-ref", "-m", reflogs.MESSAGE, "-z", "--stdin", stdin=b"".join((*orders, b"prepare\0commit\0")))


def shown(name: str) -> str:
    """Return the name of a ref without what a terminal would act on."""
    return "".join(character if character.isprintable() else "?" for character in name)
