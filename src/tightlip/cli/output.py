"""Where reports go: standard output, or files that appear whole or not at all."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from tightlip.cli.failure import forget_output
from tightlip.cli.parser import did_you_mean
from tightlip.errors import UsageError
from tightlip.report import FORMATS, Options, is_terminal, options_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence


class Destination(NamedTuple):
    """A format, and the file for it; None is standard output."""

    format: str
    file: str | None = None


def destination(text: str, formats: Collection[str] = FORMATS) -> Destination:
    """Read `FORMAT[:FILE]`. Only the first colon counts: a Windows path has another."""
    name, colon, file = text.partition(":")
    if name not in formats:
        known = ", ".join(formats)
        raise argparse.ArgumentTypeError(f"{name!r} is not a format ({known}){did_you_mean(name, formats)}")
    if colon and not file:
        raise argparse.ArgumentTypeError(f"{text!r} ends where the file's name should be")
    return Destination(name, None if file in ("", "-") else file)


def checked(
    wanted: Sequence[Destination], *, show_secrets: bool = False, template: str | None = None
) -> list[Destination]:
    """Return where reports go, by default as text to standard output.

    Raises `UsageError` where they cannot, before anything is scanned. Parameters: `template`, the file that says what
    the format of that name looks like.
    """
    every = list(wanted) or [Destination("template" if template else "text")]
    _check_template(template, wanted=any(item.format == "template" for item in every))
    if sum(item.file is None for item in every) > 1:
        raise UsageError("two reports for standard output: give all but one of them a file, as --report FORMAT:FILE")
    spare(every, template)
    for item in every:
        if item.file is not None:
            _check_file(item.file, show_secrets=show_secrets)
        elif show_secrets and not is_terminal(sys.stdout):
            raise UsageError(
                "--show-secrets needs a terminal, or a file that only you can read; standard output is neither: "
                f"use --report {item.format}:FILE"
            )
    return every


def spare(every: Sequence[Destination], read: str | None) -> None:
    """Raise `UsageError` where a report would be written over a file that it is made of."""
    for item in every:
        if (
            item.file
            and read
            and os.path.exists(item.file)
            and os.path.exists(read)
            and os.path.samefile(item.file, read)
        ):
            raise UsageError(f"--report: {item.file} is what is read; name another file")


def _check_template(file: str | None, *, wanted: bool) -> None:
    if wanted and not file:
        raise UsageError("--report template needs to know how it looks: --template FILE")
    if file and not wanted:
        raise UsageError("--template says how --report template looks, and no such report is asked for")
    if file:
        from tightlip.report import template

        template.loaded(file)


def _check_file(file: str, *, show_secrets: bool) -> None:
    path = Path(file)
    if path.is_dir():
        raise UsageError(f"--report: {file} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise UsageError(f"--report: there is no folder {path.parent}; make it first")
    if show_secrets and path.exists() and not path.is_file():
        raise UsageError(f"--show-secrets: {file} is not an ordinary file")


def shown(out: TextIO, args: argparse.Namespace) -> Options:
    """Return how a report looks there, as the options of `add_report` and the environment have it."""
    color = args.color
    if color == "auto" and out is not sys.stdout:
        color = "never"  # FORCE_COLOR means the screen
    return options_for(out, os.environ, color)._replace(detail=args.detail)


def deliver(every: Sequence[Destination], write: Callable[[str, TextIO], None], *, private: bool = False) -> None:
    """Write each report. `write` gets the format and an open file; `private` files are readable by their owner only."""
    for name, file in every:
        if file is not None:
            into_file(file, partial(write, name), private=private)
            continue
        try:
            write(name, sys.stdout)
            sys.stdout.flush()
        except BrokenPipeError:  # `| head` has seen enough; the exit code still tells
            forget_output()


def into_file(file: str, write: Callable[[TextIO], None], *, option: str = "--report", private: bool = False) -> None:
    """Write beside the file and move it there, so that it is never half a report; a device or pipe is written to.

    Parameters: `option`, that named the file; `private`, whether only its owner may read it. Raises `UsageError`.
    """
    target = Path(file).resolve()
    ordinary = target.is_file() or not target.exists()
    path = target.with_name(f"{target.name}.{os.urandom(4).hex()}.new") if ordinary else target
    mode = 0o600 if private else 0o666

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, mode)

    try:
        with open(path, "x" if ordinary else "w", encoding="utf-8", newline="\n", opener=opener) as out:
            write(out)
        if ordinary:
            path.replace(target)
    except OSError as error:
        raise UsageError(f"{option}: cannot write {file}: {error.strerror}") from None
    finally:
        if ordinary:
            path.unlink(missing_ok=True)
