"""`.env` files: ignored, never committed, readable by their owner; and examples with every key and no value."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.checkup.line import FAIL, OK, WARN, Line, judged
from tightlip.hygiene import committed, dotenv, ignored, modes
from tightlip.hygiene.problem import Problem
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.checkup.place import Place


def look(place: Place) -> Iterator[Line]:
    """Tell of them. Raises `GitError`."""
    yield _ignored(place)
    yield _tracked(place)
    yield _committed(place)
    real = [it for path, data in place.examples.items() for it in dotenv.real_values(path, data, place.values)]
    yield judged(
        "Examples of .env files hold no real value",
        real,
        "empty the value, and rotate it if it is one",
        fine=count(len(place.examples), "example"),
    )
    missing = [it for path, data in place.locals.items() for it in dotenv.missing(path, data, place.examples)]
    mend = "tightlip init --only example, or add the key to it without a value"
    yield judged("Examples of .env files have every key", missing, mend, fine=_how_many(place), bad=WARN)
    loose = list(modes.look(place.top, place.beside))
    mend = f"chmod 600 {' '.join(shlex.quote(it.where) for it in loose[:10])}"
    yield judged("Only their owner can read files of keys", loose, mend, bad=WARN)


def _how_many(place: Place) -> str:
    return count(len(place.locals), ".env file")


def _ignored(place: Place) -> Line:
    title = "Git ignores .env files"
    answers = [it for it in ignored.ask(place.git, list(ignored.PROBES)) if ignored.must(it)]
    bad = [it for it in answers if not it.is_ignored]
    if not bad:
        return Line(OK, title, "", tuple(f"{it.name}: {it.by}" for it in answers))
    evidence = tuple(f"{it.name}: {f'{it.by} lets it in' if it.by else 'no pattern covers it'}" for it in bad)
    return Line(
        FAIL, title, f"{', '.join(it.name for it in bad)} would be committed", evidence, "tightlip checkup --fix"
    )


def _tracked(place: Place) -> Line:
    tracked = [path for path in place.tracked if path in place.locals]
    problems = [
        Problem(path, f"git tracks it, in clear, with {count(keys, 'value')}")
        for path in tracked
        if (keys := sum(bool(pair.value) for pair in dotenv.pairs(place.locals[path])))
    ]
    names = " ".join(shlex.quote(it.where) for it in problems[:10])
    return judged("No .env file is tracked in clear", problems, f"git rm --cached {names}; rotate what is in it")


def _committed(place: Place) -> Line:
    title = "No .env file was ever committed in clear"
    found = committed.look(place.git, place.values)
    if not found:
        return Line(OK, title)
    evidence = []
    for it in found:
        live = f"; still in a local file: {', '.join(it.live[:10])}" if it.live else ""
        evidence.append(f"{it.path}: first in {it.first}, last changed in {it.last}{live}")
    paths = " ".join(f"--delete-path {shlex.quote(it.path)}" for it in found[:10])
    mend = f"rotate what was in it, then: tightlip purge --plan purge.json {paths}"
    return Line(FAIL, title, count(len(found), "file"), tuple(evidence), mend)
