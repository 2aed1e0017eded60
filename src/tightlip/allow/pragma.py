"""What is allowed by a comment beside it.

    password = "letmein9"  # tightlip: allow=password-assignment only used by the tests
    # tightlip: allow
    password = "letmein9"

The pragma stands on the line where the secret starts, or alone in a comment on the line above; several may stand above
each other. With rule ids it allows those rules only. What other scanners' users have already written on the line is
honoured too.
"""

from __future__ import annotations

import os

from tightlip.patterns import IGNORECASE, pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    import regex

    from tightlip.allow.allowed import Allowed
    from tightlip.rule import Match

OWN = pattern(rb"tightlip:[ \t]*allow(?:=(?P<rules>[a-z0-9-]+(?:,[a-z0-9-]+)*))?(?![a-z0-9=-])")
_ALONE = pattern(rb"[\s#/*;:%'\"!<>{}()@|=\[-]*(?:(?:REM|dnl)\s+)?$", IGNORECASE)
_OTHERS = pattern(
    rb"(?:gitleaks|betterleaks):allow|(?:trufflehog|kingfisher):ignore|ggignore|pragma: ?(?:allow|white)list[ -]secret"
)
_OTHERS_ABOVE = pattern(rb"pragma: ?(?:allow|white)list[ -]nextline[ -]secret")
_CLOSED = pattern(rb"\*/|--+%?>|\*\)|[%#?-]\}|%>|\|#|\]\]|\}\}|\"\"\"|'''|-\}")
"""What ends a comment in some language."""
KINDS = (OWN, _OTHERS, _OTHERS_ABOVE)
"""What a pragma looks like: tightlip's, and others'."""
_LONGEST_REASON = 200
"""Bytes."""
_TELLING = 8
"""Bytes of a secret that give it away."""


def is_allowed(text: bytes, match: Match) -> bool:
    """Whether a pragma in the text allows this match."""
    return _found(text, match) is not None


def why(text: bytes, match: Match, path: bytes) -> Allowed | None:
    """Return which pragma allows a match, with the reason that stands after it."""
    found = _found(text, match)
    if found is None:
        return None
    from tightlip.allow.allowed import PRAGMA, Allowed, is_live

    start, pragma = found
    line = match.line - text.count(b"\n", start, match.start)
    where = f"{os.fsdecode(path)}:{line}"
    return Allowed(PRAGMA, where, _reason(pragma, match), covers_live=is_live(match))


def _found(text: bytes, match: Match) -> tuple[int, regex.Match[bytes]] | None:
    """Return the pragma that allows a match, and where its line begins."""
    return next(each(text, match), None)


def each(text: bytes, match: Match) -> Iterator[tuple[int, regex.Match[bytes]]]:
    """Yield the pragmas that allow a match, each found in its line, and where that begins."""
    start = text.rfind(b"\n", 0, match.start) + 1
    end = text.find(b"\n", match.start)
    line = text[start : end if end >= 0 else len(text)]
    here = OWN.search(line)
    if here and _names(here, match.rule.id):
        yield start, here
    if other := _OTHERS.search(line):
        yield start, other
    before = text.rfind(b"\n", 0, max(0, start - 1)) + 1
    if other := _OTHERS_ABOVE.search(text[before : max(0, start - 1)]):
        yield before, other
    yield from (it for it in _above(text, start) if _names(it[1], match.rule.id))


def _above(text: bytes, start: int) -> Iterator[tuple[int, regex.Match[bytes]]]:
    """Yield the pragmas right above the line at `start`, each alone on its line, with where that begins."""
    while start:
        start, end = text.rfind(b"\n", 0, start - 1) + 1, start - 1
        line = text[start:end]
        pragma = OWN.search(line)
        if not pragma or not _ALONE.match(line, 0, pragma.start()):
            return
        yield start, pragma


def _names(pragma: regex.Match[bytes], rule: str) -> bool:
    return pragma["rules"] is None or rule.encode() in pragma["rules"].split(b",")


def _reason(pragma: regex.Match[bytes], match: Match) -> str:
    """What stands after a pragma, to the end of the comment; nothing where the secret itself stands there."""
    rest = pragma.string[pragma.end() :]
    if pragma.re is not OWN:
        return pragma[0].decode()
    closed = _CLOSED.search(rest)
    rest = rest[: closed.start() if closed else len(rest)].strip(b" \t\r:;,-#\"'")[:_LONGEST_REASON]
    secrets = [match.secret, *([match.encoded] if match.encoded else [])]
    if any(secret.reveal()[:_TELLING] in rest for secret in secrets):
        return ""
    return " ".join(rest.decode("utf-8", "replace").split())
