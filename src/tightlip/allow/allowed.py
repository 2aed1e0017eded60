"""Why a finding, or a file, is allowed to stay."""

from __future__ import annotations

from tightlip.model import HIGH, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tightlip.rule import Match

PRAGMA, FINGERPRINT, PATH, CONFIGURED = "pragma", "fingerprint", "path", "configured"
"""What allows: a comment beside it; a line of `.tightlipignore`, either kind; an entry of the configuration."""


class Allowed(Value):
    """That something may stay, and who says so.

    `kind` is one of those above; `where` names the entry, `file:line` or `file:key`; `reason` is what somebody wrote
    down, if anything; `covers_live` says that what is allowed is critical and surely a secret, so that a person
    should hear of it all the same.
    """

    __slots__ = ("covers_live", "kind", "reason", "where")

    def __init__(self, kind: str, where: str, reason: str = "", *, covers_live: bool = False) -> None:
        self.kind = kind
        self.where = where
        self.reason = reason
        self.covers_live = covers_live


def is_live(match: Match) -> bool:
    """Whether a match is critical and surely a secret."""
    return match.rule.severity == "critical" and match.confidence >= HIGH
