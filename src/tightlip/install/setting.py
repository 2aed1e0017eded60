"""A setting of the user's git configuration that leads to hooks, and what it was before."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import UsageError
from tightlip.install.step import Step

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git

_NONE, _SOME = (1,), "was "
"""The exit code of git for a setting that is not there; what comes before the value of one that was."""


class Setting(NamedTuple):
    """A setting, and the one beside it that keeps its old value, as long as tightlip's is there."""

    name: str
    kept: str


TEMPLATE = Setting("init.templateDir", "tightlip.templateDirBefore")
HOOKS = Setting("core.hooksPath", "tightlip.hooksPathBefore")


def refuse_device() -> None:
    """Raise `UsageError` where the user's git configuration is no ordinary file.

    Git writes a new one and renames it: for root, that takes the place of /dev/null itself.
    """
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    usual = (os.path.expanduser("~/.gitconfig"), os.path.join(home, "git", "config"))
    named = os.environ.get("GIT_CONFIG_GLOBAL")
    for path in usual if named is None else (named,):
        if os.path.exists(path) and not os.path.isfile(path):
            raise UsageError(f"your git configuration, {path}, is no ordinary file: nothing can be set there")


def value(git: Git, name: str, scope: str = "global") -> str | None:
    """Return what a setting is, as it is written, or None. Raises `GitError`."""
    output = git.run("config", f"--{scope}", "--includes", "--null", "--get", name, fine=_NONE)
    return os.fsdecode(output.removesuffix(b"\0")) if output else None


def leads_to(git: Git, name: str, folder: str, scope: str = "global") -> bool:
    """Whether a setting is that folder. Raises `GitError`."""
    output = git.run("config", f"--{scope}", "--includes", "--null", "--type=path", "--get", name, fine=_NONE)
    path = os.fsdecode(output.removesuffix(b"\0"))
    return bool(path) and os.path.normcase(os.path.abspath(path)) == os.path.normcase(folder)


def put(git: Git, setting: Setting, folder: str) -> list[Step]:
    """Return the steps that make a setting lead to a folder, and keep what it was. Raises `GitError`."""
    if leads_to(git, setting.name, folder):
        return []
    old = value(git, setting.name)

    def act() -> None:
        if value(git, setting.kept) is None:
            _set(git, setting.kept, "" if old is None else _SOME + old)
        _set(git, setting.name, folder.replace(os.sep, "/"))

    return [_step("set", "set", setting.name, f" to {folder}{'' if old is None else f', in place of {old}'}", act)]


def take_back(git: Git, setting: Setting, folder: str) -> list[Step]:
    """Return the steps that make a setting what it was before `put`. Raises `GitError`."""
    kept = value(git, setting.kept)
    if kept is None:
        return []
    was = kept.removeprefix(_SOME) if kept else None
    is_ours = leads_to(git, setting.name, folder)

    def act() -> None:
        if is_ours and was is None:
            git.run("config", "--global", "--unset", setting.name)
        elif is_ours and was is not None:
            _set(git, setting.name, was)
        git.run("config", "--global", "--unset", setting.kept)

    if not is_ours:
        return [_step("forget", "forgot", setting.kept, f", as {setting.name} is no longer tightlip's", act)]
    if was is None:
        return [_step("unset", "unset", setting.name, "", act)]
    return [_step("set", "set", setting.name, f" to {was}, as before", act)]


def _set(git: Git, name: str, text: str) -> None:
    git.run("config", "--global", name, text)


def _step(verb: str, done: str, name: str, more: str, act: Callable[[], None]) -> Step:
    return Step(verb, done, name, more + " in your git configuration" * (not more), act)
