"""The repository itself: where it is, what its names stand for, and which parts of it are elsewhere.

The one module that imports GitPython, and only to hand its object to who asks for it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import NoGit, NotARepository, UsageError
from tightlip.git.plumbing import Git

if TYPE_CHECKING:
    from collections.abc import Iterable

    import git as gitpython


_CHECK = "--batch-check=%(objecttype) %(objectname)"


class Facts(NamedTuple):
    """What of a repository is elsewhere."""

    shallow: bool
    """The history ends before its beginning (`git clone --depth`)."""
    partial: bool
    """Objects were left at a remote (`git clone --filter`)."""


def git_for(repo: str | os.PathLike[str] | gitpython.Repo | None) -> Git:
    """Return git in a repository: at a path, GitPython's, or for None the one of the current folder or of a hook."""
    if repo is None:
        return Git()
    git_dir = getattr(repo, "git_dir", None)
    if git_dir is None:
        return Git(os.fspath(repo))  # type: ignore[arg-type]  # a `git.Repo` has a git_dir
    top = getattr(repo, "working_tree_dir", None)
    return Git(os.fspath(top if top and os.path.lexists(os.path.join(top, ".git")) else git_dir))


def open_repository(where: str | os.PathLike[str] | None = None) -> gitpython.Repo:
    """Return GitPython's object for the repository that holds a path; the caller closes it. Raises `NotARepository`."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # or its import fails where there is no git
    import git as gitpython

    place = "." if where is None else os.fspath(where)
    try:
        repo = gitpython.Repo(None if where is None else place, search_parent_directories=True, expand_vars=False)
    except (gitpython.InvalidGitRepositoryError, gitpython.NoSuchPathError):
        raise NotARepository(f"{place}: not a git repository; run this inside a repository, or name one") from None
    except gitpython.GitCommandNotFound:
        raise NoGit("there is no git program on the PATH; install git, or add its folder to PATH") from None
    return repo


def facts(git: Git) -> Facts:
    """Return what of the repository is elsewhere. Raises `GitError`."""
    shallow = git.run("rev-parse", "--is-shallow-repository").strip()
    settings = git.run("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$", fine=(1,))
    return Facts(shallow == b"true", _promised(settings))


def _promised(settings: bytes) -> bool:
    return any(not line.endswith((b" false", b" no", b" off", b" 0")) for line in settings.splitlines())


def refs(git: Git) -> dict[str, str]:
    """Return the commit that each ref leads to, by its full name; HEAD too, where no branch stands there.

    A ref that leads to no commit (a tag of a file, a ref to a missing object) is left out.
    """
    # A name may hold what else is the end of a line to Python.
    lines = git.run("for-each-ref", "--format=%(objectname) %(refname)").decode("utf-8", "surrogateescape").split("\n")
    named = {name: oid for oid, _, name in (line.partition(" ") for line in lines if line)}
    tips = dict(zip([*named, "HEAD"], commits_at(git, [*named.values(), "HEAD"]), strict=True))
    head = tips.pop("HEAD")
    if head and head not in {tips[name] for name in tips if name.startswith("refs/heads/")}:
        tips["HEAD"] = head
    return {name: commit for name, commit in tips.items() if commit}


def tags(git: Git) -> list[str]:
    """Return the annotated tags that refs lead to."""
    answers = git.run("cat-file", _CHECK, stdin=git.run("for-each-ref", "--format=%(objectname)")).decode().splitlines()
    return list(dict.fromkeys(answer.removeprefix("tag ") for answer in answers if answer.startswith("tag ")))


def boundary(git: Git) -> frozenset[str]:
    """Return the commits that a shallow clone ends at, whose parents are elsewhere."""
    name = git.run("rev-parse", "--git-path", "shallow").removesuffix(b"\n")
    try:
        with open(os.path.join(os.fsencode(git.where or "."), name), "rb") as file:
            return frozenset(file.read().decode().split())
    except OSError:
        return frozenset()


def trees(git: Git) -> list[str]:
    """Return the trees that refs lead to without a commit, as a tag of a tree does."""
    request = git.run("for-each-ref", "--format=%(objectname)^{}")
    answers = git.run("cat-file", _CHECK, stdin=request).decode().splitlines()
    return [answer.removeprefix("tree ") for answer in answers if answer.startswith("tree ")]


def entries(git: Git, tree: str) -> list[tuple[bytes, str]]:
    """Return the paths in a tree, or a commit's, and their blobs; submodules are left out. Raises `GitError`."""
    found = []
    for line in git.run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")[:-1]:
        meta, _, path = line.partition(b"\t")
        _, kind, oid = meta.decode().split(" ")
        if kind == "blob":
            found.append((path, oid))
    return found


def resolve(git: Git, names: Iterable[str]) -> list[str]:
    """Return the commits that branches, tags or other revisions stand for. Raises `UsageError` for one that is none."""
    found = []
    for name in names:
        if "\n" in name or "\0" in name:
            raise UsageError(f"{name!r} is no branch, tag or commit")
        commits = [commit for commit in commits_at(git, [f"refs/heads/{name}", name]) if commit]
        if not commits:
            raise UsageError(
                f"{git.where or '.'}: there is no branch, tag or commit {name!r}; `git branch --all` lists branches"
            )
        found.append(commits[0])
    return found


def commits_at(git: Git, names: Iterable[str]) -> list[str]:
    """Return the commit each name leads to, or nothing."""
    request = "".join(f"{name}^{{commit}}\n" for name in names).encode("utf-8", "surrogateescape")
    answers = git.run("cat-file", _CHECK, stdin=request).decode("utf-8", "replace")
    # A name that is missing is repeated, and may hold what else is the end of a line to Python.
    return [line[7:] if line.startswith("commit ") else "" for line in answers.split("\n")[:-1]]
