"""What is to be done to put hooks in: none that is there is lost, and those of a framework are left to it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from tightlip.errors import UsageError
from tightlip.git import hookfolder
from tightlip.git.hookfolder import HUSKY, LEFTHOOK, LEFTHOOK_ENTRY, OTHER, PRE_COMMIT, PRE_COMMIT_ENTRY, PREK
from tightlip.install import script, setting, step
from tightlip.install.place import PASSED, Place
from tightlip.install.script import ASIDE, Program
from tightlip.install.step import Step

_HOW = {
    PRE_COMMIT: f"add to `repos` in .pre-commit-config.yaml: {PRE_COMMIT_ENTRY}",
    PREK: f"add to `repos` in .pre-commit-config.yaml: {PRE_COMMIT_ENTRY}",
    LEFTHOOK: f"add to lefthook.yml: {LEFTHOOK_ENTRY}",
    HUSKY: "add to .husky/pre-commit: tightlip-hook pre-commit",
}


def steps(place: Place, program: Program, *, chain: bool = False) -> list[Step]:
    """Return what is to be done; nothing where all of it is there.

    Parameters: `chain`, keep the hooks that a framework wrote, too, and run them first. Raises `UsageError` where that
    would have to be asked, or where something is in the way; `GitError`.
    """
    made = list(_hooks(place, program, chain=chain))
    return [*made, *(setting.put(place.git, place.setting, place.set_to) if place.setting else ())]


def _hooks(place: Place, program: Program, *, chain: bool) -> Iterator[Step]:
    missing = _missing(place.folder)
    for event, command in place.events.items():
        path = os.path.join(place.folder, event)
        old = script.ours(path)
        folders = missing if old is None else script.folders(old)
        content = script.calling(event, command, program, everywhere=place.everywhere, folders=folders)
        if old is not None:
            yield from () if os.fsencode(old) == content else (step.write(path, content),)
        elif not os.path.lexists(path):
            yield step.write(path, content)
        elif not _calls(path):
            _refuse(event, path, chain=chain)
            yield step.write(path, content, path + ASIDE)
    for event in [it for it in PASSED if place.everywhere and it not in place.events]:
        path = os.path.join(place.folder, event)
        old = script.ours(path)
        content = script.passing(event, missing if old is None else script.folders(old))
        if os.fsencode(old) != content if old is not None else not os.path.lexists(path):
            yield step.write(path, content)


def _calls(path: str) -> bool:
    """Whether a hook that somebody wrote calls tightlip already, and git runs it."""
    found = hookfolder.hook("", path)
    return bool(found and found.made_by == OTHER and found.is_executable and hookfolder.calls(found.text))


def _refuse(event: str, path: str, *, chain: bool) -> None:
    """Raise `UsageError` for a hook that cannot, or should not, be moved aside."""
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder, where git looks for a hook: take it away first")
    if os.path.lexists(path + ASIDE):
        raise UsageError(
            f"{path}{ASIDE} is there already, so {path} cannot be moved there: take one of them away first"
        )
    found = hookfolder.hook(event, path)
    made_by = found.made_by if found else OTHER
    if made_by == HUSKY:  # it goes by the name of the file, and writes it anew with each installation
        raise UsageError(f"{path} was made by {made_by}: {_HOW[made_by]}")
    if made_by in _HOW and not chain:
        raise UsageError(f"{path} was made by {made_by}: {_HOW[made_by]}; or run it first: tightlip install --chain")


def _missing(folder: str) -> int:
    """Return how many folders are to be made on the way to one."""
    count = 0
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder, count = os.path.dirname(folder), count + 1
    return count
