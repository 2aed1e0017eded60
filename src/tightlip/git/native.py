"""What takes longest: in native code where there was a compiler to make it, and in Python elsewhere."""

from __future__ import annotations

try:
    from tightlip.git._listing import Listing
    from tightlip.git.packs._deltas import applied, between, brought, moved
except ImportError:
    from tightlip.git.listing import Listing  # type: ignore[assignment]
    from tightlip.git.packs.deltas import applied, brought, moved
    from tightlip.git.packs.encoding import between

__all__ = ["Listing", "applied", "between", "brought", "moved"]
