"""Git's complaints, turned into errors of one line that say what, where and what to do next."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from tightlip.errors import GitError, NoGit, NotARepository, UnreadableRepository


class _Case(NamedTuple):
    says: str
    """A pattern in what git prints."""
    error: type[GitError]
    advice: str
    """What to do next."""


_CASES = (
    _Case(r"not a git repository", NotARepository, "run this inside a repository, or name one"),
    _Case(r"cannot change to ", NotARepository, "name a folder that exists and may be entered"),
    _Case(r"unable to read current working dir", NotARepository, "the current folder is gone; change to another one"),
    _Case(r"safe\.bareRepository", UnreadableRepository, "name it in GIT_DIR, or set safe.bareRepository=all"),
    _Case(r"repository extension|Expected git repo version", UnreadableRepository, "install a newer git"),
    _Case(r"bad config|bad (numeric|boolean) config", UnreadableRepository, "correct that file"),
    _Case(r"permission denied", UnreadableRepository, "run this as a user who may read the repository"),
    _Case(
        r"index file|bad index|index uses|bad signature|bad version|unordered stage|unknown index entry|malformed name",
        UnreadableRepository,
        "the index is damaged: move it away and run `git reset`, then stage again what was staged",
    ),
    _Case(
        r"promisor remote|transport '.*' not allowed|lazy fetching disabled",
        UnreadableRepository,
        "this is a partial clone and tightlip fetches nothing; run `git fetch --refetch --no-filter` first",
    ),
    _Case(
        r"bad object|bad tree|bad revision|unable to (read|unpack|stream)|could not read|failed to (read|traverse)"
        r"|corrupt|is empty|disappeared|inflate|missing (blob|tree|commit|object)",
        UnreadableRepository,
        "run `git fsck`, and fetch or restore what is missing",
    ),
)
_ANYTHING = _Case("", GitError, "run the command by hand to see more")

_DUBIOUS = re.compile(r"dubious ownership in repository|unsafe repository")
_EXCEPTION = re.compile(r"^\s*(git config --global --add safe\.directory .*)$", re.MULTILINE)


def explain(where: str | None, args: tuple[str, ...], code: int, complaints: bytes) -> GitError:
    """Return the error for a git command that ended with `code`.

    Parameters: `where`, the repository it ran in (None: the current directory); `complaints`, its error output.
    """
    text = complaints.decode("utf-8", "backslashreplace")
    place = _printable(where if where is not None else os.environ.get("GIT_DIR") or _current())
    if _DUBIOUS.search(text):
        return _dubious(place, text)
    said = _said(text) or (f"it was killed by signal {-code}" if code < 0 else f"it ended with exit code {code}")
    case = next((case for case in _CASES if re.search(case.says, text, re.IGNORECASE)), _ANYTHING)
    return case.error(f"{place}: git {args[0]}: {said}; {case.advice}")


def no_git(error: OSError) -> GitError:
    """Return the error for a git that could not be started."""
    if isinstance(error, FileNotFoundError | NotADirectoryError | PermissionError):
        return NoGit("there is no git program on the PATH; install git, or add its folder to PATH")
    return GitError(f"git could not be started: {error.strerror}; free memory or file descriptors and try again")


def _dubious(place: str, text: str) -> GitError:
    advice = _EXCEPTION.search(text)
    command = advice[1] if advice else f"git config --global --add safe.directory {place}"
    return UnreadableRepository(
        f"{place}: git refuses it for dubious ownership (it is another user's); if you trust it: {_printable(command)}"
    )


def _said(text: str) -> str:
    """Return the line that says most: the fatal one, else the first error, else the first line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for start in ("fatal: ", "error: ", ""):
        for number, line in enumerate(lines):
            if line.startswith(start):
                more = f" {lines[number + 1]}" if line.endswith(":") and number + 1 < len(lines) else ""
                return _printable(line.removeprefix(start) + more)
    return ""


def _current() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "."


def _printable(text: str) -> str:
    """Return `text` with line breaks, terminal controls and bytes that are no text escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
