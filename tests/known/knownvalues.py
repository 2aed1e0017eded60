"""Values that are made anew in every run, so that none stands in this repository."""

from __future__ import annotations

import random
import string


def value(seed: int, size: int = 20, more: str = "") -> str:
    """A value as vaults make them."""
    dice = random.Random(seed)
    return "".join(dice.choice(string.ascii_letters + string.digits) for _ in range(size)) + more
