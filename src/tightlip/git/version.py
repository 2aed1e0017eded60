"""Which git this is."""

from __future__ import annotations

import re

from tightlip.git.plumbing import Git


def said(git: Git | None = None) -> str:
    """Return what git says of itself, on one line. Raises `GitError`."""
    return (git or Git()).run("version").decode("utf-8", "replace").strip()


def number(text: str) -> tuple[int, int]:
    """Return the first two numbers of what git says; zeros where it says none."""
    found = re.search(r"(\d{1,9})\.(\d{1,9})", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)
