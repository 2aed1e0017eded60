"""Where a repository keeps its refs, reflogs and working trees."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from tightlip.git.plumbing import Git
from tightlip.purge.repository.durable import NEW

MAIN = "main-worktree"
"""What git calls the first working tree, where a ref of another one is named from elsewhere."""
PER_WORKTREE = ("refs/bisect/", "refs/worktree/", "refs/rewritten/")
"""Refs that each working tree has for itself; all others are shared (gitrepository-layout)."""

_PSEUDO = re.compile(r"[A-Z][A-Z_]*_HEAD|AUTO_MERGE|HEAD")
_YES = frozenset({"true", "yes", "on", "1", ""})
"""Ways to write that a setting is on; without a value it is."""
_ASKED: WeakKeyDictionary[Git, tuple[tuple[str, str, str, str], dict[str, str]]] = WeakKeyDictionary()
"""What git has said of a repository's folders and settings."""
_ONE_ID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?\n?")


@dataclass(frozen=True, slots=True)
class Worktree:
    """One working tree, in its repository."""

    name: str
    """`main-worktree`, or `worktrees/` and its id: with `/HEAD` after it, the name by which git knows its HEAD."""
    folder: str
    """Where its HEAD and index are."""
    top: str
    """Where its files are; empty where there are none: in a bare repository, or because they are gone."""

    @property
    def index(self) -> str:
        """The file of its index, which need not be there."""
        return os.path.join(self.folder, "index")

    def branch(self) -> str:
        """Return the branch that HEAD stands on, by its full name, or nothing. Raises `OSError`."""
        link = os.path.join(self.folder, "HEAD")
        if os.path.islink(link):  # as git wrote it long ago
            return os.readlink(link)
        content = _read(link)
        return content[4:].strip().decode("utf-8", "surrogateescape") if content.startswith(b"ref:") else ""

    def pseudo(self) -> Iterator[str]:
        """Yield the names of HEAD, ORIG_HEAD and the like. Raises `OSError`."""
        yield from sorted(name for name in os.listdir(self.folder) if _PSEUDO.fullmatch(name))


@dataclass(frozen=True, slots=True)
class Layout:
    """A repository's folders."""

    common: str
    """The git folder that all its working trees share."""
    own: str
    """The git folder of the working tree that git was started in; `common` in the first one."""
    sha256: bool
    """Ids have 64 digits, not 40."""
    reftable: bool
    """Refs are in tables, not in files."""
    worktrees: tuple[Worktree, ...]
    """All of them, the first one first."""

    def path(self, name: str) -> str:
        """Return the file of a shared ref, or of one named with its working tree."""
        return os.path.join(self.common, *name.removeprefix(f"{MAIN}/").split("/"))

    def log(self, name: str) -> str:
        """Return the reflog of a shared ref."""
        return os.path.join(self.common, "logs", *name.split("/"))

    def here(self) -> Worktree:
        """Return the working tree that git was started in."""
        return next(tree for tree in self.worktrees if tree.folder == self.own)


def layout(git: Git) -> Layout:
    """Return where a repository keeps what. Raises `GitError`."""
    if git not in _ASKED:  # dozens of times in a purge, and it stays so
        _ASKED[git] = _answers(git), _settings(git)
    (common, own, algorithm, top), settings = _ASKED[git]
    bare = settings.get("core.bare", "false").lower() in _YES
    mine = os.path.realpath(top) if top else ""
    if not mine and not bare and os.path.basename(common) == ".git":
        mine = os.path.dirname(common)
    first = Worktree(MAIN, common, "" if bare else mine if own == common else os.path.dirname(common))
    reftable = settings.get("extensions.refstorage", "").lower().startswith("reftable")
    return Layout(common, own, algorithm == "sha256", reftable, (first, *_linked(common)))


def _answers(git: Git) -> tuple[str, str, str, str]:
    """Return the shared git folder, the own one, the algorithm of ids, and where the files are, if there are any."""
    asked = ("--git-common-dir", "--absolute-git-dir", "--show-object-format")
    # All at once; where there are no files, git ends at the last question.
    answers = git.run("rev-parse", *asked, "--show-toplevel", fine=(128,)).split(b"\n")[:-1]
    is_told = len(asked) <= len(answers) <= len(asked) + 1 and answers[2] in (b"sha1", b"sha256")
    if not is_told:  # there is no repository, or a newline in a folder's name
        answers = [git.run("rev-parse", each).removesuffix(b"\n") for each in asked]
        answers.append(git.run("rev-parse", "--show-toplevel", fine=(128,)).removesuffix(b"\n"))
    common, own, algorithm, top = (os.fsdecode(answer) for answer in (*answers, b"")[:4])
    here = git.where or "."
    return os.path.realpath(os.path.join(here, common)), os.path.realpath(os.path.join(here, own)), algorithm, top


def _settings(git: Git) -> dict[str, str]:
    lines = git.run("config", "--get-regexp", r"^(core\.bare|extensions\.refstorage)$", fine=(1,)).decode().splitlines()
    return dict(line.partition(" ")[::2] for line in lines)


def shared_refs(git: Git) -> dict[str, str]:
    """Return the id that each ref has which all working trees share, by its full name; not symbolic ones."""
    return {
        name: oid for name, (oid, target) in listed(git).items() if not target and not name.startswith(PER_WORKTREE)
    }


def listed(git: Git) -> dict[str, tuple[str, str]]:
    """Return the id of each ref, and which ref it stands for if it is symbolic. Raises `GitError`."""
    lines = git.run("for-each-ref", "--format=%(objectname) %(symref) %(refname)").split(b"\n")
    found = {}
    for line in filter(None, lines):
        oid, target, name = line.decode("utf-8", "surrogateescape").split(" ")
        found[name] = (oid, target)
    return found


def heads(git: Git) -> dict[str, str]:
    """Return the ids of what each working tree has for itself: a detached HEAD, ORIG_HEAD and the like, its own refs.

    Names are git's own: `main-worktree/HEAD`, `worktrees/ID/ORIG_HEAD`. Not in it: FETCH_HEAD and MERGE_HEAD, which
    are lists. Raises `GitError` or `OSError`.
    """
    place = layout(git)
    found = {}
    for tree in place.worktrees:
        for name in _in_tables(tree) if place.reftable else _in_files(tree):
            answer = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{tree.name}/{name}", fine=(1,))
            if answer:
                found[f"{tree.name}/{name}"] = answer.decode().strip()
    return found


def files_under(folder: str) -> Iterator[str]:
    """Yield the paths of the files in a folder and below it, in order, with `/` between; none if it is not there."""
    for where, folders, names in os.walk(folder):
        folders.sort()
        inside = os.path.relpath(where, folder)
        for name in sorted(set(names) - {NEW}):
            yield (name if inside == "." else os.path.join(inside, name)).replace(os.sep, "/")


def _in_files(tree: Worktree) -> Iterator[str]:
    for name in tree.pseudo():
        if _ONE_ID.fullmatch(_read(os.path.join(tree.folder, name))):
            yield name
    for prefix in PER_WORKTREE:
        for name in files_under(os.path.join(tree.folder, *prefix.split("/")[:-1])):
            if _ONE_ID.fullmatch(_read(os.path.join(tree.folder, *prefix.split("/"), *name.split("/")))):
                yield prefix + name


def _in_tables(tree: Worktree) -> Iterator[str]:
    if not os.path.isdir(tree.folder):
        return
    format_ = "--format=%(symref) %(refname)"
    for line in Git(tree.top or tree.folder).run("for-each-ref", "--include-root-refs", format_).splitlines():
        target, _, name = line.decode("utf-8", "surrogateescape").partition(" ")
        if not target and (not name.startswith("refs/") or name.startswith(PER_WORKTREE)):
            yield name


def _linked(common: str) -> Iterator[Worktree]:
    folder = os.path.join(common, "worktrees")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        own = os.path.join(folder, name)
        if os.path.isfile(os.path.join(own, "HEAD")):
            pointer = os.fsdecode(_read(os.path.join(own, "gitdir")).strip())
            pointer = os.path.join(own, pointer)  # it may be relative, since git 2.48
            there = bool(pointer) and os.path.exists(pointer)
            yield Worktree(f"worktrees/{name}", own, os.path.dirname(os.path.realpath(pointer)) if there else "")


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b""
