"""What the tests of the baseline share, and the command as a person types it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

PASSWORD = "Wr0ng" + "h0rse" + "batt3ry"
NAME = ".tightlip-baseline.yaml"


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


def entries(repo: Path) -> Sequence[str]:
    """The lines of the file that are entries."""
    return [line for line in (repo / NAME).read_text("utf-8").splitlines() if line.startswith("- ")]
