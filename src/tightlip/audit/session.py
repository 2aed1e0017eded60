"""Judgements, each written at once, and undone.

The file is read anew before each: another process may have written it, and its changes stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tightlip.audit import reason
from tightlip.baseline import dates
from tightlip.baseline.entry import UNJUDGED, Entry, Judgement, Key
from tightlip.baseline.identity import identity
from tightlip.baseline.judging import put
from tightlip.baseline.making import Maker
from tightlip.baseline.matching import Known, known, not_at
from tightlip.errors import UsageError

if TYPE_CHECKING:
    from tightlip.audit.item import Found, Item
    from tightlip.baseline.file import Baseline
    from tightlip.finding import Report


class Store(Protocol):
    """Where the baseline is kept."""

    def read(self) -> Baseline:
        """Return it as it is now, with a salt. Raises `UsageError`."""

    def write(self, baseline: Baseline) -> None:
        """Write it at once, or not at all. Raises `UsageError`."""

    def alone(self) -> AbstractContextManager[None]:
        """Keep other auditors from writing it meanwhile. Raises `UsageError`."""


class Standing(NamedTuple):
    """How a value stands."""

    judgement: Judgement
    """The weightiest of the judgements."""
    is_open: bool
    """Whether it is to be judged: not judged, or not in each of its places, or not any more."""
    is_expired: bool


class _Step(NamedTuple):
    item: Item
    changes: dict[Key, tuple[Entry | None, Entry | None]]


class Session:
    """Somebody who judges what reports found.

    Parameters: `top`, the folder that the baseline's paths are counted from. Raises `UsageError` where the file cannot
    be read.
    """

    def __init__(self, store: Store, reports: Sequence[Report], items: Iterable[Item], top: str | None) -> None:
        self._store, self._reports, self._items, self._top = store, reports, list(items), top
        self._makers: dict[str, Maker] = {}
        self._steps: list[_Step] = []
        self._entries: dict[Item, list[tuple[Found, tuple[Entry, ...]]]] = {}
        self._baseline = store.read()
        self._recognise(self._items)
        self.judged = 0
        """How many judgements hold that were made here."""

    def standing(self, item: Item) -> Standing:
        """Return how an item stands."""
        today, each = dates.today(), self._entries.get(item, [])
        judgements = [entry.judgement for _, entries in each for entry in entries]
        if not judgements:
            return Standing(Judgement(), is_open=True, is_expired=False)
        covered = all(not not_at(it.finding, entries, it.report.kind, self._top) for it, entries in each)
        expired = any(judgement.is_expired(today) for judgement in judgements)
        unjudged = any(judgement.state == UNJUDGED for judgement in judgements)
        weightiest = max(judgements, key=lambda judgement: judgement.weight)
        return Standing(weightiest, is_open=unjudged or expired or not covered, is_expired=expired)

    def is_open(self, item: Item) -> bool:
        """Whether an item is to be judged."""
        return self.standing(item).is_open

    def judge(self, item: Item, judgement: Judgement) -> list[Entry]:
        """Judge an item, write that, and return what somebody else has judged meanwhile and this replaces.

        Raises `UsageError` where the value is not known, or the file cannot be read or written: then nothing is judged.
        """
        if item.is_lost:
            raise UsageError("the report does not have the value, nor has the repository: scan again to judge it")
        judgement = replace(judgement, why=reason.hidden(judgement.why))
        with self._store.alone():
            before = self._store.read()
            maker = self._maker(before.salts[0])
            found = [(it.report, Known(it.finding, self._about(it, before))) for it in item.found]
            ids = {
                identity(salt, finding.rule, finding.secret.reveal())
                for salt in before.salts
                for _, finding in item.found
            }
            after, entries = put(before, found, ids, maker, maker.hidden(self._reports, judgement))
            self._store.write(after)
        replaced = self._changed_meanwhile(before, {entry.key for entry in entries})
        step = _Step(item, _changes(before, after))
        self._steps.append(step)
        self._take(after, item, step.changes)
        self.judged += 1
        return replaced

    def undo(self) -> Item | None:
        """Undo the last judgement that is not undone, and return what it was about; None where there is none.

        Raises `UsageError` where somebody else has judged it meanwhile, or the file cannot be read or written.
        """
        if not self._steps:
            return None
        step = self._steps[-1]
        with self._store.alone():
            now = self._store.read()
            entries = now.by_key()
            if any(entries.get(key) != new for key, (_, new) in step.changes.items()):
                self._steps.pop()
                self._take(now, step.item, ())
                raise UsageError("somebody else has judged it meanwhile, so it is left as it is")
            before = {key: old for key, (old, _) in step.changes.items() if old is not None}
            left = {key: entry for key, entry in entries.items() if key not in step.changes}
            after = now.but((left | before).values())
            self._store.write(after)
        self._steps.pop()
        self._take(after, step.item, step.changes)
        self.judged -= 1
        return step.item

    def _maker(self, salt: str) -> Maker:
        if salt not in self._makers:
            self._makers[salt] = Maker(salt, self._top)
        return self._makers[salt]

    def _about(self, it: Found, baseline: Baseline) -> tuple[Entry, ...]:
        (only,) = known(replace(it.report, findings=(it.finding,)), baseline, self._top)
        return only.entries

    def _changed_meanwhile(self, now: Baseline, keys: set[Key]) -> list[Entry]:
        """Return what somebody else has judged, of some entries, since the file was last read."""
        seen = self._baseline.by_key()
        mine = (entry for entry in now.entries if entry.key in keys and entry != seen.get(entry.key))
        return [entry for entry in mine if entry.judgement.state != UNJUDGED]

    def _take(self, baseline: Baseline, item: Item, own: Collection[Key]) -> None:
        """Go by a baseline from now on. Parameters: `own`, the entries that were changed here, all about `item`."""
        others = _changes(self._baseline, baseline).keys() - set(own)
        self._baseline = baseline
        self._recognise(self._items if others else [item])

    def _recognise(self, items: Iterable[Item]) -> None:
        """Find the entries about items."""
        wanted = [(it, item) for item in items if not item.is_lost for it in item.found]
        entries = {
            id(only.finding): only.entries
            for report in self._reports
            for only in known(
                replace(report, findings=tuple(it.finding for it, _ in wanted if it.report is report)),
                self._baseline,
                self._top,
            )
        }
        for item in dict.fromkeys(item for _, item in wanted):
            self._entries[item] = [(it, entries[id(it.finding)]) for it in item.found]


def _changes(before: Baseline, after: Baseline) -> dict[Key, tuple[Entry | None, Entry | None]]:
    """Return the entries that are not the same in two files, as each has them."""
    old, new = before.by_key(), after.by_key()
    every = ((key, (old.get(key), new.get(key))) for key in {**old, **new})
    return {key: pair for key, pair in every if pair[0] != pair[1]}
