"""The list of a repository's objects, from one git process, and what git had to say against them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import GitError
from tightlip.finding import Unscanned
from tightlip.git import gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tightlip.git.plumbing import Git
    from tightlip.git.process import Process
    from tightlip.git.repo import Facts

_CHECK = "--batch-check=%(objectname) %(objecttype) %(objectsize)"


class Listed(NamedTuple):
    """An object that is there."""

    oid: str
    kind: str
    size: int


def objects(
    git: Git, revisions: Sequence[str], facts: Facts, troubles: list[Unscanned] | None = None
) -> Iterator[Listed]:
    """Yield every object of the store, each once, in the order quickest to read; or those that `revisions` reach.

    Parameters: `revisions`, what `git rev-list` takes; `troubles`, gets what could not be listed.
    """
    troubles = [] if troubles is None else troubles
    missing: list[str] = []
    with ExitStack() as stack:
        processes = _start(git, revisions, stack)
        while line := processes[-1].readline().decode():
            oid, kind, *size = line.split()
            if size:
                yield Listed(oid, kind, int(size[0]))
            elif oid.startswith("?"):
                missing.append(oid[1:])
            else:
                troubles.append(Unscanned(f"object {oid}", "it is in the object store and damaged; run `git fsck`"))
        for process in reversed(processes):
            try:
                process.finish()
            except GitError as error:
                troubles.append(Unscanned("a part of the history", str(error)))
            troubles += gaps.complaints(process)
    troubles += gaps.missing(missing, facts)


def _start(git: Git, revisions: Sequence[str], stack: ExitStack) -> list[Process]:
    if not revisions:
        return [stack.enter_context(git.start("cat-file", _CHECK, "--batch-all-objects", "--unordered", stdin=b""))]
    walk = ("rev-list", "--objects", "--no-object-names", "--missing=print", *revisions, "--")
    source = stack.enter_context(git.start(*walk, stdin=b""))
    return [source, stack.enter_context(git.start("cat-file", _CHECK, "--buffer", stdin=source))]
