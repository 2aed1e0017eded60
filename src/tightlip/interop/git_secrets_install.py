"""git-secrets' three hooks, which call tightlip in its place; one that is there already is never lost."""

from __future__ import annotations

import os
from pathlib import Path

from tightlip.errors import UsageError
from tightlip.git.plumbing import Git
from tightlip.interop.git_secrets import configured

HOOKS = ("commit-msg", "pre-commit", "prepare-commit-msg")
_SCRIPT = '#!/bin/sh\n# Written by tightlip git-secrets --install.\nexec tightlip git-secrets --{option} -- "$@"\n'


def install(git: Git, *, force: bool = False) -> list[str]:
    """Write the hooks and return their paths. Parameters: `force`, overwrite those that are there.

    Raises `UsageError` where one is there already, or where git does not look at the repository's own hooks.
    """
    if [it for it in configured(git, "core.hooksPath") if it.value != os.devnull or it.scope != "command"]:
        raise UsageError("core.hooksPath is set, so git does not run the hooks in .git/hooks: unset it first")
    common = os.fsdecode(git.run("rev-parse", "--path-format=absolute", "--git-common-dir").removesuffix(b"\n"))
    folder = Path(common, "hooks")
    targets = [_target(folder, name) for name in HOOKS]
    taken = [str(path) for path in targets if os.path.lexists(path)]
    if taken and not force:
        raise UsageError(f"{', '.join(taken)} already there: use -f to overwrite")
    if any(path.is_symlink() or path.is_dir() for path in targets):
        raise UsageError(f"{folder}: a hook there is a link or a folder, which is not written over")
    try:
        for name, path in zip(HOOKS, targets, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_SCRIPT.format(option=f"{name.replace('-', '_')}_hook"), "utf-8", newline="\n")
            path.chmod(0o755)
    except OSError as error:
        raise UsageError(f"{folder}: cannot write the hooks: {error.strerror}") from None
    return list(map(str, targets))


def _target(folder: Path, name: str) -> Path:
    """Return where a hook goes: into `NAME.d` where there is such a folder."""
    below = folder / f"{name}.d"
    return below / "git-secrets" if below.is_dir() else folder / name
