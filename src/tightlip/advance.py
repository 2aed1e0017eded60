"""How far a long scan is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Advance(NamedTuple):
    """How far a scan is."""

    objects: int
    all_objects: int
    bytes: int
    """Of packs and other stores, as they lie there; 0, like `all_bytes`, where that is not known."""
    all_bytes: int
    found: int
    """Secrets so far, more or less: what comes of them is settled at the end."""


Progress = Callable[[Advance], None]
"""Called as the scan goes on."""
