"""What the next commit changes: the index against HEAD, as paths and object ids. Neither files nor diffs are read."""

from __future__ import annotations

from tightlip.errors import GitError
from tightlip.model import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.git.plumbing import Git
    from tightlip.git.process import Process

SUBMODULE = "160000"
"""The mode of a submodule: its object is a commit of another repository."""
_NOTHING = "000000"
"""The mode of what is not there."""

_DIFF = (
    *("diff-index", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-color", "--no-ext-diff"),
    # `git add --intent-to-add` stages a name and no content; by default this command shows it as an empty file.
    *("--no-textconv", "--ita-invisible-in-index"),
)
_EMPTY_TREES = (
    "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
)
"""The tree without entries, which git knows without storing it: in a SHA-1 and in a SHA-256 repository."""


class Change(Value):
    """A path that the next commit adds, changes or removes.

    `path` is counted from the top of the working tree, as git stores it. `mode` is `100644`, `100755` or `120000` (a
    symbolic link: the object holds its target), and `000000` for what is removed. `oid` is the new object, empty when
    removed or unmerged; `old_oid` the one in HEAD, empty when there was none, or a submodule. `status` is `A` added,
    `M` modified, `D` removed, `T` changed type, or `U` unmerged: in conflict, and not to be committed so.
    """

    __slots__ = ("mode", "oid", "old_mode", "old_oid", "path", "status")

    def __init__(  # noqa: PLR0913, PLR0917 - that many things make a change
        self, path: bytes, mode: str, oid: str, old_mode: str, old_oid: str, status: str
    ) -> None:
        self.path, self.mode, self.oid = path, mode, oid
        self.old_mode, self.old_oid, self.status = old_mode, old_oid, status


def start(git: Git) -> Process:
    """Start what `staged` waits for, to do something else meanwhile."""
    return git.start(*_DIFF, "HEAD", "--", stdin=b"")


def staged(git: Git, started: Process | None = None) -> list[Change]:
    """Return what is staged, in the order of the paths. Submodules are left out. Raises `GitError`.

    Parameters: `started`, what `start` returned for the same `git`.
    """
    with started or start(git) as process:
        output = process.read()
        try:
            process.finish()
        except GitError as error:
            if "bad revision 'HEAD'" not in str(error):
                raise
            output = _first_commit(git)
    return list(changes(output))


def _first_commit(git: Git) -> bytes:
    """Return the same for a branch that has no commit yet."""
    sha1, sha256 = _EMPTY_TREES
    try:
        return git.run(*_DIFF, sha1, "--")
    except GitError as error:
        if f"bad revision '{sha1}'" not in str(error):
            raise
        return git.run(*_DIFF, sha256, "--")


def changes(output: bytes) -> Iterator[Change]:
    """Yield what git prints with `--raw -z`. A submodule is nothing: a file in whose place one comes is removed."""
    fields = output.split(b"\0")
    for meta, path in zip(fields[::2], fields[1::2], strict=False):
        old_mode, mode, old_oid, oid, status = meta[1:].decode().split(" ")
        old_oid = "" if old_mode == SUBMODULE else old_oid.strip("0") and old_oid
        if mode != SUBMODULE:
            yield Change(path, mode, oid.strip("0") and oid, old_mode, old_oid, status)
        elif old_oid:
            yield Change(path, _NOTHING, "", old_mode, old_oid, "D")
