"""What is allowed to stay, and why: by a comment beside it, by `.tightlipignore`, by the configuration.

`is_allowed` is what a scan without any of the last two needs; `Allows` knows all three.
"""

from __future__ import annotations

from tightlip.allow.pragma import is_allowed

__all__ = ["is_allowed"]
