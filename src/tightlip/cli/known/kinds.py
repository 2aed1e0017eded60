"""List where known secrets may come from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip known kinds
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    del parser


def run(args: Namespace) -> int:
    """Print and return the exit code."""
    del args
    from tightlip.known.sources import kinds

    sys.stdout.writelines(f"{kind:<12} {what}\n" for kind, what in kinds().items())
    return 0
