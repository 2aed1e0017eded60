"""Whether a repository may be rewritten now: what speaks against it, and what the user may override by its name."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from tightlip.errors import GitError
from tightlip.git.plumbing import Git
from tightlip.git.repo import facts
from tightlip.git.state import folders
from tightlip.purge.repository.layout import Layout, Worktree, files_under, layout, listed

_UNDER_WAY = {
    "rebase-merge": "rebase",
    "rebase-apply": "rebase or `git am`",
    "sequencer": "cherry-pick or revert",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
"""What a working tree's git folder holds while something is under way (gitrepository-layout, git's wt-status.c)."""

_NAMED = 3
"""Files that a sentence names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class Objection:
    """A reason not to rewrite."""

    name: str
    """One word for it, by which the user overrides it."""
    why: str
    """One sentence: what, where, what to do next."""
    overridable: bool
    """Whether the user may."""

    def __str__(self) -> str:
        return f"{self.why}, or go on with --allow {self.name}" if self.overridable else self.why


class Refused(GitError):
    """The repository is not rewritten in the state that it is in."""

    def __init__(self, objections: Iterable[Objection]) -> None:
        self.objections = tuple(objections)
        super().__init__("; ".join(map(str, self.objections)))


def insist(objections: Iterable[Objection], overridden: Collection[str]) -> None:
    """Raise `Refused` for the objections that are left when those named in `overridden` are, as far as they may be."""
    left = [found for found in objections if not (found.overridable and found.name in overridden)]
    if left:
        raise Refused(left)


def objections(git: Git, refs_to_change: Collection[str], *, is_whole: bool = False) -> list[Objection]:
    """Return what speaks against rewriting a repository now.

    Parameters: `refs_to_change`, full names of refs, and names of detached HEADs as `layout.heads` gives them;
    `is_whole`, whether it is known that no object is missing. Raises `GitError` when git cannot tell, and `OSError`.
    """
    place = layout(git)
    return [
        *locked(place),
        *_elsewhere(git, place),
        *_borrowed(git, place),
        *_replaced(git, place),
        *_colliding(git, place),
        *_tabled_stash(git, place),
        *(() if is_whole else _corrupt(git, place)),
        *_under_way(place),
        *_changed(place),
        *_checked_out(place, refs_to_change),
    ]


def _elsewhere(git: Git, place: Layout) -> Iterator[Objection]:
    """Yield that a part of the history is in another repository."""
    known = facts(git)
    if known.shallow:
        why = "this is a shallow clone, and the rest of its history cannot be rewritten; run `git fetch --unshallow`"
        yield _never("shallow", place.common, why)
    pack = os.path.join(folders(git)[0], "pack")
    if known.partial or any(name.endswith(".promisor") for name in _names(pack)):
        why = "this is a partial clone, and objects of it are elsewhere; purge a full clone of it instead"
        yield _never("partial", place.common, why)


def _borrowed(git: Git, place: Layout) -> Iterator[Objection]:
    """Yield that objects are shared with another repository, as far as git can know."""
    if others := folders(git)[1:]:
        why = f"it uses the objects of {others[0]}; run `git repack -a -d`, and remove objects/info/alternates"
        yield _never("alternates", place.common, why)
    precious = git.run("config", "--type=bool", "extensions.preciousObjects", fine=(1,)).strip()
    if precious == b"true":
        why = "extensions.preciousObjects says that others use its objects; make those stand alone, and unset it"
        yield _never("precious", place.common, why)


def _replaced(git: Git, place: Layout) -> Iterator[Objection]:
    replaced = git.run("for-each-ref", "--count=1", "--format=%(refname)", "refs/replace/").strip()
    grafts = os.path.join(place.common, "info", "grafts")
    if replaced or (os.path.isfile(grafts) and os.path.getsize(grafts)):
        what = "replace refs (`git replace --list`)" if replaced else "grafts (info/grafts)"
        why = f"it has {what}, which show another history than the one that is rewritten; remove them"
        yield Objection("replace-refs", f"{place.common}: {why}", overridable=True)


def _corrupt(git: Git, place: Layout) -> Iterator[Objection]:
    """Yield that objects are missing. Damage inside of one shows in the backup, which reads them all."""
    try:
        git.run("fsck", "--connectivity-only", "--no-dangling", "--no-progress")
    except GitError as error:
        why = f"it is damaged ({error}); mend it first (a stale reflog: `git reflog expire --stale-fix --all`)"
        yield _never("corrupt", place.common, why)


def locked(place: Layout) -> Iterator[Objection]:
    """Yield the locks of others, or of who was killed. Call `refs.clean_up` before it, which removes our own."""
    for lock in _locks(place):
        why = "a git program is at work there, or was killed; wait for it, or remove this file if none runs"
        yield _never("locked", lock, why)


def _locks(place: Layout) -> Iterator[str]:
    for tree in place.worktrees:
        yield from (os.path.join(tree.folder, name) for name in _names(tree.folder) if _is_lock(name))
    for part in ("refs", "reftable", "worktrees", "logs"):
        folder = os.path.join(place.common, part)
        yield from (os.path.join(folder, *name.split("/")) for name in files_under(folder) if _is_deep_lock(part, name))
    yield from (lock for lock in (os.path.join(place.common, "objects", "maintenance.lock"),) if os.path.exists(lock))


def _is_lock(name: str) -> bool:
    return name.endswith(".lock") or name == "gc.pid"


def _is_deep_lock(part: str, name: str) -> bool:
    return name.endswith(".lock") and (part != "worktrees" or name.count("/") > 1)


def _under_way(place: Layout) -> Iterator[Objection]:
    for tree in place.worktrees:
        for name, what in _UNDER_WAY.items():
            if os.path.exists(os.path.join(tree.folder, name)):
                why = f"a {what} is under way, and goes on from commits that are replaced; finish or abort it"
                yield Objection("in-progress", f"{_where(tree)}: {why}", overridable=True)
                break


def _changed(place: Layout) -> Iterator[Objection]:
    """Yield that tracked files are not as in HEAD. Untracked ones do not matter."""
    here = place.here()
    if not here.top:
        return
    there = Git(here.top)
    if staged := _staged(there):
        why = f"changes are staged ({_some(staged)}); commit them"
        yield Objection("staged", f"{here.top}: {why}", overridable=True)
    if unstaged := _unstaged(there, here.top):
        why = f"tracked files are changed ({_some(unstaged)}); commit or stash the changes"
        yield Objection("unstaged", f"{here.top}: {why}", overridable=True)


def _staged(git: Git) -> list[bytes]:
    head = git.run("rev-parse", "--verify", "--quiet", "HEAD^{tree}", fine=(1,)).decode().strip()
    if not head:
        return git.run("ls-files", "-z").split(b"\0")[:-1]
    return git.run("diff-index", "--cached", "--name-only", "--no-renames", "-z", head, "--").split(b"\0")[:-1]


def _unstaged(git: Git, top: str) -> list[bytes]:
    """Return the tracked files whose content is not the staged one. No filter that is configured is run."""
    changed = []
    fields = git.run("diff-files", "--ignore-submodules=all", "-z").split(b"\0")[:-1]
    for meta, path in zip(fields[::2], fields[1::2], strict=True):
        old_mode, new_mode, oid, _, status = meta[1:].decode().split(" ")
        file = os.path.join(os.fsencode(top), path)
        if status[0] != "M" or old_mode != new_mode or os.path.islink(file) or _id(git, file) != oid:
            changed.append(path)
    return changed


def _id(git: Git, file: bytes) -> str:
    return git.run("hash-object", "--no-filters", "--", os.fsdecode(os.path.abspath(file))).decode().strip()


def _checked_out(place: Layout, refs_to_change: Collection[str]) -> Iterator[Objection]:
    here = place.here()
    for tree in place.worktrees:
        if tree == here or not tree.top:
            continue
        branch = tree.branch()
        if branch in refs_to_change or (not branch and f"{tree.name}/HEAD" in refs_to_change):
            what = _printable(branch.removeprefix("refs/heads/")) if branch else "a commit"
            why = f"this other working tree has {what} checked out, which is rewritten; `git worktree remove` it"
            yield Objection("worktrees", f"{tree.top}: {why}", overridable=True)


def _colliding(git: Git, place: Layout) -> Iterator[Objection]:
    """Yield refs that differ only in case, where files cannot: one's lock would be the other's."""
    if git.run("config", "--type=bool", "core.ignoreCase", fine=(1,)).strip() != b"true":
        return
    same = defaultdict(list)
    for name in listed(git):
        same[name.casefold()].append(name)
    for first, second, *_rest in (names for names in same.values() if len(names) > 1):
        why = f"{_printable(first)} and {_printable(second)} differ only in case, which its file system does not tell"
        yield _never("colliding-refs", place.common, f"{why}; rename or delete one")


def _tabled_stash(git: Git, place: Layout) -> Iterator[Objection]:
    if place.reftable and "refs/stash" in listed(git):
        why = "stashes in reftables cannot be rewritten; apply or drop them (`git stash list`), or `git refs migrate`"
        yield _never("reftable-stash", place.common, why)


def _never(name: str, where: str, why: str) -> Objection:
    return Objection(name, f"{where}: {why}", overridable=False)


def _where(tree: Worktree) -> str:
    return tree.top or tree.folder


def _some(paths: list[bytes]) -> str:
    shown = ", ".join(_printable(path.decode("utf-8", "backslashreplace")) for path in paths[:_NAMED])
    return shown if len(paths) <= _NAMED else f"{shown} and {len(paths) - _NAMED} more"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except FileNotFoundError:
        return []
