"""The baseline: whether it can be read and merged, and which of its entries are stale, expired or not judged."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.baseline import dates, place, stale
from tightlip.baseline.entry import ACCEPTED, REAL, UNJUDGED
from tightlip.doctor.told import MEND, NOTE, OK, Told, apart
from tightlip.errors import UsageError
from tightlip.git.plumbing import Git
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.baseline.entry import Entry
    from tightlip.baseline.file import Baseline
    from tightlip.baseline.stale import Compared
    from tightlip.doctor.here import Here

_SHORT = 10
"""Digits of an identity that a person is shown, as `tightlip baseline check` does."""
_CHECK, _PRUNE = "tightlip baseline check", "tightlip baseline prune"


def look(here: Here) -> Iterator[Told]:
    """Tell what is wrong with the file, if there is one, and what is to be done about its entries."""
    if here.git is None or here.top is None:
        return
    if (named := here.policy.config.baseline) and named != here.baseline:
        evidence = f"{named}, and {here.baseline} counts"
        how = f"tightlip baseline create --baseline {shlex.quote(named)}, or take the setting out"
        yield Told(MEND, "the configuration names a baseline that is not there", evidence, how)
    name = here.baseline
    path = os.path.join(here.top, name)
    try:
        baseline = place.on_disk(path, name)
    except UsageError as error:
        evidence, how = apart(error)
        yield Told(
            MEND, "the baseline cannot be read, and no scan goes on without it", evidence, how or "mend that line"
        )
        return
    if baseline is None:
        yield Told(OK, "there is no baseline", name)
        return
    yield from _in_git(here, name)
    told = list(_entries(here, baseline))
    yield from told
    if not any(it.state == MEND for it in told):
        yield Told(
            OK, "every entry of the baseline is judged and of use", count(len(baseline.entries), "known finding")
        )


def _in_git(here: Here, name: str) -> Iterator[Told]:
    """Tell whether others have the file, and whether git puts branches together that both add to it."""
    if os.path.isabs(name):
        return
    if os.fsencode(name) not in {path for path, _ in here.tracked}:
        yield Told(MEND, "the baseline is not tracked, so nobody else has it", name, f"git add {shlex.quote(name)}")
    merge = Git(here.top).run("check-attr", "-z", "merge", "--", name).split(b"\0")[2:3]
    if merge == [b"union"]:
        yield Told(OK, "branches that both add to the baseline merge", f"{name} merge=union")
    else:
        how = f"echo {shlex.quote(f'{name} merge=union')} >> .gitattributes && git add .gitattributes"
        evidence = "git check-attr merge does not say union"
        yield Told(MEND, "branches that both add to the baseline may conflict", evidence, how)


def _entries(here: Here, baseline: Baseline) -> Iterator[Told]:
    today = dates.today()
    compared = _compared(here, baseline)
    live = {entry.key for entry in compared.live}
    for entry in baseline.entries:
        if entry.judgement.is_expired(today):
            evidence = f"{_told(entry)}, until {entry.judgement.until}"
            yield Told(MEND, "an entry that has expired, so that its finding counts again", evidence, _CHECK)
    for entry in baseline.entries:
        if entry.judgement.state == REAL:
            how = "rotate the secret, then judge the entry revoked"
            yield Told(MEND, "an entry of a real secret, which counts until it is rotated", _told(entry), how)
    for entry in sorted(baseline.entries, key=lambda entry: entry.key not in live):
        if entry.judgement.state == UNJUDGED:
            urgent = "critical: " * (entry.key in live)
            yield Told(MEND, "an entry that nobody has judged", f"{urgent}{_told(entry)}", _CHECK)
    yield from _stale(here, compared)
    for entry in compared.live:
        if entry.judgement.state == ACCEPTED:
            yield Told(NOTE, "a critical secret that is surely one is accepted", _told(entry), _CHECK)


def _stale(here: Here, compared: Compared) -> Iterator[Told]:
    history = here.history
    is_whole = here.files.kept.complete and (history is None or history.is_whole)
    for entry in compared.stale:
        if is_whole:
            how = _PRUNE if history is None else f"{_PRUNE} --history"
            yield Told(MEND, "an entry that matches nothing any more", _told(entry), how)
        else:
            what = "an entry that matches nothing, but not everything could be scanned"
            yield Told(NOTE, what, _told(entry))
    if compared.aside:
        what = "entries that were not looked for: from the history, or by rules that are not used here"
        yield Told(NOTE, what, count(len(compared.aside), "entry", "entries"), "tightlip doctor --history")


def _compared(here: Here, baseline: Baseline) -> Compared:
    reports = [here.files.kept, *([here.history.kept] if here.history else [])]
    return stale.compare(baseline, reports, here.top, here.files.rules)


def _told(entry: Entry) -> str:
    """Return an entry on a line: what to select it by, what it is, and where it was."""
    return "  ".join(filter(None, (entry.id[:_SHORT], entry.rule, entry.path)))
