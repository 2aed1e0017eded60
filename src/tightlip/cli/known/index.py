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
    from collections.abc import Sequence

    from tightlip.finding import Unscanned
    from tightlip.known.fit import Fitting
    from tightlip.known.secret import Known

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
    """Write it and return the exit code: 3 where a secret in use was not to be had, and is not in it."""
    from tightlip.cli.scanning import INCOMPLETE
    from tightlip.config import found as configuration
    from tightlip.known import index
    from tightlip.known.gather import gathered, unscanned
    from tightlip.known.sources import where_of

    found = gathered([where_of(text) for text in args.sources])
    own = configuration.user()
    path = os.path.abspath(os.path.expanduser(args.output or os.path.join(os.path.dirname(own), _NAME)))
    content, left = index.indexed(found.known)
    index.write(path, content)
    missing = list(unscanned(found))
    _tell(found, left, missing, path, own)
    return INCOMPLETE if missing else 0


def _tell(found: Fitting, left: Sequence[Known], missing: Sequence[Unscanned], path: str, own: str) -> None:
    from tightlip.known.gather import named, notes
    from tightlip.report.style import count
    from tightlip.report.visible import visible

    held = {known.value for known in found.known} - {known.value for known in left}
    told = [f"{path} knows {count(len(held), 'secret')}"]
    if left:
        names = ", ".join(map(named, left))
        told.append(f"not in it, since names in programs look the same, or it has blanks: {names}")
    told += notes(found)[1:]
    told += [f"not in it: {what}: {why}" for what, why in missing]
    quoted = path.replace("'", "''")
    told += [f"to have the hook ask it, put into {own}:", f"known: ['{quoted}']"]
    sys.stdout.writelines(f"{visible(line)}\n" for line in told)
