"""Several people's files made into one, and where they judge the same secret differently."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tightlip.baseline.entry import UNJUDGED, Entry, Key
from tightlip.baseline.identity import identity, prepare
from tightlip.baseline.matching import known

if TYPE_CHECKING:
    from tightlip.baseline.file import Baseline
    from tightlip.finding import Report


class Conflict(NamedTuple):
    """Two judgements of the same secret."""

    kept: Entry
    """The one that counts: the later, and of one day the more careful."""
    dropped: Entry
    kept_from: str
    dropped_from: str


class Merged(NamedTuple):
    """What came of several files."""

    baseline: Baseline
    conflicts: list[Conflict]


def merge(files: Sequence[tuple[str, Baseline]]) -> Merged:
    """Return the files as one, under the salts of all. Parameters: `files`, each with its name; the own one first."""
    (_, own), *_ = files
    kept, conflicts = dict[Key, tuple[Entry, str]](), list[Conflict]()
    for name, baseline in files:
        for entry in baseline.entries:
            before, where = kept.get(entry.key, (entry, name))
            if _differ(before, entry):
                conflicts.append(_conflict((before, where), (entry, name)))
            if entry.key not in kept or entry.judgement.weight > before.judgement.weight:
                kept[entry.key] = entry, name
    salts = dict.fromkeys(salt for _, baseline in files for salt in baseline.salts)
    return Merged(replace(own, salts=tuple(salts), entries=tuple(entry for entry, _ in kept.values())), conflicts)


def _differ(one: Entry, other: Entry) -> bool:
    states = {one.judgement.state, other.judgement.state}
    return len(states) > 1 and UNJUDGED not in states


def _conflict(one: tuple[Entry, str], other: tuple[Entry, str]) -> Conflict:
    later = other[0].judgement.weight > one[0].judgement.weight
    (kept, kept_from), (dropped, dropped_from) = (other, one) if later else (one, other)
    return Conflict(kept, dropped, kept_from, dropped_from)


def under(salt: str, baseline: Baseline, reports: Iterable[Report], top: str | None) -> Baseline:
    """Return a baseline in which what was found has the identity that another salt gives it.

    What was not found keeps its own, for only who knows the value can make another, and needs its salt.
    """
    if baseline.salts == (salt,):
        return baseline
    found = [it for report in reports for it in known(report, baseline, top) if it.entries]
    prepare((salt, it.finding.rule, it.finding.secret.reveal()) for it in found)
    new = {
        entry.id: identity(salt, it.finding.rule, it.finding.secret.reveal()) for it in found for entry in it.entries
    }
    entries = tuple(replace(entry, id=new.get(entry.id, entry.id)) for entry in baseline.entries)
    left = () if all(entry.id in new for entry in baseline.entries) else baseline.salts
    return replace(baseline, salts=tuple(dict.fromkeys((salt, *left))), entries=entries)
