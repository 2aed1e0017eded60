"""What a person is told whose push was refused."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from typing import TextIO

from tightlip.report.visible import visible


def tell(found: Mapping[str, Sequence[str]], folder: str, out: TextIO) -> None:
    """Tell which refs bring back what a purge removed.

    Parameters: `found`, the banned commits that each ref reaches; `folder`, where the script that helps may be.
    """
    out.write("tightlip stopped this push: it brings back the history from before a purge.\n")
    for name, oids in found.items():
        more = f" and {len(oids) - 1} more" if len(oids) > 1 else ""
        out.write(f"  {visible(name)} reaches {oids[0]}{more}, which was rewritten\n")
    script = os.path.join(folder, "purge-check.sh")
    where = shlex.quote(script) if os.path.isfile(script) else "purge-check.sh"
    out.write(f"Bring this clone over to the new history, and push again: sh {visible(where)} clean\n")
    if where == "purge-check.sh":
        out.write("(Whoever has done the purge has that script for you.)\n")
