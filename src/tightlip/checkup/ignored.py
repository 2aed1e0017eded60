"""Whether `.gitignore` covers what holds secrets, and whether git tracks what it should ignore."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.checkup.line import OK, WARN, Line, judged
from tightlip.hygiene import ignored

if TYPE_CHECKING:
    from tightlip.checkup.place import Place


def look(place: Place) -> Iterator[Line]:
    """Tell of both. Raises `GitError`."""
    title = "Git ignores keys, credentials and state"
    bad = [answer for answer, _ in ignored.look(place.git, frozenset(place.tracked)) if not ignored.must(answer)]
    if bad:
        evidence = tuple(f"{it.name}: {f'{it.by} lets it in' if it.by else 'no pattern covers it'}" for it in bad)
        yield Line(WARN, title, f"{len(bad)} names are not covered", evidence, "tightlip checkup --fix")
    else:
        yield Line(OK, title)
    hidden = [it for it in ignored.ask(place.git, ignored.EXAMPLES) if it.is_ignored]
    if hidden:
        evidence = tuple(f"{it.name}: {it.by}" for it in hidden)
        mend = "echo '!.env.example' >> .gitignore"
        yield Line(WARN, "Git lets examples of .env files in", "they are ignored", evidence, mend)
    odd = list(ignored.tracked_though_ignored(place.git))
    names = " ".join(shlex.quote(it.where) for it in odd[:10])
    yield judged("Git tracks nothing that it is told to ignore", odd, f"git rm --cached {names}", bad=WARN)
