"""What is to be removed, and what stands there afterwards."""

from __future__ import annotations

from typing import NamedTuple

from tightlip.model import Secret


class Purged(NamedTuple):
    """A value, and what takes its place."""

    value: Secret
    replacement: bytes = b"***REMOVED***"
