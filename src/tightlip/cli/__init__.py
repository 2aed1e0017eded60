"""The command line: `main(argv)` finds the command's file and runs it. One file per command: `add_arguments`, `run`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "scan": "files, folders, or standard input",
    "scan-staged": "what the next commit adds",
    "scan-history": "every object of a repository: who put which secret where, and what still reaches it",
    "ci": "what the change adds that a CI job runs for: a pull request, a push, a tag",
    "baseline": "the findings that are known and judged: begin with an old repository, judge, keep in order",
    "audit": "judge findings one by one, hidden, with the lines around them; how often each rule was right",
    "known": "secrets that you have, searched for exactly: from where, which of them, and an index for the hook",
    "incident": "what to do about one leaked secret, in order, and a report of it to paste",
    "rotate": "the steps of a rotation, in order, and the new value put where the old one is kept",
    "verify": "ask the provider of one secret whether it still works",
    "revoke": "have the provider of one secret make it worthless, after a confirmation",
    "purge": "take secrets out of a history: plan, apply, prove, undo",
    "report": "a saved report, also another scanner's, in any other format",
    "diff": "what is new and what is fixed between two saved reports",
    "rules": "list, explain, test, write and check what is looked for",
    "config": "which settings hold and where each comes from; check them",
    "import": "another scanner's rules and known findings, carried over",
    "export": "what is known and judged, as another scanner's file",
    "git-secrets": "git-secrets' own commands, configuration and exit codes",
    "doctor": "what is wrong or stale in how tightlip is set up here, and the command that mends it",
    "checkup": "the checklist of a production review, each line with evidence and what mends it",
    "init": "set a repository up: hooks, .gitignore, .env.example, .sops.yaml, CI; asks before each",
    "cache": "what earlier runs left behind to be quicker: show it, clear it",
    "completion": "complete commands, options and rule ids in your shell",
    "install": "git hooks that call tightlip: for a repository, each new one, or all of yours",
    "uninstall": "take these hooks out, and put back what was there before",
    "hook": "what git hooks and the pre-commit framework call",
}
_HELP = """\
tightlip finds secrets before they are committed, and the ones that already were.

usage: tightlip COMMAND [OPTION ...]

{commands}

  tightlip COMMAND --help    tells more of a command
  tightlip --version         prints the version

exit code: 0 clean, 1 secrets found, 2 wrong use or configuration, 3 nothing found but not everything was scanned (or a
history scan was interrupted)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name and return the exit code. Whatever goes wrong is told here."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    stand_in()
    try:
        code = _run(arguments)
        sys.stdout.flush()
        if patterns := sys.modules.get("tightlip.patterns"):
            patterns.keep()
    except BaseException as error:  # noqa: BLE001 - the one place that catches, and it says what it caught
        from tightlip.cli.failure import explain

        return explain(error)
    return code


def stand_in() -> None:
    """Put nothing in the place of a standard stream that is closed, as in `tightlip scan >&-`."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as the program runs


def _run(arguments: list[str]) -> int:
    name, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if name == "hook":  # first and by itself: it runs on every commit
        from tightlip import hooks

        return hooks.main(rest)
    if name in ("-h", "--help", "help"):
        return _run([rest[0], "--help"]) if rest else _help()
    if name in ("-V", "--version"):
        import tightlip

        sys.stdout.write(f"tightlip {tightlip.__version__}\n")
        return 0
    from tightlip.cli.parser import run

    return run(name, rest, COMMANDS)


def _help() -> int:
    commands = "\n".join(f"  {name:<14}{what}" for name, what in COMMANDS.items())
    sys.stdout.write(_HELP.format(commands=commands))
    return 0
