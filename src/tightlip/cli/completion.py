"""Print what makes a shell complete tightlip's commands, options, their values, and the ids of rules.

The shell asks tightlip itself each time, so that it never tells of what an older version had.
"""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS
from pathlib import Path
from typing import TYPE_CHECKING

from tightlip.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

EXAMPLES = """\
examples:
  tightlip completion bash >> ~/.bash_completion
  tightlip completion zsh > ~/.zfunc/_tightlip           a folder of fpath
  tightlip completion fish > ~/.config/fish/completions/tightlip.fish
  tightlip completion powershell >> $PROFILE
"""
_SHELLS = {"bash": "tightlip.bash", "zsh": "_tightlip", "fish": "tightlip.fish", "powershell": "tightlip.ps1"}


def add_arguments(parser: ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "shell", nargs="?", choices=tuple(_SHELLS), metavar="SHELL", help=f"one of {', '.join(_SHELLS)}"
    )
    # What the scripts call: the words after `tightlip` up to the cursor, the last as far as it is typed.
    parser.add_argument("--word", action="append", help=SUPPRESS)


def run(args: Namespace) -> int:
    """Print the script, or what can stand at the cursor, and return the exit code."""
    if args.word:
        from tightlip.cli import completing

        # Some versions of argparse take `--` for an end of the options there as well, and leave an empty list.
        answer = completing.answer([word if isinstance(word, str) else "--" for word in args.word])
        lines = [f"{answer.kind}:{answer.before}", *(f"{word}\t{told}" for word, told in answer.words)]
        sys.stdout.write("\n".join(lines) + "\n")
        return 0
    if args.shell is None:
        raise UsageError(f"for which shell? {', '.join(_SHELLS)}")
    sys.stdout.write((Path(os.path.dirname(__file__)) / "shells" / _SHELLS[args.shell]).read_text("utf-8"))
    return 0
