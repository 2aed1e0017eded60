"""`.env` files: ignored, never committed, readable by their owner; and examples with every key and no value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.checkup.line import FAIL, OK, UNCHECKED, WARN, Line, judged
from tightlip.hygiene import committed, dotenv, ignored, modes
from tightlip.hygiene.committed import Once
from tightlip.hygiene.problem import Problem
from tightlip.report.html.shell import argument
from tightlip.report.style import count, listed

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
        unread=place.unread(place.examples),
    )
    missing = [it for path, data in place.locals.items() for it in dotenv.missing(path, data, place.examples)]
    mend = f"tightlip init --only example{place.named}, or add the key to it without a value"
    yield judged("Examples of .env files have every key", missing, mend, fine=_how_many(place), bad=WARN)
    loose = list(modes.look(place.top, place.beside))
    mend = f"chmod 600 {place.arguments(it.where for it in loose)}"
    yield judged("Only their owner can read files of keys", loose, mend, bad=WARN)


def _how_many(place: Place) -> str:
    return count(len(place.locals), ".env file")


def _ignored(place: Place) -> Line:
    title = "Git ignores .env files"
    answers = ignored.env_files(place.git, [*place.tracked, *place.beside])
    answers += ignored.ask(place.git, ignored.exposed(place.git, place.top))
    answers = list({it.name: it for it in answers}.values())
    bad = [it for it in answers if not it.is_ignored]
    if not bad:
        return Line(OK, title, "", tuple(f"{it.name}: {it.by}" for it in answers))
    evidence = tuple(f"{it.name}: {f'{it.by} lets it in' if it.by else 'no pattern covers it'}" for it in bad)
    below = sorted({it.by for it in bad if it.is_let_in_below})
    fix = [f"tightlip checkup --fix{place.named}"] if any(not it.is_let_in_below for it in bad) else []
    mend = "; ".join([*fix, *(f"take it out: {it}" for it in below)])
    return Line(FAIL, title, f"{listed((it.name for it in bad), 3)} would be committed", evidence, mend)


def _tracked(place: Place) -> Line:
    tracked = [path for path in place.tracked if path in place.locals]
    problems = [
        Problem(path, f"git tracks it, in clear, with {count(keys, 'value')}")
        for path in tracked
        if (keys := dotenv.held(path, place.locals[path]))
    ]
    mend = f"{place.from_git} rm --cached {' '.join(argument(it.where) for it in problems)}; rotate what is in it"
    return judged("No .env file is tracked in clear", problems, mend, unread=place.unread(tracked))


def _committed(place: Place) -> Line:
    title = "No .env file was ever committed in clear"
    every = committed.look(place.git, place.values)
    unread = tuple(f"{it.path}: a version cannot be read: {it.unread}" for it in every if it.unread)
    found = [it for it in every if not it.unread]
    if found:
        evidence = (*map(_once, found), *unread)
        paths = " ".join(f"--delete-path {argument(it.path)}" for it in found)
        mend = f"rotate what was in it, then: tightlip purge --plan purge.json {paths}{place.named}"
        return Line(FAIL, title, count(len(found), "file"), evidence, mend)
    if place.git.run("rev-parse", "--is-shallow-repository").strip() == b"true":
        return Line(UNCHECKED, title, "this is a shallow clone", unread, "git fetch --unshallow")
    return Line(UNCHECKED, title, "not every version can be read", unread) if unread else Line(OK, title)


def _once(it: Once) -> str:
    live = f"; still in a local file: {listed(it.live, 10)}" if it.live else ""
    return f"{it.path}: first in {it.first}, last changed in {it.last}{live}"
