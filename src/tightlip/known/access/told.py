"""What a vault tells of who can read its secrets, and what it does not."""

from __future__ import annotations

from typing import NamedTuple


class Untold(NamedTuple):
    """What these credentials may not ask."""

    what: str
    command: str
    """What tells it to somebody who may."""


class Access(NamedTuple):
    """Who can read."""

    readers: tuple[str, ...]
    """Policies, roles, users and tokens, each with how much it can read."""
    untold: tuple[Untold, ...]
    public: tuple[str, ...] = ()
    """Secrets that anybody can read."""
