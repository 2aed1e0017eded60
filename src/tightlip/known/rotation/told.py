"""What a vault tells of the age of one secret."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Rotation(NamedTuple):
    """What a vault says of the changes of one secret; None is what it does not say."""

    name: str
    is_automatic: bool | None = None
    """Whether the vault itself, or a program for it, changes the secret."""
    changed: datetime | None = None
    """When its value was last changed, or given out."""
    due: datetime | None = None
    """When it will be changed."""
    expires: datetime | None = None
    """When it stops to work."""
    why: str = ""
    """Why it is not known when it was changed."""


def when(value: object) -> datetime | None:
    """Return a time that a client library has read, and nothing for anything else."""
    return value if isinstance(value, datetime) else None
