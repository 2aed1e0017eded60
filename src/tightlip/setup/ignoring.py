"""`.gitignore`: what holds secrets stays out."""

from __future__ import annotations

from collections.abc import Iterator

from tightlip.hygiene import gitignore, ignored
from tightlip.report.style import count
from tightlip.setup.offer import Note, Offer, Wishes


def offers(wishes: Wishes) -> Iterator[Offer | Note]:
    """Yield what adds the lines that are missing. Raises `GitError`."""
    lines = gitignore.lines_for(ignored.missing(wishes.git, wishes.top))
    if lines:
        what = f"{count(len(lines), 'line')} to {ignored.NAME}"
        yield Offer(f"Add {what}", f"added {what}", tuple(lines), lambda: _add(wishes.top, lines))


def _add(top: str, lines: list[str]) -> None:
    gitignore.add(top, lines)
