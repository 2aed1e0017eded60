"""The places that a value can be put into: each a module with `read`, `put` and `confirm`."""

from __future__ import annotations

from typing import Protocol

from tightlip.model import Secret
from tightlip.rotate import dotenv, sops, vault
from tightlip.rotate.place import Held, Place, placed


class Keeper(Protocol):
    """A kind of place."""

    def read(self, place: Place) -> Held:
        """Return what the place holds."""
        ...

    def put(self, place: Place, held: Held, new: Secret) -> str:
        """Put a new value there, keep the old one, and say where that is."""
        ...

    def confirm(self, place: Place) -> str:
        """Take the old one out, and say so."""
        ...


PLACES: dict[str, Keeper] = {"sops": sops, "vault": vault, "dotenv": dotenv}


def named(text: str) -> Place:
    """Read `KIND:WHERE#KEY`. Raises `UsageError`."""
    return placed(text, tuple(PLACES))
