"""What is new, what is fixed, and what has moved between two reports, by fingerprint.

What the second scan did not look at is not called fixed.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip.finding import prepare_fingerprints
from tightlip.report.levels import most_urgent_first, places
from tightlip.report.style import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from tightlip.finding import Finding, Occurrence, Report

_SCANS = {"files": "files", "text": "a text", "staged": "what was staged", "history": "a history"}


class Side(NamedTuple):
    """One of the two reports."""

    name: str
    """The file, as a person calls it."""
    report: Report


class Kept(NamedTuple):
    """A secret that both reports have."""

    finding: Finding
    """As the second report has it."""
    moved: tuple[tuple[Occurrence, Occurrence], ...] = ()
    """From where to where."""
    more: tuple[Occurrence, ...] = ()
    gone: tuple[Occurrence, ...] = ()
    head: bool | None = None
    """False where HEAD has it no more, True where HEAD has it again, None where nothing has changed there."""

    @property
    def changed(self) -> bool:
        """Whether anything is told of it."""
        return bool(self.moved or self.more or self.gone) or self.head is not None


class Difference(NamedTuple):
    """What has changed from an old report to a new one; each most urgent first."""

    old: Side
    new: Side
    found: tuple[Finding, ...]
    """What only the new one has."""
    fixed: tuple[Finding, ...]
    """What only the old one has."""
    unseen: tuple[Finding, ...]
    """What only the old one has, and where it was the new scan did not look."""
    kept: tuple[Kept, ...]
    notes: tuple[str, ...]
    """What a person has to know to read it right, each in a sentence."""

    @property
    def moved(self) -> tuple[Kept, ...]:
        """What both have, in other places."""
        return tuple(kept for kept in self.kept if kept.changed)

    def telling(self, *findings: Finding) -> Report:
        """Return a report of some findings that knows the values of all of them, for whoever hides values."""
        every = (*self.old.report.findings, *self.new.report.findings)
        return replace(self.new.report, findings=findings, known=every, notes=self.notes)


def compare(old: Side, new: Side) -> Difference:
    """Return what has changed."""
    prepare_fingerprints((*old.report.findings, *new.report.findings))
    before, after = _by_fingerprint(old.report.findings), _by_fingerprint(new.report.findings)
    gone = most_urgent_first(finding for name, finding in before.items() if name not in after)
    missed = {_local(what, new.report) for what, _ in new.report.unscanned}
    seen = [not _is_unseen(finding, old.report, new.report, missed) for finding in gone]
    both = most_urgent_first(finding for name, finding in after.items() if name in before)
    return Difference(
        old=old,
        new=new,
        found=tuple(most_urgent_first(finding for name, finding in after.items() if name not in before)),
        fixed=tuple(finding for finding, looked in zip(gone, seen, strict=True) if looked),
        unseen=tuple(finding for finding, looked in zip(gone, seen, strict=True) if not looked),
        kept=tuple(_kept(before[it.fingerprint], it, old.report, new.report) for it in both),
        notes=tuple(_notes(old, new)),
    )


def _by_fingerprint(findings: Iterable[Finding]) -> dict[str, Finding]:
    """Return the findings, each once: a submodule may hold what its repository holds."""
    found: dict[str, Finding] = {}
    for finding in findings:
        name = finding.fingerprint
        if name in found:
            finding = replace(finding, occurrences=(*found[name].occurrences, *finding.occurrences))  # noqa: PLW2901
        found[name] = finding
    return found


def _is_unseen(finding: Finding, old: Report, new: Report, missed: AbstractSet[str]) -> bool:
    """Whether a scan that did not find something may not have looked there.

    Parameters: `missed`, the paths that it could not read.
    """
    if old.kind != new.kind:
        return True
    if new.complete:
        return False
    if new.kind not in ("files", "staged"):
        return True  # an object that is missing may be any version of any file
    paths = (_local(place.path, old) for place in finding.occurrences)
    return os.curdir in missed or any(it in missed for path in paths for it in _with_holders(path))


def _with_holders(path: str) -> Iterator[str]:
    """Yield a path, and each folder and archive that it is in."""
    yield path
    yield from (path[:at] for at, character in enumerate(path) if character in (os.sep, "!"))


def _local(path: str, report: Report) -> str:
    """Return a path, counted from the folder that was scanned: two checkouts of one repository have the same.

    In a history, and in what was staged, they are counted from the top of the repository already.
    """
    plain, top = os.path.normpath(path), os.path.normpath(report.target)
    if report.kind != "files":
        return plain
    return os.curdir if plain == top else plain.removeprefix(top + os.sep)


def _kept(old: Finding, new: Finding, before: Report, after: Report) -> Kept:
    are_histories = before.kind == after.kind == "history"
    was = {_key(place, before, with_commit=are_histories): place for place in places(old, before.kind)}
    now = {_key(place, after, with_commit=are_histories): place for place in places(new, after.kind)}
    gone = [place for key, place in was.items() if key not in now]
    more = [place for key, place in now.items() if key not in was]
    moved = [] if after.kind == "history" else _moves(gone, more)  # a history keeps what was
    left, come = {start for start, _ in moved}, {to for _, to in moved}
    return Kept(
        finding=new,
        moved=tuple(moved),
        more=tuple(place for place in more if place not in come),
        gone=tuple(place for place in gone if place not in left),
        head=new.in_head if None not in (old.in_head, new.in_head) and old.in_head != new.in_head else None,
    )


def _key(place: Occurrence, report: Report, *, with_commit: bool) -> tuple[object, ...]:
    holder = (place.commit or place.blob) if with_commit else None
    return (place.part, _local(place.path, report), place.line, holder)


def _moves(gone: Sequence[Occurrence], more: Sequence[Occurrence]) -> list[tuple[Occurrence, Occurrence]]:
    """Return which place has become which: in the same file first, then in the order that they come."""
    there: dict[str, deque[Occurrence]] = {}
    for place in more:
        there.setdefault(place.path, deque()).append(place)
    here = [(start, there[start.path].popleft()) for start in gone if there.get(start.path)]
    left, come = {start for start, _ in here}, {to for _, to in here}
    others = zip((it for it in gone if it not in left), (it for it in more if it not in come), strict=False)
    return [*here, *others]


def _notes(old: Side, new: Side) -> Iterable[str]:
    before, after = old.report, new.report
    if not after.complete:
        yield f"{new.name} is not complete, {_missed(after)}: what is there is not called fixed"
    if not before.complete:
        yield f"{old.name} is not complete, {_missed(before)}: what is new may have been there"
    if before.kind != after.kind:
        yield (
            f"{old.name} is a scan of {_SCANS[before.kind]} and {new.name} one of {_SCANS[after.kind]}: "
            "what only the first has is not called fixed"
        )
    if before.target != after.target:
        yield f"{old.name} is a scan of {before.target} and {new.name} one of {after.target}"
    if before.rules_hash != after.rules_hash:
        yield "the rules differ: what is new may be new to the rules alone, and what is fixed is perhaps not looked for"
    hidden = (after.allowed + after.baselined) - (before.allowed + before.baselined)
    if hidden > 0:
        yield f"{new.name} leaves out {count(hidden, 'more finding')} as allowed or known: they are not fixed by that"


def _missed(report: Report) -> str:
    number = len(report.unscanned)
    return f"{count(number, 'thing')} {'was' if number == 1 else 'were'} not scanned"
