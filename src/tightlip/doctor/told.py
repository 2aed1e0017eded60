"""What a check tells: one thing that is in order, or worth knowing, or to be mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from tightlip.doctor.here import Here
    from tightlip.errors import TightlipError

OK, NOTE, MEND = "ok", "note", "mend"
"""In order; worth knowing, and as somebody may want it; wrong or stale."""
STATES = (OK, NOTE, MEND)


class Told(NamedTuple):
    """One thing."""

    state: str
    what: str
    """In words that are the same for all things of this kind."""
    evidence: str = ""
    """Where that is seen."""
    how: str = ""
    """The command that mends it, or what to do where no command can."""


def apart(error: TightlipError) -> tuple[str, str]:
    """Return what an error says is wrong, and what it says to do about it."""
    evidence, _, how = str(error).rpartition("; ")
    return (evidence, how) if evidence else (how, "")


class Check(Protocol):
    """Looks at one area."""

    def __call__(self, here: Here) -> Iterator[Told]:
        """Yield what is to be told. Raises `TightlipError` where it cannot look."""
