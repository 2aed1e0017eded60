"""Finds out about one secret, once it is known which and where it came in."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tightlip.errors import GitError
from tightlip.finding import Finding, Occurrence, Report, Unscanned
from tightlip.git.attribution import commit_details, dated
from tightlip.git.objects import Object, ObjectReader
from tightlip.git.repo import commits_at
from tightlip.incident import checkouts, sought, whereabouts
from tightlip.incident.known import Author, Commit, Held, Incident, Numbered, Pushed
from tightlip.incident.whereabouts import Root, Spot, Store

if TYPE_CHECKING:
    from tightlip.git.plumbing import Git
    from tightlip.incident.checkouts import Checkout
    from tightlip.model import Secret

_STASH, _NOTES = "refs/stash", "refs/notes/"


class Inquiry:
    """What it takes to find out about a secret."""

    def __init__(
        self,
        git: Git,
        secret: Secret,
        report: Report,
        findings: Sequence[Numbered],
        seen: Sequence[Finding] = (),
    ) -> None:
        """Parameters: `findings`, those that hold the value; `seen`, what a search for the value itself found."""
        self._git, self._secret, self._report, self._findings = git, secret, report, findings
        self._all = [*seen, *(each.finding for each in findings)]
        self._places = tuple(dict.fromkeys(place for finding in self._all for place in finding.occurrences))
        self._finder = sought.scanner_for(secret)
        self._missed: list[Unscanned] = []

    def incident(self) -> Incident:
        """Find out."""
        git = self._git
        roots = whereabouts.roots(git)
        self._places += tuple(self._names(roots))
        ours = _present(git, self._places)
        spots = _spots(ours)
        tracking = _tracking(git, roots)
        known = {place.blob for place in ours if place.blob and place.part == "content"}
        with Store(git, self._finder, known) as store:
            held = [*self._in_refs(store, roots, tracking, spots), *self._in_checkouts(store, spots)]
            tips = _tips(git, roots)
            reached, formerly = self._reached(ours, roots, tracking, tips)
            taken_out = self._taken_out(store, held, tips, spots)
            last = self._last(store, held, taken_out, spots)
            tags = [place.blob for place in ours if place.part == "tag" and place.blob]
            brought = sorted([*_brought(self._places), *_tagged(git, tags)], key=lambda it: _seconds(it.date))
        made = datetime.now(timezone.utc).replace(microsecond=0)
        return Incident(
            secret=self._secret,
            findings=tuple(self._findings),
            places=self._places,
            brought=tuple(brought),
            last=last or (brought[-1] if brought else None),
            taken_out=taken_out,
            authors=_authors(brought),
            in_head=_in_head(self._all),
            reached_by=reached,
            pushed=Pushed(tuple(name for name in reached if name in tracking), formerly, _remotes(git), _is_bare(git)),
            held=tuple(held),
            through=tuple(dict.fromkeys(it.decoded_through for it in self._all if it.decoded_through)),
            inside=len(ours) < len(self._places),
            made=made.isoformat(),
            report=replace(self._report, unscanned=(*self._report.unscanned, *self._missed)),
        )

    def _names(self, roots: dict[str, Root]) -> Iterable[Occurrence]:
        """Yield refs whose name holds the value; a scan tells of these only where there is nothing else."""
        known = {place.path for place in self._places if place.part == "ref"}
        for name, root in roots.items():
            if name not in known and self._finder.holds(name.encode("utf-8", "surrogateescape")):
                yield Occurrence(name, 1, 1, 1, len(name) + 1, part="ref", blob=root.own)

    def _in_refs(
        self, store: Store, roots: dict[str, Root], tracking: frozenset[str], spots: Sequence[Spot]
    ) -> Iterable[Held]:
        """Yield HEAD and the refs in whose files the value stands, and stashes."""
        (head,) = commits_at(self._git, ["HEAD"])
        if head and (paths := store.paths_in(head, spots)):
            yield _held("head", "HEAD", paths)
        for name, root in roots.items():
            if name != _STASH and (paths := store.paths_in(root.oid, spots)):
                yield _held(_kind(name, tracking), name, paths)
        for number, (_, oid) in enumerate(whereabouts.logged(self._git, _STASH) if _STASH in roots else ()):
            commits = [oid, *store.parents_of(oid)[1:]]  # the files, the index, and what was untracked
            paths = tuple(dict.fromkeys(path for commit in commits for path in store.paths_in(commit, spots)))
            if paths:
                yield _held("stash", f"stash@{{{number}}}", paths)

    def _in_checkouts(self, store: Store, spots: Sequence[Spot]) -> Iterable[Held]:
        """Yield what the index and the files of each working tree hold."""
        every = checkouts.checkouts(self._git)
        for checkout in every:
            name = "" if checkout.is_ours else checkout.path
            if paths := self._in_index(checkout, store, spots):
                yield _held("index", name, paths)
            on_disk, missed = checkouts.on_disk(checkout, self._finder, spots, every)
            self._missed += missed
            if on_disk:
                yield _held("files", name, on_disk)

    def _in_index(self, checkout: Checkout, store: Store, spots: Sequence[Spot]) -> list[bytes]:
        try:
            return checkouts.in_index(checkout, store, spots)
        except GitError as error:
            self._missed.append(Unscanned(f"the index of {checkout.path}", str(error)))
            return []

    def _reached(
        self, places: Sequence[Occurrence], roots: dict[str, Root], tracking: frozenset[str], tips: dict[str, str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the refs that reach the value, and the remote-tracking ones that did so once."""
        commits = {place.commit for place in places if place.commit}
        objects = {place.blob for place in places if place.blob}
        once = [(name, oid) for name, oid in whereabouts.logged(self._git, "--remotes") if name in tracking]
        try:
            has = whereabouts.reaching(self._git, {*tips.values(), *(oid for _, oid in once)}, commits)
        except GitError as error:
            self._missed.append(Unscanned("which branches and tags reach it", str(error)))
            has = commits
        names = {place.path for place in places if place.part == "ref"}
        reached = {name for name, oid in tips.items() if oid in has}
        reached |= {name for name, root in roots.items() if name in names or {root.oid, root.own} & objects}
        reached.discard(_STASH)
        formerly = {name for name, oid in once if oid in has} - reached
        return tuple(sorted(reached)), tuple(sorted(formerly))

    def _taken_out(
        self, store: Store, held: Sequence[Held], tips: dict[str, str], spots: Sequence[Spot]
    ) -> Commit | None:
        if any(each.where in ("head", "branch", "remote") for each in held):
            return None
        branches = {oid for name, oid in tips.items() if not name.startswith((_STASH, _NOTES))}
        try:
            oid = store.taken_out_by(branches, spots)
        except GitError as error:
            self._missed.append(Unscanned("the commit that took it out", str(error)))
            return None
        known = _told(self._git, [oid]).get(oid)
        when = dated(self._git, [oid]) if known else []
        if known and when and when[0][1] > _seconds(known.date):
            return replace(known, date=datetime.fromtimestamp(when[0][1], timezone.utc).isoformat())
        return known

    def _last(
        self,
        store: Store,
        held: Sequence[Held],
        taken_out: Commit | None,
        spots: Sequence[Spot],
    ) -> Commit | None:
        """Return the newest commit in whose files the value stands."""
        names = [each.name for each in held if each.where in ("head", "branch", "remote")]
        commits = [oid for oid in (commits_at(self._git, names) if names else []) if oid]
        if taken_out:
            commits = [oid for oid in store.parents_of(taken_out.id) if store.paths_in(oid, spots)]
        newest = dated(self._git, commits)[-1:]
        return _told(self._git, [oid for oid, _ in newest]).get(newest[0][0]) if newest else None


def _present(git: Git, places: Sequence[Occurrence]) -> list[Occurrence]:
    """Return the places that are in this repository, and not in a submodule."""
    wanted = [place.commit or place.blob or "" for place in places]
    request = "".join(f"{oid}\n" for oid in wanted if oid).encode()
    answers = git.run("cat-file", "--batch-check=%(objectname)", stdin=request).decode().splitlines()
    there = {answer for answer in answers if " " not in answer}
    return [place for place, oid in zip(places, wanted, strict=True) if not oid or oid in there]


def _spots(places: Iterable[Occurrence]) -> list[Spot]:
    """Return the paths that ever held the value."""
    found: dict[bytes, bool] = {}
    for place in places:
        if place.part in ("content", "path") and place.path:
            path = os.fsencode(place.path)
            found[path] = found.get(path, False) or place.part == "path"
    return [Spot(*each) for each in found.items()]


def _tips(git: Git, roots: dict[str, Root]) -> dict[str, str]:
    """Return the commits that refs lead to, and HEAD's where no branch stands there."""
    tips = {name: root.oid for name, root in roots.items() if root.kind == "commit"}
    detached = not git.run("symbolic-ref", "--quiet", "HEAD", fine=(1,)).strip()
    (head,) = commits_at(git, ["HEAD"])
    return tips | ({"HEAD": head} if detached and head else {})


def _tracking(git: Git, names: Iterable[str]) -> frozenset[str]:
    """Return the refs that are copies of a remote's: below refs/remotes, or where a fetch puts them."""
    settings = git.run("config", "--null", "--get-regexp", r"^remote\..*\.fetch$", fine=(1,))
    specs = [row.partition(b"\n")[2].decode("utf-8", "surrogateescape") for row in settings.split(b"\0")[:-1]]
    globs = ["refs/remotes/*", *(spec.partition(":")[2] for spec in specs if ":" in spec)]
    safe = [glob.replace("[", "[[]").replace("?", "[?]") for glob in globs if glob]
    return frozenset(name for name in names if any(fnmatchcase(name, glob) for glob in safe))


def _remotes(git: Git) -> tuple[str, ...]:
    return tuple(git.run("remote").decode("utf-8", "surrogateescape").split("\n")[:-1])


def _is_bare(git: Git) -> bool:
    return git.run("rev-parse", "--is-bare-repository").strip() == b"true"


def _kind(name: str, tracking: frozenset[str]) -> str:
    if name in tracking:
        return "remote"
    kinds = {"refs/heads/": "branch", "refs/tags/": "tag", _NOTES: "notes"}
    return next((kind for start, kind in kinds.items() if name.startswith(start)), "ref")


def _held(where: str, name: str, paths: Iterable[bytes]) -> Held:
    return Held(where, name, tuple(os.fsdecode(path) for path in paths))


def _in_head(findings: Sequence[Finding]) -> bool | None:
    said = [finding.in_head for finding in findings]
    return True if any(said) else None if None in said else False


def _seconds(date: str) -> float:
    """Return a date as a number; what has none comes last."""
    with suppress(ValueError):
        return datetime.fromisoformat(date).timestamp()
    return float("inf")


def _brought(places: Iterable[Occurrence]) -> list[Commit]:
    """Return the commits that places came with, each once."""
    found = {
        it.commit: Commit(it.commit, it.author or "", it.email or "", it.date or "", it.message_subject or "")
        for it in places
        if it.commit
    }
    return list(found.values())


def _tagged(git: Git, oids: Iterable[str]) -> list[Commit]:
    """Return annotated tags with what they say of themselves."""
    with ObjectReader(git) as objects:
        read = [it for it in objects.read_many(dict.fromkeys(oids)) if isinstance(it, Object)]
    return [whereabouts.tag(it) for it in read]


def _told(git: Git, oids: Iterable[str]) -> dict[str, Commit]:
    """Return commits with what they say of themselves."""
    details = commit_details(git, [oid for oid in oids if oid])
    return {oid: Commit(oid, *known) for oid, known in details.items()}


def _authors(brought: Iterable[Commit]) -> tuple[Author, ...]:
    counted = Counter((commit.author, commit.email) for commit in brought)
    return tuple(Author(*who, number) for who, number in counted.most_common())
