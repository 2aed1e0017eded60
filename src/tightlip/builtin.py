"""Where the rules that ship with tightlip are."""

from __future__ import annotations

import os


def folder() -> str:
    """Return the folder of the built-in rules: inside the installed package, or in a checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    shipped = os.path.join(package, "patterns")
    return shipped if os.path.isdir(shipped) else os.path.join(os.path.dirname(os.path.dirname(package)), "patterns")
