"""Whether there is any configuration, and in which files. Every commit asks, so this imports nothing but `os`."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ORGANISATION, USER, REPOSITORY = "organisation", "user", "repository"
"""The layers, from the one that counts least."""
YAML, TOML = ".tightlip.yaml", "pyproject.toml"
"""What a repository's own file is called, at its top."""
MISNAMED = ".tightlip.yml"
IGNORES = ".tightlipignore"
"""The file of what is left out, at the top."""
LARGEST = 1 << 20
"""The most bytes of a file of configuration."""

_REGULAR, _TYPE = 0o100000, 0o170000


def found(top: str | None) -> list[tuple[str, str]]:
    """Return the files that hold configuration, each with its layer, from the one that counts least.

    Parameters: `top`, the top folder of a working tree, or None where there is none.
    """
    files = above()
    if top is not None:
        yaml = [name for name in (YAML, MISNAMED) if os.path.lexists(os.path.join(top, name))]
        toml = [TOML] if _holds_some(os.path.join(top, TOML)) else []
        files += [(REPOSITORY, os.path.join(top, name)) for name in (*yaml, *toml)]
    return files


def has_ignores(top: str) -> bool:
    """Whether there is a file of what is left out."""
    return os.path.lexists(os.path.join(top, IGNORES))


def above() -> list[tuple[str, str]]:
    """Return the files that count for every repository and are there, each with its layer."""
    files = [(ORGANISATION, path) for path in (organisation(),) if path and (_named() or os.path.isfile(path))]
    return files + [(USER, path) for path in (user(),) if os.path.lexists(path)]


def in_tree(read: Callable[[str], bytes | None]) -> list[str]:
    """Return the repository's own files that hold configuration, as `found` does, through what reads them."""
    yaml = [name for name in (YAML, MISNAMED) if read(name) is not None]
    return [*yaml, TOML] if may_hold(read(TOML) or b"") else yaml


def organisation() -> str:
    """Return the organisation's file, which need not exist: `TIGHTLIP_CONFIG`, or the machine's; empty is none."""
    named = _named()
    if named is not None:
        return named
    if sys.platform == "win32":
        return os.path.join(os.environ.get("PROGRAMDATA") or "C:\\ProgramData", "tightlip.yaml")
    return "/etc/tightlip.yaml"


def user() -> str:
    """Return the user's file, which need not exist, where the platform keeps a user's configuration; empty is none.

    A user without a home has none: it would be taken from the current folder, which is what is scanned.
    """
    if sys.platform == "win32":
        folder = os.environ.get("APPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Application Support")
    else:
        folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    return os.path.join(folder, "tightlip.yaml") if os.path.isabs(folder) else ""


def may_hold(toml: bytes) -> bool:
    """Whether a pyproject.toml may have a table for tightlip; quick, and True too often."""
    if b"tightlip" not in toml:
        return False
    if b"tool.tightlip" in toml:
        return True
    plain = toml.translate(None, b" \t\r\"'")  # a table has other spellings, though hardly anybody uses one
    return b"tool.tightlip" in plain or ((b"[tool]" in plain or b"tool={" in plain) and b"tightlip" in plain)


def _named() -> str | None:
    return os.environ.get("TIGHTLIP_CONFIG")


def _holds_some(path: str) -> bool:
    try:
        if os.stat(path).st_mode & _TYPE != _REGULAR:  # a pipe would make this wait
            return False
        with open(path, "rb") as file:
            return may_hold(file.read(LARGEST + 1))
    except OSError:
        return False
