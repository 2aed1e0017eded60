"""The old commits that must not come back: the first that were rewritten, which all others of the old history reach.

The hook loads this on every push, so it imports next to nothing.
"""

from __future__ import annotations

import os

from tightlip.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tightlip.git.plumbing import Git

NAME = "banned-objects"
"""The file, in the folder that purges have in a repository: an id on each line."""


def file(git_folder: str | None = None) -> str:
    """Return the path of the list of the current repository, whether there is one or not.

    Git is asked only where the folder is not that of a repository with one working tree. Parameters: `git_folder`, what
    the environment says of it. Raises `GitError`.
    """
    folder = git_folder or ".git"
    path = os.path.join(folder, "tightlip", "purge", NAME)
    if os.path.exists(path) or os.path.isdir(os.path.join(folder, "objects")):
        return path
    from tightlip.git.plumbing import Git

    common = os.fsdecode(Git().run("rev-parse", "--git-common-dir").removesuffix(b"\n"))
    return os.path.join(common, "tightlip", "purge", NAME)


def read(path: str) -> set[str]:
    """Return the ids in a list; none where there is no such file. Lines that begin with `#` are for people.

    Raises `UsageError` for what is no id, and `OSError`.
    """
    try:
        with open(path, encoding="ascii", errors="replace") as lines:
            ids = {line.strip() for line in lines if line.strip() and line[0] != "#"}
    except FileNotFoundError:
        return set()
    for oid in ids:
        if len(oid) not in (40, 64) or oid.strip("0123456789abcdef"):
            raise UsageError(f"{path}: it is no list of commits; take the one that the purge wrote")
    return ids


def reached(git: Git, banned: Collection[str], tips: Iterable[str]) -> set[str]:
    """Return which banned objects some others are, or reach. It costs little where none of them is in the repository.

    Only what is not older than a banned commit is walked. Raises `GitError`.
    """
    if not banned:
        return set()
    request = "".join(f"{oid}\n" for oid in banned).encode()
    told = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=request).decode().splitlines()
    kinds = dict(line.split(" ", 1) for line in told if not line.endswith(" missing"))
    starts = [*tips]
    if not kinds or not starts:
        return set()
    bounds = [f"^{oid}^@" for oid, kind in kinds.items() if kind == "commit"]
    walk = git.run("rev-list", "--stdin", stdin="".join(f"{each}\n" for each in (*starts, *bounds)).encode())
    return kinds.keys() & {*walk.decode().split(), *starts}
