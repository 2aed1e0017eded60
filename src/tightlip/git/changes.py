"""What each commit changed, as paths and object ids, from one stream of `git diff-tree`."""

from __future__ import annotations

from tightlip.errors import GitError
from tightlip.git.staged import SUBMODULE
from tightlip.model import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tightlip.finding import Unscanned
    from tightlip.git.plumbing import Git
    from tightlip.git.process import Process

_DIFF = (
    *("diff-tree", "--stdin", "--always", "-r", "--root", "-c", "--raw", "-z", "--no-abbrev", "--no-renames"),
    *("--no-color", "--no-ext-diff", "--no-textconv"),
)
_AT_ONCE = 1 << 18  # bytes
_MOST_DEATHS = 100
"""Commits that git may die over before the rest is given up."""
_GONE = b"000000"


class HistoryChange(Value):
    """A path that a commit added or changed; in a merge, only one that differs from all parents.

    Parameters: `oid`, the object it has there; empty for a submodule; `old_oids`, the objects it had in the parents;
    empty where the commit added the path.
    """

    __slots__ = ("commit", "oid", "old_oids", "path")

    def __init__(self, commit: str, path: bytes, oid: str, old_oids: tuple[str, ...]) -> None:
        self.commit, self.path, self.oid, self.old_oids = commit, path, oid, old_oids


class Record(Value):
    """A line of the stream, not taken apart yet."""

    __slots__ = ("commit", "meta", "path")

    def __init__(self, commit: bytes, meta: bytes, path: bytes) -> None:
        self.commit, self.meta, self.path = commit, meta, path

    def change(self) -> HistoryChange | None:
        """Return what the line says; None for a path that the commit removed."""
        *old, (mode, oid) = self._sides()
        if mode == _GONE:
            return None
        return HistoryChange(self.commit.decode(), self.path, "" if mode == _SUBMODULE else oid, _files(old))

    @property
    def mode(self) -> str:
        """What the path is in the commit: as `Change` has it."""
        return self._sides()[-1][0].decode()

    def old_oids(self) -> tuple[str, ...]:
        """Return the objects that the path had in the parents, whether the commit changed or removed it."""
        return _files(self._sides()[:-1])

    def _sides(self) -> list[tuple[bytes, str]]:
        """Return mode and object in each parent, and at last in the commit."""
        fields = self.meta.lstrip(b":").split(b" ")
        sides = (len(fields) - 1) // 2
        return list(zip(fields[:sides], map(bytes.decode, fields[sides : 2 * sides]), strict=True))


def _files(sides: Iterable[tuple[bytes, str]]) -> tuple[str, ...]:
    return tuple(oid for mode, oid in sides if mode not in (_GONE, _SUBMODULE))


_SUBMODULE = SUBMODULE.encode()


def stream(git: Git, commits: bytes, pathspecs: Sequence[str] = ()) -> Iterator[Record | Unscanned]:
    """Yield what each of `commits` changed, and what git could not tell.

    Parameters: `commits`, ids in hexadecimal, a line each; the order is kept. `pathspecs`, only what matches one.
    """
    at = deaths = 0
    while at < len(commits):
        with git.start(*_DIFF, "--", *pathspecs, stdin=commits[at:]) as process:
            last = b""
            for record in _records(process):
                if record.path or record.meta:
                    yield record
                last = record.commit
            try:
                process.finish()
            except GitError as error:
                from tightlip.finding import Unscanned

                at, culprit = _after(commits, at, last)
                deaths += 1
                yield Unscanned(f"paths in commit {culprit}", str(error))
            else:
                return
        if deaths == _MOST_DEATHS:
            left = commits.count(b"\n", at)
            yield Unscanned(f"paths in {left} commits", f"git failed over {deaths} commits before; run `git fsck`")
            return


def _after(commits: bytes, at: int, last: bytes) -> tuple[int, str]:
    """Return where to go on after git died, and the commit it died over: the one after the `last` that it printed."""
    if last:
        at = commits.index(b"\n", commits.index(last, at)) + 1
    end = commits.find(b"\n", at)
    end = end if end >= 0 else len(commits)
    return end + 1, commits[at:end].decode()


def _records(process: Process) -> Iterator[Record]:
    """Yield the lines, and for each commit first one that is empty but for the commit."""
    fields = _fields(process)
    commit = b""
    for field in fields:
        if field.startswith(b":"):
            path = next(fields, None)
            if path is None:
                return
            yield Record(commit, field, path)
        else:
            commit = field
            yield Record(commit, b"", b"")


def _fields(process: Process) -> Iterator[bytes]:
    rest = b""
    while chunk := process.read(_AT_ONCE):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
