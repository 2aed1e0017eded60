"""What is in the clone of a job: the commits that a platform or a person names, and how more of it is fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tightlip.ci.said import HEADS
from tightlip.errors import UsageError
from tightlip.git.repo import commits_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tightlip.ci.said import Id, Said
    from tightlip.git.plumbing import Git
    from tightlip.git.repo import Facts

REMOTES, _ORIGIN = "refs/remotes/", "refs/remotes/origin/"
SHORT = 10
"""Digits that stand for a commit."""
FULL = (40, 64)
"""Digits of an id, by either of git's hashes."""
_ORIGIN_HEAD = f"{_ORIGIN}HEAD"
_USUAL = ("main", "master")
_PLAIN = re.compile(r"[\w.][\w./-]*", re.ASCII)
"""Names that may be part of a command that somebody copies."""


class Point(NamedTuple):
    """A commit that is there."""

    oid: str
    name: str
    """A branch, or the beginning of the id."""
    of: str
    """Who says so."""


class Clone(NamedTuple):
    """A clone."""

    git: Git
    refs: dict[str, str]
    """Commits by the full names of refs: what a platform calls a branch is looked for here, and never given to git."""
    facts: Facts

    def branch(self, name: str, of: str) -> Point | None:
        """Return the tip of a branch, as the remote has it if that is known."""
        for ref in (f"{_ORIGIN}{name}", *self._elsewhere(name), f"{HEADS}{name}") if name else ():
            if ref in self.refs:
                return Point(self.refs[ref], name, of)
        return None

    def default(self, said: Said) -> Point | None:
        """Return the tip of the default branch: as the platform, the clone or else custom names it."""
        if said.default:
            return self.branch(said.default, "the default branch")
        if _ORIGIN_HEAD in self.refs:
            name = self.git.run("symbolic-ref", "--quiet", _ORIGIN_HEAD, fine=(1,)).decode("utf-8", "replace").strip()
            return Point(self.refs[_ORIGIN_HEAD], name.removeprefix(_ORIGIN), f"the default branch, by {_ORIGIN_HEAD}")
        usual = [it for name in _USUAL if (it := self.branch(name, "taken for the default branch"))]
        return usual[0] if len(usual) == 1 else None

    def there(self, ids: Iterable[Id]) -> list[Point]:
        """Return those of some commits that the clone has."""
        wanted = list(ids)
        found = zip(wanted, commits_at(self.git, [it.oid for it in wanted]) if wanted else [], strict=True)
        return [Point(oid, oid[:SHORT], it.of) for it, oid in found if oid.startswith(it.oid) or _peeled(it, oid)]

    def named(self, text: str, of: str) -> Point | None:
        """Return the commit of a revision that a person names, in git's own words or as a branch of the remote."""
        if "\n" in text or "\0" in text:
            raise UsageError(f"{of}: no branch, tag or commit has a name of several lines")
        oid = next(filter(None, commits_at(self.git, [f"{HEADS}{text}", text])), "")
        if not oid:
            return self.branch(text, of)
        return Point(oid, oid[:SHORT] if oid.startswith(text[:SHORT].lower()) else text, of)

    def reaches(self, one: str, other: str) -> bool:
        """Whether a commit is another, or a descendant of it."""
        with self.git.start("merge-base", "--is-ancestor", other, one, stdin=b"") as process:
            return process.finish(1) == 0

    def fetch(self, *specs: str) -> str:
        """Return the command that fetches something, and what a shallow clone lacks; nothing for nothing to fetch."""
        command = [
            *(["--unshallow"] if self.facts.shallow else []),
            *(["--no-tags", "origin", *specs] if specs else []),
        ]
        return " ".join(("git", "fetch", *command)) if command else ""

    def _elsewhere(self, name: str) -> list[str]:
        """Return the refs of remotes that are not called origin; a remote's name has no slash but by intent."""
        return [ref for ref in self.refs if ref.startswith(REMOTES) and ref.split("/", 3)[3:] == [name]]


def tracked(branch: str) -> list[str]:
    """Return what fetches a branch to where `Clone.branch` finds it; nothing for a name that nobody should copy."""
    return [f"+{HEADS}{branch}:{_ORIGIN}{branch}"] if _PLAIN.fullmatch(branch) else []


def _peeled(named: Id, oid: str) -> bool:
    """Whether a full id is that of an annotated tag on a commit."""
    return bool(oid) and len(named.oid) in FULL
