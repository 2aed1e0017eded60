"""Configuration: the organisation's file, the user's, the repository's, merged into one frozen `Config`.

Whether there is any is found.py's to say, for less than a tenth of a millisecond; so nothing is imported here.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from tightlip.config.settings import Config

    Read: TypeAlias = Callable[[str], bytes | None]
    """From a path that is counted from the top of a repository, with `/`, to what is in that file, if it is there."""


def load(top: str | None, *, read: Read | None = None, file: str | None = None) -> Config:
    """Return the configuration for a repository, or for no repository at all.

    Parameters: `top`, the top folder of the working tree; `read`, what reads the repository's own files in place of the
    working tree, from a revision (revision.py has one); `file`, a file that the user names, which counts in place of
    the repository's own.

    Raises `ConfigError` for a mistake in a file.
    """
    from tightlip.config import reading

    return reading.load(top, read, file)
