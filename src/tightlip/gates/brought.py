"""What a push brings to the other side: its commits and what they put where, its tags, and the names of its refs."""

from __future__ import annotations

import os

from tightlip.gates.versions import Versions
from tightlip.git.changes import Record, stream
from tightlip.git.objects import Object, ObjectReader
from tightlip.model import Blob, Value
from tightlip.sops import concern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tightlip.collect import Found, Group
    from tightlip.finding import Finding, Occurrence
    from tightlip.git.attribution import CommitDetails
    from tightlip.git.changes import HistoryChange
    from tightlip.git.plumbing import Git
    from tightlip.policy import Policy
    from tightlip.tally import Tally

_KINDS = "--batch-check=%(objecttype) %(objectname)"
_PARTS = {"blob": "content", "commit": "commit", "tag": "tag"}


class Ref(Value):
    """A ref that is pushed.

    Parameters: `name`, what the other side calls it, in full; empty where nobody says; `new`, the object that it is to
    lead to.
    """

    __slots__ = ("name", "new")

    def __init__(self, name: str, new: str) -> None:
        self.name, self.new = name, new


class Brought(Value):
    """What the other side has not got yet.

    Parameters: `commits`, parents before children; `tags`, annotated ones that are pushed, and those that they are tags
    of; `files`, paths and blobs that a ref leads to without a commit, as a tag of a file does.
    """

    __slots__ = ("commits", "files", "refs", "tags")

    def __init__(
        self,
        refs: tuple[Ref, ...],
        commits: tuple[str, ...],
        tags: tuple[str, ...],
        files: tuple[tuple[bytes, str], ...] = (),
    ) -> None:
        self.refs, self.commits, self.tags, self.files = refs, commits, tags, files


def brought(git: Git, refs: Sequence[Ref], known: Iterable[str], *patterns: str) -> Brought:
    """Return what the other side has not got yet.

    Parameters: `known`, ids of what it has, of which some may be missing here; `patterns`, the refs that say what it
    has, as options of `git rev-list`: `--all`, `--remotes=NAME`. Raises `GitError`.
    """
    tips, there = {ref.new for ref in refs}, set(known)
    kinds = _kinds(git, tips | there)
    tags, leaves = _leaves(git, {oid: kind for oid, kind in kinds.items() if oid in tips})
    heads = [oid for oid, kind in leaves.items() if kind == "commit"]
    left_out = [f"^{oid}" for oid, kind in kinds.items() if oid in there and kind in ("commit", "tag")]
    commits = _commits(git, [*heads, *left_out], patterns) if heads else ()
    files = [(b"", oid) for oid, kind in leaves.items() if kind == "blob"]
    for oid in (oid for oid, kind in leaves.items() if kind == "tree"):
        files += _entries(git, oid)
    return Brought(tuple(refs), commits, tags, tuple(files))


def scan(git: Git, tally: Tally, push: Brought, policy: Policy | None) -> None:
    """Scan it all. Raises `GitError`.

    Parameters: `policy`, what says which files may stay: such a one need not be readable either.
    """
    for ref in push.refs:
        name = ref.name.encode("utf-8", "surrogateescape")
        tally.scan(Blob(name, name, ref.new, "ref"))
    with ObjectReader(git, limit=tally.scanner.limit) as reader:
        reader.start()  # it is ready by the time that it is needed
        paths, before = _versions(git, tally, push)
        versions = Versions(tally, reader, before)
        for found in reader.read_many([*push.commits, *push.tags, *paths]):
            at = paths.get(found.oid, [b""])
            if isinstance(found, Object):
                for path in at:
                    versions.add(Blob(found.data, path, found.oid, _PARTS[found.kind]))
            elif not (policy and all(map(policy.leaves_out, at))):
                tally.miss(os.fsdecode(at[0]) or f"object {found.oid}", str(found))
        versions.finish()
    _judge_files(git, tally, push, paths)


def _judge_files(git: Git, tally: Tally, push: Brought, paths: dict[str, list[bytes]]) -> None:
    """Judge what must be encrypted, where anything must."""
    if concern.in_history(git, ((path, oid) for oid, at in paths.items() for path in at), push.commits):
        from tightlip.sops import past

        past.scan(git, tally, stream(git, _lines(push.commits)), is_whole=False)


def _versions(git: Git, tally: Tally, push: Brought) -> tuple[dict[str, list[bytes]], dict[str, list[str]]]:
    """Scan the names of files, and return the paths of each content, and what each takes the place of where it does."""
    paths: dict[str, list[bytes]] = {}
    before: dict[str, list[str]] = {}
    names = set[bytes]()
    for path, oid, old in _changes(git, tally, push):
        if path and path not in names:
            names.add(path)
            tally.scan(Blob(path, path, oid, "path"))
        if oid and (oid not in paths or (path not in paths[oid] and tally.scanner.looks_at(path))):
            paths.setdefault(oid, []).append(path)
        before.setdefault(oid, []).append(old)
    return paths, {oid: old for oid, old in before.items() if all(old)}


def findings(git: Git, tally: Tally, push: Brought) -> list[Finding]:
    """Return each secret that the push brings, with its places, the first of them first; `in_head` of the pushed refs.

    What a commit changed or removed may have held a secret before: then the commit does not bring it.
    """
    if not tally.found:
        return []
    from tightlip.before import held_before
    from tightlip.collect import finding, grouped
    from tightlip.git.attribution import changes_in, commit_details

    groups = grouped(tally.found)
    found = [item for items in groups.values() for item in items]
    oids, paths = {it.oid for it in found if it.part == "content"}, {it.path for it in found if it.part == "path"}
    changes = list(changes_in(stream(git, _lines(push.commits)), oids, paths))
    commits = {change.commit for change in changes}
    held = held_before(git, tally.scanner, commits, stream(git, _lines(commits)))
    details = commit_details(git, commits | {it.oid for it in found if it.part == "commit"})
    standing = _standing(git, push)
    made = []
    for group, items in groups.items():
        places = list(_places(items, group, changes, held, push))
        if places:
            where = [_occurrence(found, commit, details) for found, commit in places]
            made.append(finding(items, where, in_head=any(map(standing.has, items))))
    return made


def _leaves(git: Git, kinds: dict[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the annotated tags among some objects, and what is left behind them, with its kind."""
    tags, leaves = dict[str, None](), dict[str, str]()
    with ObjectReader(git) as reader:
        while kinds:
            outer = [oid for oid, kind in kinds.items() if kind == "tag" and oid not in tags]
            leaves |= {oid: kind for oid, kind in kinds.items() if kind != "tag"}
            tags |= dict.fromkeys(outer)
            read = [tag for tag in reader.read_many(outer) if isinstance(tag, Object)]
            kinds = dict(found for tag in read for found in _of_a_tag(tag.data))
    return tuple(tags), leaves


def _of_a_tag(data: bytes) -> Iterator[tuple[str, str]]:
    """Yield what a tag is of, and its kind; nothing for one that is not as git writes it."""
    first, second, *_ = *data.split(b"\n", 2), b""
    if first.startswith(b"object ") and second.startswith(b"type "):
        yield first[7:].decode("ascii", "replace"), second[5:].decode("ascii", "replace")


def _kinds(git: Git, oids: Iterable[str]) -> dict[str, str]:
    """Return the kinds of objects; those that are not there are left out."""
    request = _lines(sorted(oids))
    answers = git.run("cat-file", _KINDS, stdin=request).decode().splitlines() if request else []
    told = [answer.split(" ") for answer in answers if not answer.endswith(" missing")]
    return {oid: kind for kind, oid in told}


def _commits(git: Git, request: Sequence[str], patterns: Sequence[str]) -> tuple[str, ...]:
    without = ("--not", *patterns) if patterns else ()
    listed = git.run("rev-list", "--topo-order", "--reverse", "--stdin", *without, stdin=_lines(request))
    return tuple(listed.decode().split())


def _changes(git: Git, tally: Tally, push: Brought) -> Iterator[tuple[bytes, str, str]]:
    """Yield the paths that the commits write to, what they put there (nothing for a submodule), and what was there."""
    for record in stream(git, _lines(push.commits)):
        if not isinstance(record, Record):
            tally.unscanned.append(record)
        elif change := record.change():
            yield change.path, change.oid, change.old_oids[0] if change.old_oids else ""
    yield from ((path, oid, "") for path, oid in push.files)


def _places(
    items: Sequence[Found],
    group: Group,
    changes: Sequence[HistoryChange],
    held: dict[str, set[Group]],
    push: Brought,
) -> Iterator[tuple[Found, str]]:
    """Yield where a secret is, and the commit that brought it there if one did, parents before children."""
    for change in changes:
        for item in _at(items, change):
            if item.part == "path" or group not in held[change.commit]:
                yield item._replace(path=change.path), change.commit
    alone = {oid for _, oid in push.files}
    for item in items:
        if item.part in ("tag", "ref", "commit"):
            yield item, item.oid if item.part == "commit" else ""
        elif item.oid in alone:
            yield item, ""


def _at(items: Iterable[Found], change: HistoryChange) -> Iterator[Found]:
    """Yield the matches that a change brings, each position once."""
    seen = set[tuple[str, int, int]]()
    for item in items:
        match = item.match
        if item.part == "path":
            fits = item.path == change.path and not change.old_oids
        else:
            fits = item.part == "content" and item.oid == change.oid and item.path in (change.path, *_any(item))
        if fits and (item.part, match.start, match.end) not in seen:
            seen.add((item.part, match.start, match.end))
            yield item


def _any(item: Found) -> tuple[bytes, ...]:
    """Return the path itself for a rule that does not go by paths: it may then be any."""
    return () if item.match.rule.path or item.match.rule.is_of_files else (item.path,)


class _Standing:
    """What the pushed refs hold at the end of the push, where they lead to new commits."""

    def __init__(self, paths: set[bytes], oids: set[str]) -> None:
        self.paths, self.oids = paths, oids

    def has(self, item: Found) -> bool:
        """Whether a match is still there; what a message or a name holds always is."""
        if item.part == "content":
            return item.oid in self.oids
        return item.part != "path" or item.path in self.paths


def _standing(git: Git, push: Brought) -> _Standing:
    commits = set(push.commits)
    _, leaves = _leaves(git, _kinds(git, {ref.new for ref in push.refs}))
    held = [entry for tip in leaves if tip in commits for entry in _entries(git, tip)] + list(push.files)
    return _Standing({path for path, _ in held}, {oid for _, oid in held})


def _entries(git: Git, tree: str) -> Iterable[tuple[bytes, str]]:
    from tightlip.git.repo import entries

    return entries(git, tree)


def _occurrence(found: Found, commit: str, details: dict[str, CommitDetails]) -> Occurrence:
    from tightlip.collect import place

    known = details.get(commit)
    return place(
        found,
        commit=commit or None,
        author=known.author if known else None,
        email=known.email if known else None,
        date=known.date if known else None,
        message_subject=known.subject if known else None,
    )


def _lines(oids: Iterable[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()
