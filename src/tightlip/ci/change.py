"""What a platform's words mean in the clone: which commits the change adds, and whether all of them are there.

A clone that ends too early would make the change look smaller, or larger, than it is. So the answer is a change only
where every commit of it and a common ancestor of both sides are there; else it is a gap, which says what is missing.
Nothing is fetched and nothing is checked out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tightlip.ci.clone import FULL, REMOTES, SHORT, Clone, Point, tracked
from tightlip.ci.said import HEADS, TAGS, Id, Kind
from tightlip.errors import UsageError
from tightlip.git.changes import Record, stream
from tightlip.git.repo import boundary, commits_at, facts, refs
from tightlip.git.store import objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.ci.said import Said
    from tightlip.git.plumbing import Git

_MOST = 2
"""How many commits a scan can be told to leave out."""
_ABSENT = "this clone does not have it"


class Change(NamedTuple):
    """What is to be scanned: the commits that `end` reaches and `starts` do not."""

    end: Point
    starts: tuple[Point, ...]
    """Two at most; nothing for all that `end` reaches."""
    commits: tuple[str, ...]
    """Parents before children."""
    notes: tuple[str, ...] = ()
    """What a person should hear of it, each in a sentence."""
    is_whole: bool = False
    """Whether it is no change but the whole repository; then `commits` are not listed."""
    is_alone: bool = False
    """Whether it is the one commit of a tag that another ref reaches as well."""

    @property
    def accepted(self) -> str:
        """The commit that was accepted before the change; where there is none, the end itself."""
        return self.starts[0].oid if self.starts else self.end.oid


class Gap(NamedTuple):
    """What a clone lacks, so that the change cannot be scanned."""

    what: str
    why: str
    fetch: str = ""
    """A command that fetches it."""
    is_partial: bool = False
    """Whether it is objects that are missing, and not commits."""


class Asked(NamedTuple):
    """What a person says in place of the platform; None where nothing is said."""

    base: str | None = None
    head: str | None = None


def understood(git: Git, said: Said, asked: Asked) -> Change | Gap:
    """Return what is to be scanned, or what is missing for that. Raises `UsageError` and `GitError`."""
    clone = Clone(git, refs(git), facts(git))
    if said.kind is Kind.PUSH and asked.base is not None and _is_id(asked.base):
        # What the branch was before, as CircleCI knows it of the pipeline: it may be gone as on any platform.
        said, asked = said._replace(bases=(Id(asked.base, "--base"),)), asked._replace(base=None)
    end = _end(clone, said, asked)
    if isinstance(end, Gap):
        return end
    _distinct(clone, end)
    if asked.base is None and said.kind is Kind.WHOLE:
        if clone.facts.shallow:
            return Gap("the beginning of the history", "this is a shallow clone", clone.fetch())
        return Change(end, (), (), is_whole=True)
    if asked.base is None and said.kind is Kind.TAG and _is_reached(clone, said.tag, end):
        return _complete(clone, said, Change(end, (), (end.oid,), is_alone=True))
    found = _starts(clone, said, asked, end)
    if isinstance(found, Gap):
        return found
    starts, notes = found
    _distinct(clone, *starts)
    listed = _commits(git, end, starts)
    if starts and not listed:
        notes = (*notes, f"{starts[0].name} has all of it already: no commit is new")
    return _complete(clone, said, Change(end, starts, listed, notes))


def _distinct(clone: Clone, *points: Point) -> None:
    """Raise `UsageError` where a branch is named like the id of a commit, and is what git would take the id for."""
    if any(f"{HEADS}{it.oid}" in clone.refs for it in points):
        raise UsageError(f"{clone.git.where or '.'}: there is a branch that is named like a commit's id; rename it")


def _end(clone: Clone, said: Said, asked: Asked) -> Point | Gap:
    if asked.head is not None:
        return clone.named(asked.head, "--head") or _absent(clone, "--head", asked.head)
    if said.kind is Kind.TAG and f"{TAGS}{said.tag}" in clone.refs:
        return Point(clone.refs[f"{TAGS}{said.tag}"], said.tag, f"{TAGS}{said.tag}")
    found = clone.there(said.heads)
    if not said.heads:
        oid = commits_at(clone.git, ["HEAD"])[0]
        found = [Point(oid, oid[:SHORT], "HEAD")] if oid else []
    if found:
        return found[0]._replace(name=said.branch or said.tag or found[0].name)
    named = next((f" ({it.oid[:SHORT]})" for it in said.heads), "")
    specs = [said.kept] if said.kept else [it.oid for it in said.heads if len(it.oid) in FULL][:1]
    return Gap(f"the commit to scan{named}", _ABSENT, clone.fetch(*specs, *tracked(said.target)))


def _absent(clone: Clone, option: str, text: str) -> Gap:
    """Return that a commit is not there. Raises `UsageError` where it is likelier that there is no such thing."""
    is_id = _is_id(text)
    if not clone.facts.shallow and not is_id:
        raise UsageError(
            f"{option}: there is no branch, tag or commit '{text}' here; `git branch --all` lists branches, and "
            "`git fetch` brings more"
        )
    named = f" ({text[:SHORT]})" if is_id else ""
    return Gap(f"the commit of {option}{named}", _ABSENT, clone.fetch(*([text] if is_id else [])))


def _is_id(text: str) -> bool:
    return len(text) in FULL and not text.strip("0123456789abcdef")


def _starts(clone: Clone, said: Said, asked: Asked, end: Point) -> tuple[tuple[Point, ...], tuple[str, ...]] | Gap:
    """Return what the change is compared with, and what is to be told of that."""
    if asked.base is not None:
        base = clone.named(asked.base, "--base")
        return ((base,), ()) if base else _absent(clone, "--base", asked.base)
    found = clone.there(said.bases)
    if said.kind is Kind.REQUEST:
        return _of_request(clone, said, found, end)
    default = _other_default(clone, said, end)
    notes = _about(said, found, default)
    return _fewest(clone, [*found, *default], end), notes


def _of_request(
    clone: Clone, said: Said, named: list[Point], end: Point
) -> tuple[tuple[Point, ...], tuple[str, ...]] | Gap:
    """Return what a request is compared with. Parameters: `named`, what of that the platform names and the clone has.

    A target that has the request already says nothing where the platform names a commit and the clone has none of them:
    in the clone of a fork, the fork's own branch has the target's name.
    """
    target = clone.branch(said.target, "the target of the request")
    found = [*named, *([target] if target else []), *_other_parent(clone, end)]
    if all(clone.reaches(it.oid, end.oid) for it in found):
        otherwise = clone.there(said.otherwise)
        is_named = bool(said.bases or said.otherwise)
        if not (named or otherwise) and (is_named or not found):
            return _without_target(clone, said)
        found = [*otherwise, *found]
    return _fewest(clone, [it._replace(name=said.target or it.name) for it in found], end), ()


def _other_default(clone: Clone, said: Said, end: Point) -> list[Point]:
    """Return the default branch, unless it is what was pushed. A branch without a ref may be it by another name."""
    default = clone.default(said)
    if default is None or default.name == said.branch:
        return []
    is_known = clone.branch(said.branch, "") is not None
    return [default] if is_known or not clone.reaches(default.oid, end.oid) else []


def _about(said: Said, found: Sequence[Point], default: Sequence[Point]) -> tuple[str, ...]:
    """Return a word on a push whose former end is gone."""
    if not said.bases or found:
        return ()
    instead = f"compared with {default[0].name}" if default else "all of it is scanned"
    return (f"what the branch was before ({said.bases[0].oid[:SHORT]}) is gone, as after a forced push: {instead}",)


def _without_target(clone: Clone, said: Said) -> Gap:
    specs = tracked(said.target)
    return Gap(f"the target of the request{f' ({said.target})' if specs else ''}", _ABSENT, clone.fetch(*specs))


def _other_parent(clone: Clone, end: Point) -> list[Point]:
    """Return the other side of what is checked out, where that is a merge of the head by the platform."""
    head = clone.git.run("rev-list", "--parents", "--max-count=1", "HEAD", "--", fine=(128,)).decode().split()
    commit, parents = head[:1], head[1:]
    if commit == [end.oid] or len(parents) != 2 or end.oid not in parents:
        return []
    other = parents[parents[0] == end.oid]
    return [Point(other, other[:SHORT], "the other parent of HEAD")]


def _fewest(clone: Clone, found: Sequence[Point], end: Point) -> tuple[Point, ...]:
    """Return those that say something beside the others. One that has the end already counts only if all have.

    It has when the job is run again after a merge, and then what was to be merged is to be found all the same.
    """
    several = {it.oid: it for it in reversed(found)}
    before = [it for it in reversed(several.values()) if not clone.reaches(it.oid, end.oid)]
    kept = before or list(found[:1])
    if len(kept) > 1:
        independent = clone.git.run("merge-base", "--independent", *(it.oid for it in kept)).decode().split()
        kept = [it for it in kept if it.oid in independent]
    return tuple(kept[:_MOST])


def _is_reached(clone: Clone, tag: str, end: Point) -> bool:
    """Whether a branch or another tag reaches what a tag is on. Of a tag without a name that is not known.

    A tag on the same commit does not count: pushed together, each would leave what they bring to the other.
    """
    if not tag:
        return False
    branches = {
        oid for ref, oid in clone.refs.items() if ref.startswith((HEADS, REMOTES)) and not ref.endswith(f"/{tag}")
    }
    tags = {oid for ref, oid in clone.refs.items() if ref.startswith(TAGS) and oid != end.oid}
    request = "".join(f"^{oid}\n" for oid in branches | tags)
    asked = f"{end.oid}\n{request}".encode()
    return not clone.git.run("rev-list", "--max-count=1", "--stdin", stdin=asked).strip()


def _commits(git: Git, end: Point, starts: Sequence[Point]) -> tuple[str, ...]:
    request = "".join(f"{oid}\n" for oid in (end.oid, *(f"^{it.oid}" for it in starts))).encode()
    return tuple(git.run("rev-list", "--topo-order", "--reverse", "--stdin", stdin=request).decode().split())


def _complete(clone: Clone, said: Said, change: Change) -> Change | Gap:
    """Return the change, or what of it is not there.

    A shallow clone ends at commits whose parents git does not see. One within the change hides what is before it; and
    without a common ancestor nobody knows where the change begins: the commits listed may be those of the target.
    """
    if clone.facts.shallow:
        fetch = clone.fetch(*tracked(said.target))
        if not boundary(clone.git).isdisjoint(change.commits):
            return Gap("a part of the change", "this is a shallow clone that ends within it", fetch)
        pairs = [(change.end.oid, it.oid) for it in change.starts]
        if pairs and not any(clone.git.run("merge-base", *pair, fine=(1,)).strip() for pair in pairs):
            return Gap("where the change begins", "this is a shallow clone that does not reach back to that", fetch)
    if clone.facts.partial and (left := _left_at_remote(clone, change.commits)):
        return left_out(f"{left} of the change's files")
    return change


def left_out(what: str) -> Gap:
    """Return what is missing of a partial clone."""
    return Gap(
        what, "this is a partial clone that left it at its remote", "git fetch --refetch --no-filter", is_partial=True
    )


def _left_at_remote(clone: Clone, commits: Sequence[str]) -> int:
    """Return how many of the blobs that commits bring are not there."""
    there = {listed.oid for listed in objects(clone.git, (), clone.facts)}
    records = stream(clone.git, "".join(f"{oid}\n" for oid in commits).encode())
    brought = (it.change() for it in records if isinstance(it, Record) and it.meta)
    return len({it.oid for it in brought if it and it.oid} - there)
