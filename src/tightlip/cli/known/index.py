"""Make the index of known secrets that the hook asks: salted, truncated slow hashes, and no value or name.

It is for you alone: a file of mode 600, outside of every repository. What it protects against, and what not, is in
docs/known.md.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip known index dotenv:.env vault:secret/myapp     anew, whenever a secret changes
  tightlip known index sops:secrets/ --output ~/.config/tightlip-myapp.known
"""
_NAME = "tightlip-known.json"


def add_arguments(parser: ArgumentParser) -> None:
    """Add this action's arguments."""
    parser.add_argument("sources", nargs="+", metavar="KIND:WHERE", help="as for --known")
    parser.add_argument(
        "--output", metavar="FILE", help=f"where it is written (default: {_NAME} beside your own tightlip.yaml)"
    )


def run(args: Namespace) -> int:
    """Write it and return the exit code."""
    from tightlip.config import found as configuration
    from tightlip.known import index
    from tightlip.known.gather import gathered, notes
    from tightlip.known.sources import where_of
    from tightlip.report.style import count
    from tightlip.report.visible import visible

    found = gathered([where_of(text) for text in args.sources])
    path = os.path.abspath(
        os.path.expanduser(args.output or os.path.join(os.path.dirname(configuration.user()), _NAME))
    )
    content, left = index.indexed(found.known)
    index.write(path, content)
    held = len({known.value for known in found.known} - {known.value for known in left})
    sys.stdout.write(f"{visible(path)} knows {count(held, 'secret')}\n")
    if left:
        names = ", ".join(visible(known.name) for known in left)
        sys.stdout.write(f"not in it, since names in programs look the same, or it has blanks: {names}\n")
    sys.stdout.writelines(f"{visible(note)}\n" for note in notes(found)[1:])
    sys.stdout.write(f"to have the hook ask it, put into {visible(configuration.user())}:\nknown: [{visible(path)}]\n")
    return 0
