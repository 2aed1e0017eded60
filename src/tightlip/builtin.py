"""Where the rules that ship with tightlip are."""

from __future__ import annotations

import os

PREPARED = "rules.prepared"
"""In a wheel, the rules as prepared.py keeps them: a file in the package's folder, written with the rule files."""


def folder() -> str:
    """Return the folder of the built-in rules: inside the installed package, or in a checkout."""
    package = os.path.dirname(os.path.abspath(__file__))
    shipped = os.path.join(package, "patterns")
    return shipped if os.path.isdir(shipped) else os.path.join(os.path.dirname(os.path.dirname(package)), "patterns")


def prepared() -> str:
    """Return the file of the prepared rules, which a checkout does not have."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), PREPARED)
