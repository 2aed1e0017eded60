"""What providers let be valid at once, from providers.yaml beside this file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

AT_ONCE = {
    "several": "Old and new are valid side by side, for as long as you like.",
    "two": "Two are valid side by side.",
    "grace": "The old one stays valid for a while after the new one is made.",
    "one": "Only one is valid: making the new one ends the old one.",
    "": "Look up whether old and new are valid side by side there; if not, have the deployment ready first.",
    "own": "Whoever checks the value decides: let it take both, the new one and the old one, for the time in between.",
}


class Provider(NamedTuple):
    """What one provider allows."""

    at_once: str
    """A key of `AT_ONCE`."""
    note: str = ""
    source: str = ""


def provider(name: str) -> Provider:
    """Return what a provider allows; what nobody issues, a password of one's own, has none."""
    return every().get(name, Provider("" if name else "own"))


@cache
def every() -> dict[str, Provider]:
    """Return all that are known, by their names."""
    made: dict[str, dict[str, str]] = yaml.safe_load(Path(__file__).with_name("providers.yaml").read_text("utf-8"))
    return {name: Provider(**fields) for name, fields in made.items()}
