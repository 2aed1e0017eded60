"""What is wrong with a file of configuration, on one line: file, line, key, problem, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

from tightlip.errors import UsageError

_LONGEST_KEY = 200


class ConfigError(UsageError):
    """A file of configuration cannot be used.

    Parameters: `problem`, what is wrong; `file`, `line` (from 1) and `key`, as far as they are known.
    """

    def __init__(self, problem: str, *, file: str = "", line: int = 0, key: str = "") -> None:
        self.problem, self.file, self.line, self.key = problem, file, line, key
        where = f"{file}:{line}: " if file and line else f"{file}: " if file else ""
        named = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}..."
        text = f"{where}`{named}` {problem}" if key else f"{where}{problem}"
        super().__init__("".join(one if one.isprintable() else ascii(one)[1:-1] for one in text))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `, did you mean ...?` where something known is close."""
    from difflib import get_close_matches

    close = get_close_matches(word[:_LONGEST_KEY], list(known), n=3)
    return f", did you mean {' or '.join(close)}?" if close else ""
