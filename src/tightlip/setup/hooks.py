"""Hooks that look at each commit: those of `tightlip install`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.install import place, putting
from tightlip.setup.offer import Note, Offer, Wishes

if TYPE_CHECKING:
    from tightlip.install.step import Step


def offers(wishes: Wishes) -> Iterator[Offer | Note]:
    """Yield what installs them, unless they are there or a framework has them. Raises `GitError`."""
    try:
        steps = putting.steps(place.of_repository(wishes.top), wishes.program)
    except UsageError as error:
        yield Note(str(error))
        return
    if steps:
        names = ", ".join(os.path.basename(step.path) for step in steps)
        detail = tuple(f"{step.verb} {step.path}{step.more}" for step in steps)
        yield Offer(f"Install git hooks ({names})", f"installed {names}", detail, lambda: _make(steps))


def _make(steps: list[Step]) -> None:
    for step in steps:
        step.make()
