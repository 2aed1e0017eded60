"""What the tests of `tightlip doctor` share: what it told, and the command as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Told(NamedTuple):
    """One thing that was told."""

    area: str
    state: str
    what: str
    evidence: str
    how: str


class Done(NamedTuple):
    """What the command did."""

    code: int
    out: str
    told: list[Told]
    """What it told as JSON."""

    def of(self, area: str, *states: str) -> list[Told]:
        """Return what it told of an area, by default what is not in order."""
        return [it for it in self.told if it.area == area and it.state in (states or ("note", "mend"))]

    def seen(self, what: str) -> list[str]:
        """Return the evidence of everything of a kind, by a part of its name."""
        return [it.evidence for it in self.told if what in it.what]


Doctor = Callable[..., Done]
