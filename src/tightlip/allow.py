"""What is allowed to stay, because somebody said so beside it.

    password = "letmein9"  # tightlip: allow=password-assignment only used by the tests
    # tightlip: allow
    password = "letmein9"

The pragma stands on the line where the secret starts, or alone in a comment on the line above; several may stand above
each other. With rule ids it allows those rules only. What other scanners' users have already written on the line is
honoured too.
"""

from __future__ import annotations

from collections.abc import Iterator

from tightlip.patterns import IGNORECASE, pattern
from tightlip.rule import Match

TYPE_CHECKING = False
if TYPE_CHECKING:
    import regex

_OWN = pattern(rb"tightlip:[ \t]*allow(?:=(?P<rules>[a-z0-9-]+(?:,[a-z0-9-]+)*))?(?![a-z0-9=-])")
_ALONE = pattern(rb"[\s#/*;%'\"!<>{}()-]*(?:REM\s+)?$", IGNORECASE)
_OTHERS = pattern(
    rb"(?:gitleaks|betterleaks):allow|(?:trufflehog|kingfisher):ignore|ggignore|pragma: ?(?:allow|white)list[ -]secret"
)
_OTHERS_ABOVE = pattern(rb"pragma: ?(?:allow|white)list[ -]nextline[ -]secret")


def is_allowed(text: bytes, match: Match) -> bool:
    """Whether a pragma in the text allows this match."""
    start = text.rfind(b"\n", 0, match.start) + 1
    end = text.find(b"\n", match.start)
    line = text[start : end if end >= 0 else len(text)]
    above = text[text.rfind(b"\n", 0, max(0, start - 1)) + 1 : max(0, start - 1)]
    if _OTHERS.search(line) or _OTHERS_ABOVE.search(above):
        return True
    here = _OWN.search(line)
    return bool(here and _names(here, match.rule.id)) or any(_names(it, match.rule.id) for it in _above(text, start))


def _above(text: bytes, start: int) -> Iterator[regex.Match[bytes]]:
    """Yield the pragmas right above the line at `start`, each alone on its line."""
    while start:
        start, end = text.rfind(b"\n", 0, start - 1) + 1, start - 1
        line = text[start:end]
        pragma = _OWN.search(line)
        if not pragma or not _ALONE.match(line, 0, pragma.start()):
            return
        yield pragma


def _names(pragma: regex.Match[bytes], rule: str) -> bool:
    return pragma["rules"] is None or rule.encode() in pragma["rules"].split(b",")
