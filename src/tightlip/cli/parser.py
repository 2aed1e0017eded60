"""From a command's name and arguments to its `run`, with advice where either is mistyped."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NoReturn

from tightlip.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from types import ModuleType


class Parser(argparse.ArgumentParser):
    """argparse, except that a mistake is raised, on one line, and not printed."""

    def error(self, message: str) -> NoReturn:
        """Raise the mistake."""
        raise UsageError(f"{message}; see {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Raise `ArgumentError` where a value is none of the choices: argparse names them and knows no nearest."""
        if action.choices is not None and value not in action.choices:
            every = [str(choice) for choice in action.choices]
            raise argparse.ArgumentError(
                action, f"{value!r} is not one of {', '.join(every)}{did_you_mean(str(value), every)}"
            )


def run(name: str, arguments: Sequence[str], commands: Collection[str]) -> int:
    """Run a command and return its exit code."""
    if name not in commands:
        kind = "option that comes before a command" if name.startswith("-") else "command"
        raise UsageError(f"{name} is no {kind}{did_you_mean(name, commands)}; see tightlip --help")
    return _run(import_module(f"tightlip.cli.{name.replace('-', '_')}"), f"tightlip {name}", arguments)


def _run(command: ModuleType, prog: str, arguments: Sequence[str]) -> int:
    if hasattr(command, "ACTIONS"):
        return _run_action(command, prog, arguments)
    parser = Parser(
        prog=prog,
        description=command.__doc__,
        epilog=command.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    known = [option for action in parser._actions for option in action.option_strings]  # noqa: SLF001 - no other way
    try:
        parsed, unknown = parser.parse_known_intermixed_args(arguments)
    except UsageError:  # that something is missing, which a mistyped option was perhaps to give
        unknown = [
            it for it in takewhile("--".__ne__, arguments) if it[:2] == "--" and it.partition("=")[0] not in known
        ]
        if not unknown:
            raise
    if unknown:
        what = "option" if unknown[0].startswith("-") else "argument"
        raise UsageError(f"{unknown[0]} is no {what} of {prog}{did_you_mean(unknown[0], known)}; see its --help")
    code: int = command.run(parsed)
    return code


def _run_action(command: ModuleType, prog: str, arguments: Sequence[str]) -> int:
    """Run an action of a command, each a module of its own; without a name, the one that is its default."""
    first, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if first in ("-h", "--help"):
        actions = "\n".join(f"  {name:<8}{what}" for name, what in command.ACTIONS.items())
        what = (command.__doc__ or "").rstrip()
        usage = f"usage: {prog} [ACTION] [OPTION ...]"
        sys.stdout.write(f"{usage}\n\n{what}\n\nactions:\n{actions}\n\n{command.EXAMPLES}")
        return 0
    if not first or first.startswith("-"):
        first, rest = command.DEFAULT, arguments
    if first not in command.ACTIONS:
        known = ", ".join(command.ACTIONS)
        raise UsageError(f"{first} is no action of {prog} ({known}){did_you_mean(first, command.ACTIONS)}")
    return _run(import_module(f"{command.__name__}.{first}"), f"{prog} {first}", rest)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return `, did you mean ...?` where something known is close."""
    from difflib import get_close_matches

    close = get_close_matches(word.partition("=")[0], known, n=3)
    return f", did you mean {' or '.join(close)}?" if close else ""
