"""What a repository should hold and does not, so that no scan of it passes for complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.errors import GitError
from tightlip.finding import Unscanned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tightlip.git.plumbing import Git
    from tightlip.git.process import Process
    from tightlip.git.repo import Facts

_MOST_NAMED = 100
"""Missing objects that are named one by one."""


def shallow(facts: Facts) -> Iterator[Unscanned]:
    """Yield that the beginning of the history is elsewhere, where it is."""
    if facts.shallow:
        yield Unscanned(
            "history below the shallow boundary", "this is a shallow clone; run `git fetch --unshallow` first"
        )


def start(git: Git) -> Process:
    """Start to look for objects that a ref reaches and the store lacks. It takes a while, in a process of its own."""
    return git.start("rev-list", "--objects", "--quiet", "--missing=print", "--all", "--", stdin=b"")


def found(process: Process, facts: Facts) -> Iterator[Unscanned]:
    """Yield what the started search found."""
    lines = process.read().decode().splitlines()
    try:
        process.finish()
    except GitError as error:
        yield Unscanned("objects that the refs reach", str(error))
    yield from complaints(process)
    yield from missing([line[1:] for line in lines if line.startswith("?")], facts)


def missing(oids: list[str], facts: Facts) -> Iterator[Unscanned]:
    """Yield what is to be said of missing objects."""
    if oids and facts.partial:
        yield Unscanned(
            f"{len(oids)} objects or more",
            "this is a partial clone that left them at its remote; run `git fetch --refetch --no-filter` first",
        )
        return
    for oid in oids[:_MOST_NAMED]:
        yield Unscanned(f"object {oid}", "it is missing from the object store; fetch it, or run `git fsck`")
    if len(oids) > _MOST_NAMED:
        yield Unscanned(f"{len(oids) - _MOST_NAMED} more objects", "they are missing too; run `git fsck`")


def complaints(process: Process) -> Iterator[Unscanned]:
    """Yield what git complained of and went on: a damaged pack or an alternate store that is gone, a broken ref."""
    for line in _distinct(process.complaints.decode("utf-8", "replace").splitlines()):
        if line.startswith("error: ") or "ignoring broken ref" in line:
            yield Unscanned("a part of the repository", f"git says: {line.partition(': ')[2]}; run `git fsck`")


def _distinct(lines: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys("".join(c if c.isprintable() else "?" for c in line) for line in lines)
