"""What the configuration's `allow` entries allow: each, what all its conditions hold for."""

from __future__ import annotations

from tightlip.allow.allowed import CONFIGURED, Allowed, is_live
from tightlip.allow.ignorefile import Paths
from tightlip.config import expressions
from tightlip.config.globs import glob

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tightlip.config.settings import Allow
    from tightlip.rule import Match

_LONGEST = 1 << 16
"""The most bytes of the lines around a secret that an expression is searched in."""


class Entry:
    """One entry, ready to be asked."""

    def __init__(self, allow: Allow) -> None:
        self.allow = allow
        self.where = str(allow.origin)
        self.about_paths_only = allow.paths != () and not any(
            (allow.rules, allow.values, allow.lines, allow.commits, allow.stopwords)
        )
        self._paths = Paths([glob(path.encode("utf-8", "surrogatepass")) for path in allow.paths])
        self._stopwords = [word.lower().encode("utf-8", "surrogatepass") for word in allow.stopwords]

    def why(self, text: bytes, match: Match, path: bytes, commit: str | None) -> Allowed | None:
        """Return what it says of a match, if all its conditions hold; the quick ones are asked first."""
        if not self._holds(text, match, path, commit):
            return None
        return Allowed(CONFIGURED, self.where, self.allow.reason, covers_live=is_live(match))

    def _holds(self, text: bytes, match: Match, path: bytes, commit: str | None) -> bool:
        allow, value = self.allow, match.secret.reveal()
        return (
            (not allow.rules or _is_one_of(allow.rules, match))
            and (not allow.paths or self._paths.index(path) is not None)
            and (not allow.commits or (commit is not None and commit.startswith(allow.commits)))
            and (not allow.stopwords or any(word in value.lower() for word in self._stopwords))
            and (not allow.values or any(expressions.finds(expression, value) for expression in allow.values))
            and (not allow.lines or any(expressions.finds(line, lines(text, match)) for line in allow.lines))
        )

    def path_is_ignored(self, path: bytes) -> Allowed | None:
        """Return what it says of a whole file: something where a path is its only condition."""
        if not self.about_paths_only or self._paths.index(path) is None:
            return None
        return Allowed(CONFIGURED, self.where, self.allow.reason)


def _is_one_of(patterns: tuple[str, ...], match: Match) -> bool:
    from fnmatch import fnmatchcase

    return any(fnmatchcase(match.rule.id, pattern) for pattern in patterns)


def lines(text: bytes, match: Match) -> bytes:
    """Return the lines that hold a secret, or what is near it where they are very long."""
    start = text.rfind(b"\n", 0, match.start) + 1
    end = text.find(b"\n", match.end)
    end = len(text) if end < 0 else end
    if end - start > _LONGEST:
        start, end = max(start, match.start - _LONGEST // 2), min(end, match.start + _LONGEST // 2)
    return text[start:end]
