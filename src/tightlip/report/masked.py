"""A secret of which only what may be shown is known: a report was saved without the values."""

from __future__ import annotations

import re

from tightlip.errors import UsageError
from tightlip.model import Secret

_FORM = re.compile(r".{0,4}\*{8}(?: \(\d+ characters?\))?", re.DOTALL)
"""Without the length where another scanner's report did not say it."""


class Masked(Secret):
    """Stands for the value that a fingerprint was made of."""

    __slots__ = ("_shown",)

    def __init__(self, shown: str, group: str) -> None:
        """Parameters: `shown`, what may be shown; `group`, the same for findings of the same value."""
        super().__init__(group.encode("utf-8", "surrogatepass"))
        self._shown = shown

    def reveal(self) -> bytes:
        """Raise `UsageError`: nobody knows the value."""
        raise UsageError("the report was saved without the values; scan again, or save it with --show-secrets")

    def redacted(self) -> str:
        """Return what may be shown."""
        return self._shown


def is_redacted(text: str) -> bool:
    """Whether a text is what `Secret.redacted` makes, and not a value."""
    return _FORM.fullmatch(text) is not None
