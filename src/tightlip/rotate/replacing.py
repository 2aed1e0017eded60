"""A file that is replaced whole or not at all, and is nobody else's to read meanwhile."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tightlip.errors import UsageError


@contextmanager
def replacement(file: str) -> Iterator[Path]:
    """Yield a copy of a file, beside it, to be changed; it takes the file's place where no exception comes.

    It keeps the file's extension, owner and mode. Raises `UsageError`, also where somebody else writes the file
    meanwhile.
    """
    target = Path(file).resolve()
    try:
        content, status = target.read_bytes(), target.stat()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    copy = target.with_name(f"{os.urandom(4).hex()}.new.{target.name}")
    try:
        with open(copy, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
            out.write(content)
        yield copy
        _make_alike(copy, status)
        if target.read_bytes() != content:
            raise changed(file)
        os.replace(copy, target)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from None
    finally:
        copy.unlink(missing_ok=True)


def changed(file: str) -> UsageError:
    """Return the complaint that a file is not what it was when it was read."""
    return UsageError(f"{file}: somebody else has written there meanwhile; nothing was written, look and try again")


def _make_alike(copy: Path, status: os.stat_result) -> None:
    """Have the copy on the disk before it takes the other's place, and give it the owner and mode of that."""
    with open(copy, "rb+") as stream:
        os.fsync(stream.fileno())
    if sys.platform != "win32" and (status.st_uid, status.st_gid) != (copy.stat().st_uid, copy.stat().st_gid):
        os.chown(copy, status.st_uid, status.st_gid)
    os.chmod(copy, status.st_mode & 0o7777)
