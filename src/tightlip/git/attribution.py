"""Who brought an object in, where, and what still reaches it. Asked only for what has findings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import GitError
from tightlip.finding import Unscanned
from tightlip.git.changes import HistoryChange, Record, stream
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.repo import entries, refs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from tightlip.git.plumbing import Git


class CommitDetails(NamedTuple):
    """Whose commit it is."""

    author: str
    email: str
    date: str
    """The author's, in ISO 8601 with the offset; empty where the commit has no date that can be read."""
    subject: str


def changes_of(
    git: Git, oids: Collection[str], revisions: Sequence[str] = (), *, paths: Collection[bytes] = ()
) -> Iterator[HistoryChange]:
    """Yield each change that brought one of `oids` to a path, or that added one of `paths`, parents before children.

    Parameters: `revisions`, what `git rev-list` takes (`History.revisions`). Without it every commit of the store is
    looked at, and those that no ref reaches come last. Commits that git cannot read are passed over: `History` tells.
    """
    for commits in _oldest_first(git, revisions):
        yield from changes_in(stream(git, commits), oids, paths)


def changes_in(
    records: Iterable[Record | Unscanned], oids: Collection[str], paths: Collection[bytes]
) -> Iterator[HistoryChange]:
    """Yield each change that brought one of `oids` to a path, or that added one of `paths`."""
    wanted = {oid.encode() for oid in oids}
    for record in records:
        if not isinstance(record, Record):
            continue
        brings = record.meta.rsplit(b" ", 2)[1] in wanted
        if brings or record.path in paths:
            change = record.change()
            if change and (brings or not change.old_oids):
                yield change


def _oldest_first(git: Git, revisions: Sequence[str]) -> list[bytes]:
    """Return commits, an id a line: those of `revisions`, or what the refs reach and then all others."""
    named = _walk(git, *(revisions or ("--all",)))
    if revisions and named is not None:
        return [named]
    every = commits_in_store(git)
    if named is None:
        return [_by_date(git, every)]
    others = _walk(git, "--stdin", "--not", "--all", stdin=every)
    if others is None:
        others = _by_date(git, b"".join(b"%s\n" % c for c in set(every.split()) - set(named.split())))
    return [named, others]


def _walk(git: Git, *revisions: str, stdin: bytes = b"") -> bytes | None:
    """Return commits with parents before children; None where git cannot, for one that is missing or a broken ref."""
    try:
        return git.run("rev-list", "--topo-order", "--reverse", *revisions, "--", stdin=stdin)
    except GitError:
        return None


def _by_date(git: Git, commits: bytes) -> bytes:
    """Return commits by the committer's date, the next best order."""
    return "".join(f"{oid}\n" for oid, _ in dated(git, commits.decode().split())).encode()


def dated(git: Git, commits: Iterable[str]) -> list[tuple[str, int]]:
    """Return commits with their committer's time, in seconds since 1970, the oldest first."""
    found: list[tuple[int, str]] = []
    with ObjectReader(git) as objects:
        for item in objects.read_many(commits):
            if isinstance(item, Object):
                when = _header(item.data, b"committer ").rpartition(b"> ")[2]
                found.append((_seconds(when), item.oid))
    return [(oid, seconds) for seconds, oid in sorted(found)]


def commits_in_store(git: Git) -> bytes:
    """Return every commit of the object store, whatever reaches it: an id a line, in no order."""
    found = []
    types = "--batch-check=%(objecttype) %(objectname)"
    with git.start("cat-file", "--batch-all-objects", "--unordered", types, stdin=b"") as process:
        while line := process.readline():
            if line.startswith(b"commit "):
                found.append(line[7:])
        process.finish()
    return b"".join(found)


def commit_details(git: Git, commits: Iterable[str]) -> dict[str, CommitDetails]:
    """Return author, date and subject of commits, by id; those that cannot be read are left out."""
    with ObjectReader(git) as objects:
        found = [item for item in objects.read_many(commits) if isinstance(item, Object) and item.kind == "commit"]
    return {item.oid: _details(item.data) for item in found}


def _details(commit: bytes) -> CommitDetails:
    _, _, message = commit.partition(b"\n\n")
    encoding = _header(commit, b"encoding ").decode("ascii", "replace") or "utf-8"
    subject = b" ".join(message.lstrip(b"\n").partition(b"\n\n")[0].split(b"\n")).strip()
    who, _, when = _header(commit, b"author ").rpartition(b"> ")
    name, _, email = who.partition(b"<")
    return CommitDetails(
        _text(name.strip(), encoding), _text(email, encoding), _iso_date(when), _text(subject, encoding)
    )


def _header(commit: bytes, name: bytes) -> bytes:
    lines = commit.partition(b"\n\n")[0].split(b"\n")
    return next((line.removeprefix(name) for line in lines if line.startswith(name)), b"")


def _text(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding, "replace")
    except (LookupError, ValueError):  # an encoding that nobody knows, or that is none of text
        return data.decode("utf-8", "replace")


def _seconds(when: bytes) -> int:
    """Return the time of "1136239445 +0000"; 0 where that is no time."""
    match = re.match(rb"\d{1,12} ", when)
    return int(match[0]) if match else 0


def _iso_date(when: bytes) -> str:
    from datetime import datetime, timedelta, timezone

    match = re.fullmatch(rb"\d{1,12} ([+-])(\d\d)(\d\d)", when)
    if match is None:
        return ""
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    try:
        zone = timezone(-offset if match[1] == b"-" else offset)
        return datetime.fromtimestamp(_seconds(when), zone).isoformat()
    except (ValueError, OverflowError, OSError):  # a year or an offset that does not exist
        return ""


def refs_reaching(git: Git, commits: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the full names of the refs that reach each commit, sorted; `HEAD` is one where it is detached.

    One walk serves all: each commit passes on to its parents which refs have reached it, a bit each.
    """
    wanted = set(commits)
    tips = refs(git)
    names = sorted(tips)
    reached: dict[str, int] = {}
    for bit, name in enumerate(names):
        reached[tips[name]] = reached.get(tips[name], 0) | 1 << bit
    masks = dict.fromkeys(wanted, 0)
    if wanted and reached:
        for commit, *parents in _children_first(git, reached):
            mask = reached.pop(commit, 0)
            if commit in wanted:
                masks[commit] = mask
            for parent in parents:
                reached[parent] = reached.get(parent, 0) | mask
    return {c: tuple(n for i, n in enumerate(names) if mask >> i & 1) for c, mask in masks.items()}


def _children_first(git: Git, tips: Iterable[str]) -> Iterator[list[str]]:
    """Yield each commit and its parents; nothing where a commit is missing, since git then walks nothing."""
    request = "".join(f"{tip}\n" for tip in tips).encode()
    with git.start("rev-list", "--topo-order", "--parents", "--stdin", stdin=request) as process:
        while line := process.readline():
            yield line.decode().split()


def blobs_in_head(git: Git) -> set[str]:
    """Return the ids of the blobs in HEAD's tree. Raises `GitError`."""
    return {oid for _, oid in _head(git)}


def names_in_head(git: Git) -> set[bytes]:
    """Return the paths in HEAD's tree, those of folders too. Raises `GitError`."""
    found: set[bytes] = set()
    for path, _ in _head(git):
        while path and path not in found:
            found.add(path)
            path = path.rpartition(b"/")[0]  # noqa: PLW2901 - from the file up to its outermost folder
    return found


def _head(git: Git) -> list[tuple[bytes, str]]:
    try:
        return entries(git, "HEAD")
    except GitError as error:
        if "Not a valid object name HEAD" not in str(error):
            raise
        return []  # no commit yet
