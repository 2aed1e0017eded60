"""From `KIND:WHERE`, as often as it is given, to what is searched for, and what is told of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tightlip.finding import Unscanned
from tightlip.known import sources
from tightlip.known.fit import Fitting, fitting
from tightlip.known.guard import close_memory
from tightlip.known.secret import Known, Where

_MOST_NAMED = 8
"""Names in one line."""


def gathered(wheres: Sequence[Where]) -> Fitting:
    """Read sources. From now on this process is in no core dump. Raises `UsageError`, also for one that is empty."""
    close_memory()
    return fitting(known for where in wheres for known in sources.secrets(where))


def notes(found: Fitting) -> list[str]:
    """Return what a person should hear of what is not searched for, and how much is."""
    values = len({known.value for known in found.known})
    told = [f"{values} known value{'' if values == 1 else 's'} searched for, {len(found.skipped)} left out"]
    for why, skipped in groupby(sorted(found.skipped, key=lambda it: it.why), key=lambda it: it.why):
        told.append(f"known, and not searched for because {why}: {_named([it.known for it in skipped])}")
    old = [one for one in found.unread if not one.is_current]
    for why, unread in groupby(sorted(old, key=lambda one: one.why), key=lambda one: one.why):
        told.append(f"known, and not searched for because it is not to be had ({why}): {_named(list(unread))}")
    return told


def unscanned(found: Fitting) -> Iterator[Unscanned]:
    """Yield those secrets in use whose values are not to be had: nobody knows whether they are there.

    And all of them, where none is searched for: whoever asks for a search for nothing is to hear of it.
    """
    if found.skipped and not found.known:
        yield Unscanned("known secrets", f"none of {len(found.skipped)} is searched for; the notes say why")
    for one in found.unread:
        if one.is_current:
            yield Unscanned(f"known secret {named(one)} of {one.source}", f"its value is not to be had: {one.why}")


def named(one: Known) -> str:
    """Return a secret's name and version."""
    return f"{one.name} (version {one.version})" if one.version else one.name


def _named(every: Sequence[Known]) -> str:
    names = list(dict.fromkeys(map(named, every)))
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
