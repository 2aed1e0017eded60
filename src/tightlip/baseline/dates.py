"""Days, as a baseline has them: when somebody judged, and until when that holds."""

from __future__ import annotations

import re
from datetime import date, datetime

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def today() -> date:
    """Return the day that it is here."""
    return datetime.now().astimezone().date()


def parse(text: str) -> date:
    """Read `2027-01-31`. Raises `ValueError`."""
    if not _ISO.fullmatch(text):
        raise ValueError
    return date.fromisoformat(text)
