"""A file that is replaced whole or not at all, and is nobody else's to read meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tightlip.errors import UsageError


@contextmanager
def replacement(file: str) -> Iterator[Path]:
    """Yield a copy of a file, beside it, to be changed; it takes the file's place where no exception comes.

    It keeps the file's extension and mode. Raises `UsageError`.
    """
    target = Path(file).resolve()
    try:
        content, mode = target.read_bytes(), target.stat().st_mode & 0o7777
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from None
    copy = target.with_name(f"{target.stem}.{os.urandom(4).hex()}.new{target.suffix}")
    try:
        with open(copy, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
            out.write(content)
        yield copy
        os.chmod(copy, mode)
        os.replace(copy, target)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from None
    finally:
        copy.unlink(missing_ok=True)
