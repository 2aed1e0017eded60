"""What went wrong, on one line, and the exit code that says so."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from tightlip.errors import TightlipError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

ERROR, INTERRUPTED, BROKEN_PIPE = 2, 130, 141
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What happens where a disk is full or broken, and is nobody's mistake."""


def explain(error: BaseException) -> int:
    """Tell a person what happened and return the exit code."""
    if isinstance(error, SystemExit):  # argparse, when it has printed a help text
        return error.code if isinstance(error.code, int) else 0
    if isinstance(error, BrokenPipeError):
        forget_output()
        return BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt):
        sys.stderr.write("\n" if sys.stderr.isatty() else "")  # behind a question, or the ^C that was typed
        _say("tightlip: interrupted before it was done")
        return INTERRUPTED
    if isinstance(error, OSError) and error.errno in _NO_ROOM and error.filename is None:
        forget_output()
        _say(f"tightlip: error: not all could be written: {error.strerror}")
        return ERROR
    _say(f"tightlip: error: {error}" if isinstance(error, TightlipError) else _unexpected(error))
    return ERROR


def forget_output() -> None:
    """Send what is left for standard output nowhere: who read it has gone, and Python would complain at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> None:
    from tightlip.report.visible import visible

    sys.stderr.write(visible(line) + "\n")


def _unexpected(error: BaseException) -> str:
    """Say what kind of error it is and where, never its message: that could hold what was being looked at."""
    if os.environ.get("TIGHTLIP_DEBUG"):
        sys.stderr.writelines(_traceback(error))
    name, line = _where(error.__traceback__)
    hint = "please report it, with the traceback (no values in it) that TIGHTLIP_DEBUG=1 prints"
    return f"tightlip: error: {_kind(error)} at {name}:{line}, which is a bug: {hint}"


def _where(trace: TracebackType | None) -> tuple[str, int]:
    """Return the module and line where it happened, in tightlip where there is a choice."""
    found = ("?", 0)
    while trace:
        name = str(trace.tb_frame.f_globals.get("__name__", "?"))
        if name.startswith("tightlip") or not found[0].startswith("tightlip"):
            found = (name, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _traceback(error: BaseException) -> Iterator[str]:
    from traceback import format_tb

    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause:
        yield from _traceback(cause)
        yield "  which led to\n"
    yield from format_tb(error.__traceback__)
    yield f"{_kind(error)}\n"


def _kind(error: BaseException) -> str:
    """Return the type's name, with its module where that is not Python itself: a library's may be just `error`."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
