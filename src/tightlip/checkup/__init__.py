"""The checklist of a production review, each line with evidence. One file for each area, listed in AREAS.

Nothing is changed, and no program of the repository is run. An area is added by its name: a module here with a `look`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from tightlip.checkup.line import UNCHECKED, Check, Line
from tightlip.checkup.place import Place
from tightlip.errors import TightlipError

AREAS = {
    "secrets": "Secrets",
    "environment": "Environment files",
    "ignored": "What git ignores",
    "encrypted": "Encryption",
    "pipelines": "CI, images and infrastructure",
    "rotation": "Rotation",
    "access": "Who can read",
    "guards": "Hooks and known findings",
}
"""The areas, each a module with a `look`, and its title, in the order in which they are told."""


def examine(place: Place) -> list[tuple[str, Line]]:
    """Look at every area, and return its lines, without any value that is known."""
    found = [(area, line) for area in AREAS for line in _looked(area, place)]
    place.hold_back(text for _, line in found for text in (*line.evidence, line.mend))
    return [(area, _hidden(place, line)) for area, line in found]


def _looked(area: str, place: Place) -> Iterator[Line]:
    look: Check = import_module(f"tightlip.checkup.{area}").look
    try:
        yield from look(place)
    except TightlipError as error:
        yield Line(UNCHECKED, f"{AREAS[area]}: the rest of it", str(error))


def _hidden(place: Place, line: Line) -> Line:
    hide = place.hide
    evidence = tuple(map(hide, line.evidence))
    return line._replace(summary=hide(line.summary), evidence=evidence, mend=hide(line.mend))
