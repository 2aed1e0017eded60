"""What the tests of `tightlip install` share."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

CLEAN = "import os\n"


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def contents(folder: Path) -> dict[str, tuple[int, bytes | str]]:
    """Return all that is below a folder, and its mode; where a link leads."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else "",
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    }
