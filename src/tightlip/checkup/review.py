"""The whole review, as each form of it is made from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tightlip.checkup import AREAS
from tightlip.checkup.line import FAIL, STATES, UNCHECKED, Line
from tightlip.report.style import count


class Review(NamedTuple):
    """What was looked at, and what came of it."""

    repository: str
    history: bool
    """Whether the history was looked at."""
    lines: list[tuple[str, Line]]
    """Each with its area."""
    fixed: tuple[str, ...] = ()
    """Lines that were added to .gitignore."""

    @property
    def counts(self) -> dict[str, int]:
        """How many lines there are of each state."""
        states = [line.state for _, line in self.lines]
        return {state: states.count(state) for state in STATES}

    @property
    def has_failed(self) -> bool:
        """Whether anything is to be mended."""
        return any(line.state == FAIL for _, line in self.lines)

    @property
    def is_complete(self) -> bool:
        """Whether all was checked that was to be."""
        return not any(line.state == UNCHECKED and not line.by_choice for _, line in self.lines)

    @property
    def summary(self) -> str:
        """It in a sentence."""
        counts = self.counts
        return ", ".join(
            (
                f"{counts['fail']:,} to mend",
                count(counts["warn"], "warning"),
                f"{counts['ok']:,} in order",
                f"{counts[UNCHECKED]:,} not checked",
            )
        )

    def areas(self) -> Iterator[tuple[str, list[Line]]]:
        """Yield the title of each area, and its lines."""
        for area, title in AREAS.items():
            if lines := [line for name, line in self.lines if name == area]:
                yield title, lines
