"""Lines for the `.gitignore` at the top: what is there stays as it is, and each line is added once."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence

from tightlip.errors import UsageError
from tightlip.hygiene.ignored import EXAMPLES, NAME

_AGAIN = tuple(f"!{name}" for name in EXAMPLES)
_HEAD = "# What holds secrets (tightlip checkup)"


def lines_for(missing: Sequence[str]) -> list[str]:
    """Return the lines to add for missing patterns: files that are examples are let in again where these hide them."""
    again = [line for line in _AGAIN if ".env.*" in missing]
    return [*missing, *again]


def add(top: str, lines: Sequence[str]) -> list[str]:
    """Add lines to the file in a folder, all at once or not at all, and return those that were not there.

    Its line endings, mode and last line without an end are kept. Raises `UsageError` where it cannot be written.
    """
    path = os.path.join(top, NAME)
    if os.path.islink(path):
        raise UsageError(f"{NAME} is a symbolic link, which git does not follow: make it a file first")
    if os.path.lexists(path) and not os.path.isfile(path):
        raise UsageError(f"{NAME} is no ordinary file: make it one first")
    try:
        data, mode = _read(path)
    except OSError as error:
        raise UsageError(f"{NAME}: cannot be read: {error.strerror}") from None
    text = data.decode("utf-8", "surrogateescape")
    end = "\r\n" if "\r\n" in text and text.count("\r\n") * 2 > text.count("\n") else "\n"
    there = [line.rstrip() for line in text.split("\n")]
    wanted, counting = list(dict.fromkeys(lines)), _still_counting(there)
    covers = [line for line in wanted if not line.startswith("!") and line not in counting]
    again = [line for line in wanted if line.startswith("!") and (covers or line not in counting)]
    new = [*covers, *again]
    if not new:
        return []
    head = [] if _HEAD in there else [*([""] if text.strip() else []), _HEAD]
    between = "" if not text or text.endswith("\n") else end
    whole = text + between + "".join(line + end for line in [*head, *new])
    _write(path, whole.encode("utf-8", "surrogateescape"), mode)
    return new


def _still_counting(there: Sequence[str]) -> Sequence[str]:
    """Return the lines that no later `!` takes back: those after the last one, examples aside."""
    last = max((at for at, line in enumerate(there) if line.startswith("!") and line not in _AGAIN), default=-1)
    return there[last + 1 :]


def _read(path: str) -> tuple[bytes, int]:
    try:
        with open(path, "rb") as file:
            return file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    except FileNotFoundError:
        return b"", 0o644


def _write(path: str, data: bytes, mode: int) -> None:
    temporary = f"{path}.{os.urandom(4).hex()}.new"
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError as error:
        raise UsageError(f"{NAME}: cannot be written: {error.strerror}") from None
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)
