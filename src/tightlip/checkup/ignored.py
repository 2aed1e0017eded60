"""Whether `.gitignore` covers what holds secrets, and whether git tracks what it should ignore."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.checkup.line import OK, WARN, Line, judged
from tightlip.hygiene import dotenv, ignored, modes, terraform
from tightlip.report.html.shell import argument
from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.checkup.place import Place


def look(place: Place) -> Iterator[Line]:
    """Tell of both. Raises `GitError`."""
    title, fix = "Git ignores keys, credentials and state", f"tightlip checkup --fix{place.named}"
    bad = [answer for answer, _ in ignored.look(place.git, frozenset(place.tracked)) if not ignored.must(answer)]
    if bad:
        evidence = tuple(f"{it.name}: {f'{it.by} lets it in' if it.by else 'no pattern covers it'}" for it in bad)
        yield Line(WARN, title, f"{count(len(bad), 'name')} not covered", evidence, fix)
    else:
        yield Line(OK, title)
    hidden = [it for it in ignored.ask(place.git, ignored.EXAMPLES) if it.is_ignored]
    if hidden:
        evidence = tuple(f"{it.name}: {it.by}" for it in hidden)
        yield Line(WARN, "Git lets examples of .env files in", "they are ignored", evidence, fix)
    odd = [it for it in ignored.tracked_though_ignored(place.git) if _holds_secrets(place, it.where)]
    mend = f"{place.from_git} rm --cached {' '.join(argument(it.where) for it in odd)}"
    yield judged("Git tracks no key or state that it is told to ignore", odd, mend, bad=WARN)


def _holds_secrets(place: Place, path: str) -> bool:
    """Whether a file is one of keys, credentials or state: others that are tracked though ignored are no danger."""
    if any(terraform.look_name(path)) or terraform.is_variables(path):
        return True
    data = place.read(path) if modes.is_key_file(path) else b""
    return bool(data) and not modes.is_public(data) and not dotenv.is_sealed(data, path)
