"""What git tells a hook of a push, and what its options say."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.hooks import Options

SECONDS = 60


class Update:
    """A ref, what it led to, and what it is to lead to; an id of zeros is nothing."""

    def __init__(self, ref: str, old: str, new: str) -> None:
        self.ref, self.old, self.new = ref, old, new


class Pushing:
    """What `pre-push` was told.

    Parameters: `options`, whose names are those of the remote and its address; `banned`, lists of commits to refuse;
    `scans`, whether to look for secrets.
    """

    def __init__(self, options: Options, banned: Sequence[str] = (), *, scans: bool = True) -> None:
        self.options, self.banned, self.scans = options, banned, scans


class Receiving:
    """What a server's hook was told.

    Parameters: `options`, whose names are what git gives the hook; `seconds`, how long it may take; `may_skip`, whether
    a pusher may go past; `log`, the file that is told.
    """

    def __init__(
        self, options: Options, seconds: int = SECONDS, log: str | None = None, *, may_skip: bool = False
    ) -> None:
        self.options, self.seconds, self.log, self.may_skip = options, seconds, log, may_skip


def is_id(text: str) -> bool:
    """Whether a text is the full id of an object, by either of git's hashes."""
    return len(text) in (40, 64) and not text.strip("0123456789abcdef")
