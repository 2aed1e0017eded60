"""Where hooks go, and which."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from typing import NamedTuple

from tightlip.config.repository import top_of
from tightlip.errors import UsageError
from tightlip.git import hookfolder
from tightlip.git.hookfolder import Folder
from tightlip.git.plumbing import Git
from tightlip.install import setting
from tightlip.install.setting import HOOKS, TEMPLATE, Setting

COMMITTING = {
    "pre-commit": "pre-commit",
    "pre-merge-commit": "pre-commit",
    "prepare-commit-msg": "prepare-commit-msg",
    "commit-msg": "commit-msg",
    "pre-push": "pre-push",
}
"""The hooks of a repository that somebody works in, each with what `tightlip-hook` is asked for."""
RECEIVING = {"pre-receive": "pre-receive"}
"""Those of one that others push to."""
PASSED = (
    *("applypatch-msg", "pre-applypatch", "post-applypatch", "post-commit"),
    *("pre-rebase", "post-checkout", "post-merge", "post-rewrite", "pre-auto-gc", "sendemail-validate"),
    *("pre-receive", "update", "post-receive", "post-update"),
)
"""Git's other hooks, which a folder for all repositories must hand on.

Not those that change what git does by being there (`push-to-checkout`, `proc-receive`), and not those that git calls
many times for each command (`reference-transaction`, `post-index-change`).
"""
_OF_THE_REPOSITORY = ("", "local", "worktree")


class Place(NamedTuple):
    """A folder of hooks, and what git has to know of it."""

    git: Git
    folder: str
    events: Mapping[str, str] = COMMITTING
    everywhere: bool = False
    """Whether git looks there for the hooks of every repository."""
    setting: Setting | None = None
    set_to: str = ""
    note: str = ""
    """What else there is to know."""


def of_repository(where: str) -> Place:
    """Return the folder where git looks for a repository's hooks. Raises `UsageError`, `GitError`."""
    git = Git(where)
    top = top_of(git)
    if top is None:
        raise UsageError(f"{where} has no working tree, so nobody commits there; for pushes to it: --server {where}")
    found = hookfolder.folder(git, top)
    if _is_ours(found):
        return Place(git, found.path, {}, note="the hooks for all repositories are installed, and run here, too")
    _refuse_shared(found)
    if found.scope and os.path.lexists(found.path) and not os.path.isdir(found.path):
        unset = f"git config --{found.scope} --unset core.hooksPath"
        raise UsageError(f"{found.why}, which is no folder, so git runs no hooks: {unset}")
    note = f"{found.why}, so git looks for hooks there" if found.scope else ""
    return Place(git, found.path, note=note)


def of_server(where: str) -> Place:
    """Return the folder of a bare repository's hooks. Raises `UsageError`, `GitError`."""
    git = Git(where)
    if git.run("rev-parse", "--is-bare-repository") != b"true\n":
        raise UsageError(f"{where} is not bare: --server is for a repository that others push to")
    found = hookfolder.folder(git, None)
    if _is_ours(found):  # which hands on what is pushed
        return Place(git, found.own, RECEIVING)
    _refuse_shared(found)
    return Place(git, found.path, RECEIVING)


def folders(where: str) -> list[str]:
    """Return where a repository's hooks can be: where git looks, unless that is for others too, and its own folder.

    Raises `GitError`.
    """
    git = Git(where)
    found = hookfolder.folder(git, top_of(git))
    return list(dict.fromkeys([found.own, *([found.path] if found.scope in _OF_THE_REPOSITORY else [])]))


def is_in_all(where: str) -> bool:
    """Whether the hooks for all repositories run in this one. Raises `GitError`."""
    git = Git(where)
    return _is_ours(hookfolder.folder(git, top_of(git)))


def of_template(where: str) -> Place:
    """Return the folder of hooks that git copies into each new repository. Raises `UsageError`, `GitError`."""
    setting.refuse_device()
    folder = os.path.abspath(os.path.expanduser(where))
    note = "git copies it into each repository that is made or cloned from now on, and into others by git init"
    return Place(Git(), os.path.join(folder, "hooks"), setting=TEMPLATE, set_to=folder, note=note)


def of_everything() -> Place:
    """Return the folder of hooks for all repositories. Raises `UsageError` where the user has another, `GitError`."""
    setting.refuse_device()
    git, folder = Git(), of_user()
    if folder.startswith(os.path.abspath(os.devnull)):
        raise UsageError("there is no home folder to put the hooks for all repositories in: set HOME")
    for scope in ("system", "global"):
        theirs = setting.value(git, HOOKS.name, scope)
        if (
            theirs
            and not setting.leads_to(git, HOOKS.name, folder, scope)
            and not _is_empty(os.path.expanduser(theirs))
        ):
            raise UsageError(f"core.hooksPath ({scope}) is {theirs} already, and hooks may be there: unset it first")
    note = "repositories with a core.hooksPath of their own do not look there"
    return Place(git, folder, everywhere=True, setting=HOOKS, set_to=folder, note=note)


def of_user() -> str:
    """Return the folder for the hooks of all repositories, which need not exist; without a home, it cannot."""
    if sys.platform == "win32":
        data = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        data = os.path.expanduser("~/Library/Application Support")
    else:
        data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.path.abspath(os.path.join(data if os.path.isabs(data) else os.devnull, "tightlip", "hooks"))


def _is_ours(found: Folder) -> bool:
    """Whether git looks where the hooks for all repositories are."""
    return found.path == of_user() and found.scope not in _OF_THE_REPOSITORY


def _refuse_shared(found: Folder) -> None:
    """Raise `UsageError` where git looks in a folder that others look in, too."""
    if found.scope not in _OF_THE_REPOSITORY:
        raise UsageError(
            f"{found.why}, which is for other repositories, too: "
            f"unset it, or set it for this one: git config core.hooksPath {shlex.quote(found.own)}"
        )


def _is_empty(folder: str) -> bool:
    """Whether there are no hooks in a folder: git's samples are none. A relative one is another in each repository."""
    if not os.path.isabs(folder):
        return False
    try:
        return all(name.endswith(".sample") for name in os.listdir(folder))
    except FileNotFoundError:
        return True
    except OSError:
        return False
