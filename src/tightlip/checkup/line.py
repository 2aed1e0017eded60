"""One line of the review: what should be so, whether it is, where that is seen, and the command that mends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tightlip.report.style import count

if TYPE_CHECKING:
    from tightlip.checkup.place import Place
    from tightlip.hygiene.problem import Problem

OK, WARN, FAIL, UNCHECKED = "ok", "warn", "fail", "not checked"
STATES = (OK, WARN, FAIL, UNCHECKED)


class Line(NamedTuple):
    """One line."""

    state: str
    title: str
    """What should be so."""
    summary: str = ""
    """What is, in a few words; why it is not known, where it was not checked."""
    evidence: tuple[str, ...] = ()
    """Places, and what is there; no value."""
    mend: str = ""
    """The command that mends it, or what to do where no command can."""
    by_choice: bool = False
    """Whether it was not checked as somebody said so."""


class Check(Protocol):
    """Looks at one area."""

    def __call__(self, place: Place) -> Iterator[Line]:
        """Yield its lines. Raises `TightlipError` where it cannot look."""


def judged(  # noqa: PLR0913 - all that makes a line
    title: str,
    problems: Sequence[Problem],
    mend: str,
    *,
    fine: str = "",
    bad: str = FAIL,
    unread: Sequence[Problem] = (),
) -> Line:
    """Return the line of what problems there are.

    Parameters: `fine`, what is so where there is none; `unread`, files that may hold more, and why that is not known.
    """
    evidence = tuple(f"{it.where}: {it.what}" for it in dict.fromkeys((*problems, *unread)))
    if unread and (not problems or bad != FAIL):
        return Line(
            UNCHECKED, title, f"{count(len(set(unread)), 'file')} could not be read", evidence, mend if problems else ""
        )
    if not problems:
        return Line(OK, title, fine)
    return Line(bad, title, count(len(set(problems)), "problem"), evidence, mend)
