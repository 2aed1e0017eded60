"""One thing that is not as it should be, and where."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """Without any value."""

    where: str
    """A path from the top, with `:LINE` where there is one."""
    what: str
