"""Which part of a history is scanned, and what that means in one repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import GitError, UsageError
from tightlip.git.repo import resolve
from tightlip.git.since import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.git.plumbing import Git
    from tightlip.git.repo import Facts

FETCH_MORE = (
    "fetch more of the history first: `git fetch --unshallow`, `fetch-depth: 0` for actions/checkout, or GIT_DEPTH: 0 "
    "on GitLab"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which part of a history is scanned: by default every object of the store, whatever reaches it.

    Raises `UsageError` for what cannot be meant together.
    """

    branches: tuple[str, ...] = ()
    """Only what these branches, tags or other revisions reach."""
    ranges: tuple[str, ...] = ()
    """Only the commits of `A..B` (what B reaches and A does not), or `A...B` (what one of them reaches)."""
    since: str | None = None
    """Only commits that this revision does not reach, or that are not older than this date."""
    max_count: int | None = None
    """Only so many commits, the newest."""
    paths: tuple[str, ...] = ()
    """Only what a commit brought to a path that matches one of these globs (`gitglossary`, pathspec, magic `glob`)."""
    reachable_only: bool = False
    """Only what refs reach."""
    base: str | None = None
    """Only what a merge of `head` into this revision would add: `merge-base(base, head)..head`."""
    head: str | None = None
    """See `base`; HEAD where it is None."""

    def __post_init__(self) -> None:
        for first, second in (("base", "branches"), ("base", "ranges"), ("base", "since"), ("ranges", "branches")):
            if getattr(self, first) and getattr(self, second):
                raise UsageError(f"{_NAMES[first]} and {_NAMES[second]} exclude each other: give one of them")
        if self.head is not None and self.base is None:
            raise UsageError("a head is compared with a base: give that as well (--base)")
        if self.max_count is not None and self.max_count < 1:
            raise UsageError(f"{self.max_count} commits are none: give a number from 1 on (--max-count)")
        for glob in self.paths:
            _check(glob)

    @property
    def is_whole(self) -> bool:
        """Whether this is every object of the store."""
        return self == Scope()

    @property
    def is_closed(self) -> bool:
        """Whether it holds, with each commit, all that the commit reaches."""
        return self == Scope(branches=self.branches, reachable_only=self.reachable_only)

    @property
    def pathspecs(self) -> tuple[str, ...]:
        """The paths as git takes them, counted from the top of the repository and free of other magic."""
        return tuple(f":(top,glob){glob}" for glob in self.paths)


_NAMES = {"base": "a base (--base)", "branches": "a branch (--branch)", "ranges": "a range (A..B)"}
_NAMES["since"] = "a beginning (--since)"


def _check(glob: str) -> None:
    """Refuse what matches no path of a repository, or what git cannot be given."""
    if not glob or "\0" in glob:
        raise UsageError(f"{glob!r} is no path; leave the paths out to scan every one")
    if glob.startswith("/") or ".." in glob.split("/"):
        raise UsageError(f"{glob!r} matches nothing: paths are counted from the top of the repository, as src/**/*.env")


class Walk(NamedTuple):
    """Commits, all by their ids: what `tips` reach and `left_out` do not. Without tips: of all that there are."""

    tips: tuple[str, ...]
    left_out: tuple[str, ...] = ()


class Extent(NamedTuple):
    """What a scope means in one repository."""

    scope: Scope
    walks: tuple[Walk, ...]
    after: int = 0
    """Leave out commits that are older than this, in seconds since 1970."""


def extent(git: Git, scope: Scope, facts: Facts) -> Extent:
    """Look up the revisions of a scope. Raises `UsageError` for one that does not exist, and `GitError`."""
    revision, after = _since(git, scope.since)
    if scope.base is not None:
        walks = [_request(git, scope.base, "HEAD" if scope.head is None else scope.head, facts)]
    elif scope.ranges:
        walks = [_range(git, text) for text in scope.ranges]
    else:
        walks = [Walk(tuple(resolve(git, scope.branches)))]
    return Extent(scope, tuple(Walk(walk.tips, walk.left_out + revision) for walk in walks), after)


def _since(git: Git, text: str | None) -> tuple[tuple[str, ...], int]:
    """Return the commit or the time that a text stands for."""
    if text is None:
        return (), 0
    try:
        return tuple(resolve(git, [text])), 0
    except UsageError:
        when = moment(git, text)
        if when is None:
            raise UsageError(
                f"{git.where or '.'}: there is no branch, tag or commit {text!r}, and git knows no such date either; a "
                "date is 2026-01-31 or '2 weeks ago'"
            ) from None
    return (), when


def _range(git: Git, text: str) -> Walk:
    dots = "..." if "..." in text else ".."
    left, found, right = text.partition(dots)
    if not found:
        raise UsageError(f"{text!r} is no range of commits; one is A..B")
    old, new = resolve(git, [left or "HEAD", right or "HEAD"])
    if dots == "..":
        return Walk((new,), (old,))
    return Walk((old, new), tuple(_merge_bases(git, old, new)))


def _request(git: Git, base: str, head: str, facts: Facts) -> Walk:
    try:
        old, new = resolve(git, [base, head])
    except UsageError as error:
        raise UsageError(f"{error}; in CI, {FETCH_MORE}") from None
    common = _merge_bases(git, old, new)
    if not common:
        why = "this is a shallow clone" if facts.shallow else "their histories have nothing in common here"
        raise GitError(f"{git.where or '.'}: {base} and {head} have no merge base, {why}; {FETCH_MORE}")
    return Walk((new,), tuple(common))


def _merge_bases(git: Git, one: str, other: str) -> Sequence[str]:
    return git.run("merge-base", "--all", one, other, fine=(1,)).decode().split()
