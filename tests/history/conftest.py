"""Scans of a whole history: as they are, and with every object read through git."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from outcomes import Outcome, Scan, outcome

import tightlip
from tightlip import tasks
from tightlip.engine import Scanner
from tightlip.git import inventory
from tightlip.git.packs import deltas
from tightlip.git.packs.index import Refused


@pytest.fixture
def scan(scanner: Scanner, monkeypatch: pytest.MonkeyPatch) -> Scan:
    """Scan a repository in many small pieces, and all deltas for what they bring. With `through_git`, read no pack."""
    monkeypatch.setattr(tasks, "_LEAST", 2000)
    monkeypatch.setattr(deltas, "_WORTH", 0)

    def none(folder: str, width: int) -> Iterator[Refused]:
        yield Refused(f"{folder} is left to git, whatever has {width} bytes")

    def scan(where: Path, *, through_git: bool = False, **options: object) -> Outcome:
        with pytest.MonkeyPatch.context() as patch:
            if through_git:
                patch.setattr(inventory, "indexes", none)
            return outcome(tightlip.scan_history(os.fspath(where), scanner=scanner, **options))  # type: ignore[arg-type]

    return scan
