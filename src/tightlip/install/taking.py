"""What is to be done to take hooks out, so that all is as it was before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.install import script, setting, step
from tightlip.install.place import COMMITTING, PASSED, RECEIVING
from tightlip.install.script import ASIDE

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.install.setting import Setting
    from tightlip.install.step import Step

_NAMES = tuple(dict.fromkeys((*COMMITTING, *RECEIVING, *PASSED)))
_LEGACY = ".legacy"
"""The end of the name that the pre-commit framework gives to a hook which it finds."""


def steps(folder: str) -> list[Step]:
    """Return what is to be done in a folder of hooks; nothing where none is tightlip's."""
    return list(_steps(folder))


def of_setting(git: Git, which: Setting, folder: str) -> list[Step]:
    """Return what is to be done for a setting that leads to a folder. Raises `GitError`."""
    return setting.take_back(git, which, folder)


def left(folder: str) -> list[str]:
    """Return what was moved aside and stays there, as somebody else's hook has taken its place."""
    found = []
    for name in _NAMES:
        path = os.path.join(folder, name)
        if os.path.lexists(path + ASIDE) and os.path.lexists(path) and not _ours(path):
            found.append(path + ASIDE)
    return found


def _steps(folder: str) -> Iterator[Step]:
    made, gone = 0, set[str]()
    for name in _NAMES:
        path = os.path.join(folder, name)
        aside = path + ASIDE
        ours = _ours(path)
        made = max([made, *map(script.folders, ours.values())])
        if os.path.lexists(aside) and (ours or not os.path.lexists(path)):
            goes_to = next(iter(ours), path)
            yield step.put_back(aside, goes_to)
            ours.pop(goes_to, None)
        yield from map(step.remove, ours)
        gone.update(map(os.path.basename, ours))
    for _ in range(made):
        if not gone.issuperset(os.listdir(folder)):
            break
        yield step.remove_folder(folder)
        folder, gone = os.path.dirname(folder), {os.path.basename(folder)}


def _ours(path: str) -> dict[str, str]:
    """Return the hooks of a name that tightlip made, with their text."""
    texts = {it: script.ours(it) for it in (path, path + _LEGACY)}
    return {it: text for it, text in texts.items() if text is not None}
