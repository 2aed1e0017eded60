"""What is wrong or stale in how tightlip is set up here. One file for each area, listed in AREAS; nothing is changed.

here.py is what all of them look at, scans.py looks through the files and the history once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import NamedTuple

from tightlip.config.complaint import ConfigError
from tightlip.doctor.here import Here
from tightlip.doctor.told import MEND, NOTE, Check, Told, apart
from tightlip.errors import RuleError, TightlipError

AREAS = {
    "installation": "Installation",
    "repository": "Repository",
    "configuration": "Configuration",
    "hooks": "Hooks",
    "allows": "Allows",
    "baseline": "Baseline",
}
"""The areas, each a module with a `look`, and its title, in the order in which they are told."""


class Found(NamedTuple):
    """What is told of an area."""

    area: str
    told: Told


def examine(here: Here) -> list[Found]:
    """Look at every area, and return what is to be told, without any value that a scan found on the way."""
    found = [Found(area, told) for area in AREAS for told in _looked(area, here)]
    return [Found(area, Told(it.state, it.what, here.hide(it.evidence), here.hide(it.how))) for area, it in found]


def _looked(area: str, here: Here) -> Iterator[Told]:
    look: Check = import_module(f"tightlip.doctor.{area}").look
    try:
        yield from look(here)
    except (ConfigError, RuleError):  # told by the area that is about it
        yield Told(NOTE, "not looked for, as the configuration cannot be read")
    except TightlipError as error:
        yield Told(MEND, "this cannot be looked at", *apart(error))
