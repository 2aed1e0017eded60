"""List what sources of known secrets give: names, versions, sizes, which are the same, and what is not searched for.

Never a value. A secret of production that is also one of tests is told: whoever has the one has the other.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from tightlip.known.secret import Known

EXAMPLES = """\
examples:
  tightlip known list dotenv:.env
  tightlip known list vault:secret/myapp aws-sm:myapp/
  tightlip known list vault:secret/staging vault:secret/production     is a value the same in both?
"""
_SIZES = ((8, "under 8"), (16, "8 to 15"), (32, "16 to 31"), (64, "32 to 63"))


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    parser.add_argument("sources", nargs="+", metavar="KIND:WHERE", help="as for --known")


def run(args: Namespace) -> int:
    """Print and return the exit code: 3 where a secret in use was not to be had."""
    from tightlip.cli.scanning import INCOMPLETE
    from tightlip.known.gather import gathered
    from tightlip.known.sources import where_of
    from tightlip.report.style import count

    found = gathered([where_of(text) for text in args.sources])
    first: dict[bytes, Known] = {}
    for known in found.known:
        same = first.setdefault(known.value, known)
        _print(known, "" if same is known else f"the same value as {same.name} of {same.source}")
    for known, why in found.skipped:
        _print(known, f"not searched for: {why}")
    for known in found.unread:
        _print(known, f"not to be had: {known.why}")
    left = len(found.skipped) + len(found.unread)
    sys.stdout.write(f"{count(len(found.known), 'secret')} searched for, {left} not\n")
    return INCOMPLETE if any(known.is_current for known in found.unread) else 0


def _print(known: Known, why: str) -> None:
    from tightlip.report.visible import visible

    size = next((words for most, words in _SIZES if len(known.value) < most), "64 or more")
    rows = (
        known.name,
        f"version {known.version}" if known.version else "",
        "" if known.is_current else "superseded",
        f"{size} bytes" if known.value else "",
        known.source,
        why,
    )
    sys.stdout.write("  ".join(visible(row) for row in rows if row) + "\n")
