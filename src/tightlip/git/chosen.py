"""The commits and tags of a scope that ends somewhere: at other commits, at a date, at a number, at some paths."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import GitError
from tightlip.finding import Unscanned
from tightlip.git import gaps, store
from tightlip.git.attribution import dated
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.repo import boundary, commits_at, tags
from tightlip.git.scope import FETCH_MORE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from tightlip.git.plumbing import Git
    from tightlip.git.repo import Facts
    from tightlip.git.scope import Extent, Walk

_OF_A_TAG = re.compile(rb"object ([0-9a-f]+)\ntype tag\n")


class Chosen(NamedTuple):
    """The commits of a scope, parents before children, and the annotated tags on them."""

    commits: list[str]
    tags: list[str]
    troubles: list[Unscanned]


class _Stock(NamedTuple):
    """The commits and tags that a scope may choose from where no tips are named."""

    commits: list[str]
    tags: list[str]


def choose(git: Git, extent: Extent, facts: Facts) -> Chosen:
    """Return what a scope chooses. Raises `GitError` where the base of a request is out of a shallow clone's reach."""
    troubles: list[Unscanned] = []
    stock = _stock(git, extent, facts, troubles)
    listed = [item for walk in extent.walks for item in _walked(git, walk, stock, troubles)]
    newest = dict(listed) if len(extent.walks) == 1 else dict(sorted(listed, key=lambda item: -item[1]))
    commits = [oid for oid, seconds in newest.items() if seconds >= extent.after][: extent.scope.max_count]
    if facts.shallow and not boundary(git).isdisjoint(commits):
        if extent.scope.base is not None:
            raise GitError(
                f"{git.where or '.'}: this is a shallow clone that ends before the merge base of {extent.scope.base} "
                f"and {extent.scope.head or 'HEAD'}; {FETCH_MORE}"
            )
        troubles += gaps.shallow(facts)
    return Chosen(commits[::-1], tags_on(git, set(commits), stock.tags if stock else None), troubles)


def tags_on(git: Git, commits: Collection[str], every: Iterable[str] | None = None) -> list[str]:
    """Return the annotated tags that lead to one of `commits`: of `every` tag, or of those that refs lead to."""
    found = dict.fromkeys(_with_inner(git, tags(git)) if every is None else every)
    return [tag for tag, commit in zip(found, commits_at(git, found), strict=True) if commit in commits]


def _with_inner(git: Git, outer: Sequence[str]) -> Iterator[str]:
    """Yield tags, and the tags that they are tags of."""
    with ObjectReader(git) as reader:
        while outer:
            yield from outer
            read = [_OF_A_TAG.match(tag.data) for tag in reader.read_many(outer) if isinstance(tag, Object)]
            outer = [match[1].decode() for match in read if match]


def _stock(git: Git, extent: Extent, facts: Facts, troubles: list[Unscanned]) -> _Stock | None:
    """Return what is in the store, where a scope takes that for its beginning."""
    if extent.scope.reachable_only or any(walk.tips for walk in extent.walks):
        return None
    stock = _Stock([], [])
    kinds = {"commit": stock.commits, "tag": stock.tags}
    for listed in store.objects(git, (), facts, troubles):
        if listed.kind in kinds:
            kinds[listed.kind].append(listed.oid)
    with git.start("rev-list", "--max-count=1", "--all", stdin=b"") as process:  # it complains of a ref to nowhere
        try:
            process.finish()
        except GitError as error:
            troubles.append(Unscanned("objects that the refs reach", str(error)))
        troubles += gaps.complaints(process)
    return stock


def _walked(git: Git, walk: Walk, stock: _Stock | None, troubles: list[Unscanned]) -> Sequence[tuple[str, int]]:
    """Return the commits of a walk and their times, newest first and children before parents."""
    try:
        return _rev_list(git, stock.commits if stock and not walk.tips else walk.tips, walk.left_out)
    except GitError as error:
        if stock is None:
            troubles.append(Unscanned("a part of the history", str(error)))
            return []
    return _piecemeal(git, walk, stock, troubles)


def _piecemeal(git: Git, walk: Walk, stock: _Stock, troubles: list[Unscanned]) -> Sequence[tuple[str, int]]:
    """Return the same of a store in which a commit is missing: what refs reach, and besides, by date, all the rest.

    What nothing reaches may well have lost its ancestors, and then git does not walk at all.
    """
    try:
        named, known = _rev_list(git, (), walk.left_out), _rev_list(git, (), ())
    except GitError as error:
        troubles.append(Unscanned("the order of the history", str(error)))
        named, known = [], []
    lost = set(stock.commits) - {oid for oid, _ in known}
    return [*named, *reversed(dated(git, lost))]


def _rev_list(git: Git, tips: Sequence[str], left_out: Iterable[str]) -> list[tuple[str, int]]:
    """Return commits; without tips, those that refs reach, and HEAD."""
    request = "".join(f"{oid}\n" for oid in (*tips, *(f"^{oid}" for oid in left_out))).encode()
    named = () if tips else ("--all",)
    lines = git.run("rev-list", "--date-order", "--timestamp", *named, "--stdin", stdin=request).decode().splitlines()
    return [(oid, int(seconds)) for seconds, _, oid in (line.partition(" ") for line in lines)]
