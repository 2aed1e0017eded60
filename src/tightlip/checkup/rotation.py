"""Whether secrets are rotated as often as the configuration says: encrypted files by their history, vaults by asking.

No value is asked for, and no program is run. What does not say how old it is counts as not known, never as fine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tightlip.checkup import ages
from tightlip.checkup.line import FAIL, OK, UNCHECKED, WARN, Line
from tightlip.config.settings import Schedule
from tightlip.errors import UsageError
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.checkup.ages import Aged
    from tightlip.checkup.place import Place
    from tightlip.config.settings import Config
    from tightlip.known.secret import Where

_WRITTEN = "How often secrets are rotated is written down"
_IN_TIME = "Secrets are rotated in time"
_KNOWN = "The age of every secret is known"
_OLDEST = 10
"""Secrets that are told where there is no schedule."""
_MOST_COMMANDS = 3
_LONG = 3 * 365
"""Days. What is rotated less often than that is not rotated."""


def look(place: Place) -> Iterator[Line]:
    """Tell of the schedule, and of all that is not as it says. Raises `ConfigError`, `GitError`, `UsageError`."""
    config = place.here.policy.config
    found = [aged for it in place.sealed for aged in ages.of_file(it, place.arguments([it.path]))]
    unasked = [line for where in place.known if (line := _asked(where, place, found))]
    yield _written(place, config, found)
    schedule = config.rotation or Schedule()
    judged = _judged(schedule, list(dict.fromkeys(found)))
    yield from judged if _has_limit(schedule) else (line for line in judged if line.state == FAIL)
    yield from unasked


def _asked(where: Where, place: Place, found: list[Aged]) -> Line | None:
    """Add what a vault tells to what is found; return the line that says what it did not."""
    try:
        found.extend(ages.of_sops(where, place) if where.kind == "sops" else ages.of_vault(where))
    except UsageError as error:
        return Line(UNCHECKED, f"The age of secrets of {ages.shown(where)}", str(error))
    return None


def limit(schedule: Schedule, name: str) -> int | None:
    """Return how many days old a secret may be, None where the schedule does not say.

    What a repository says counts, but where a user's own schedule, or the organisation's, allows less.

    Parameters: `name`, `KIND:NAME`.
    """
    said = (_said(each, name) for each in (schedule, schedule.own) if each)
    return min((days for days in said if days is not None), default=None)


def _said(schedule: Schedule, name: str) -> int | None:
    for interval in schedule.intervals:
        if any(fnmatchcase(name, pattern.replace("[", "[[]")) for pattern in interval.secrets):
            return interval.days
    return schedule.days


def _has_limit(schedule: Schedule) -> bool:
    return schedule.days is not None or bool(schedule.intervals)


def _written(place: Place, config: Config, found: list[Aged]) -> Line:
    schedule = config.rotation
    if schedule is not None and _has_limit(schedule):
        parts = [f"every {schedule.days} days"] if schedule.days is not None else []
        parts += [f"{count(len(schedule.intervals), 'entry', 'entries')} for some"] if schedule.intervals else []
        files = dict.fromkeys(
            origin.file for key, origin in config.origins.items() if key in ("rotation.every", "rotation.schedule")
        )
        said = f"{', '.join(parts)}; {', '.join(files)}"
        if long := _long(schedule):
            return Line(WARN, _WRITTEN, f"{said}; some may get too old to call it that", long, "say a shorter age")
        return Line(OK, _WRITTEN, said)
    now = datetime.now(timezone.utc)
    dated = sorted(((it.latest, it.name) for it in found if it.latest), key=lambda it: it[0])[:_OLDEST]
    evidence = tuple(f"{name}: {count(_days(at, now), 'day')} old or more" for at, name in dated)
    return Line(WARN, _WRITTEN, "no configuration says so", evidence, _how_to_write(place, config))


def _long(schedule: Schedule) -> tuple[str, ...]:
    """Return what lets secrets grow older than anybody would call rotated: it may be there to silence this."""
    said = [(it.days, ", ".join(it.secrets)) for it in schedule.intervals]
    said += [(schedule.days, "all others")] if schedule.days is not None else []
    return tuple(f"{what}: every {count(days, 'day')}" for days, what in said if days > _LONG)


def _how_to_write(place: Place, config: Config) -> str:
    if any(name.endswith("pyproject.toml") for name in config.files):
        return "printf '\\n[tool.tightlip.rotation]\\nevery = \"90d\"\\n' >> " + place.arguments(["pyproject.toml"])
    return "printf '\\nrotation: {every: 90d}\\n' >> " + place.arguments([".tightlip.yaml"])


def _judged(schedule: Schedule, found: list[Aged]) -> Iterator[Line]:
    if not found:
        yield Line(OK, _IN_TIME, "there is no encrypted file, and no vault was named with --known")
        return
    now = datetime.now(timezone.utc)
    by_state: dict[str, list[tuple[Aged, str]]] = {FAIL: [], WARN: [], OK: []}
    for it in sorted(found, key=_first):
        state, said = _state(it, limit(schedule, it.name), now)
        by_state[state].append((it, f"{it.name}: {said}"))
    late, unknown, fine = (by_state[state] for state in (FAIL, WARN, OK))
    every = count(len(found), "secret")
    if late:
        evidence = tuple(said for _, said in late)
        summary = f"{len(late):,} of {every} not, {len(fine):,} surely"
        yield Line(FAIL, _IN_TIME, summary, evidence, _next([it for it, _ in late]))
    elif fine:
        yield Line(OK, _IN_TIME, f"{len(fine):,} of {every} surely", tuple(said for _, said in fine))
    if unknown:
        mend = "rotate those of which nobody knows better; rotation.schedule takes patterns of what it does not name"
        yield Line(WARN, _KNOWN, f"{len(unknown):,} of {every} not", tuple(said for _, said in unknown), mend)
    else:
        yield Line(OK, _KNOWN, every)


def _first(it: Aged) -> tuple[bool, float, str]:
    """Order secrets: of the oldest, those whose age is not known first."""
    return it.latest is not None, it.latest.timestamp() if it.latest else 0.0, it.name


def _state(it: Aged, most: int | None, now: datetime) -> tuple[str, str]:
    """Return whether a secret is too old, is not, or nobody knows; and what is told of it."""
    if it.expires and it.expires <= now:
        return FAIL, f"it expired on {it.expires:%Y-%m-%d}"
    if it.due and it.due <= now:
        return FAIL, f"its vault was to rotate it on {it.due:%Y-%m-%d}, and has not"
    if most is None:
        return WARN, f"{_age(it, now)}; the schedule says nothing of it"
    if it.latest and _days(it.latest, now) > most:
        return FAIL, f"{_age(it, now)}, {most} allowed; last changed on {it.latest:%Y-%m-%d}"
    if it.earliest is None or _days(it.earliest, now) > most:
        return WARN, f"{_age(it, now)}, {most} allowed: {it.why}"
    return OK, f"{_age(it, now)}, {most} allowed"


def _age(it: Aged, now: datetime) -> str:
    if it.latest is None:
        return "its age is not known"
    least = _days(it.latest, now)
    if it.earliest is None:
        return f"{count(least, 'day')} old or more"
    most = _days(it.earliest, now)
    return f"{count(least, 'day')} old" if least == most else f"{least:,} to {most:,} days old"


def _next(late: list[Aged]) -> str:
    commands = list(dict.fromkeys(it.how for it in late if it.how))
    more = f", and {len(commands) - _MOST_COMMANDS} more" if len(commands) > _MOST_COMMANDS else ""
    put = "; ".join(commands[:_MOST_COMMANDS]) + more
    return (
        f"make a new one, put it in, deploy it, end the old one: {put}; where it leaked, tightlip rotate has the steps"
    )


def _days(since: datetime, now: datetime) -> int:
    return max(0, (now - since).days)
