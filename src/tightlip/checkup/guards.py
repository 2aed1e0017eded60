"""Whether hooks look at commits, and whether what is known is still known."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.baseline import dates
from tightlip.baseline import place as known
from tightlip.checkup.line import FAIL, OK, WARN, Line
from tightlip.doctor import hooks
from tightlip.doctor.told import MEND
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.checkup.place import Place

_HOOKS, _BASELINE = "Hooks look at every commit", "No entry of the baseline has expired"


def look(place: Place) -> Iterator[Line]:
    """Tell of both. Raises `ConfigError`, `GitError`, `UsageError`."""
    told = [it for it in hooks.look(place.here) if it.state == MEND]
    if told:
        yield Line(FAIL, _HOOKS, told[0].what, tuple(it.evidence for it in told), told[0].how)
    else:
        yield Line(OK, _HOOKS)
    name = place.here.baseline
    baseline = known.on_disk(os.path.join(place.top, name), name)
    if baseline is None:
        yield Line(OK, _BASELINE, "there is no baseline")
        return
    today = dates.today()
    expired = [it for it in baseline.entries if it.judgement.is_expired(today)]
    if expired:
        evidence = tuple(f"{name}: {it.id[:10]} {it.rule} {it.path}, until {it.judgement.until}" for it in expired)
        yield Line(WARN, _BASELINE, count(len(expired), "entry", "entries"), evidence, "tightlip baseline check")
    else:
        yield Line(OK, _BASELINE, count(len(baseline.entries), "entry", "entries"))
