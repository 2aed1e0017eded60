"""How a report should look, and what a stream can show."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN_WIDTH, WIDEST = 80, 100


class Options(NamedTuple):
    """What a report may show, and where it will be read."""

    show_secrets: bool = False
    color: bool = False
    unicode: bool = True
    """Whether the stream can show more than ASCII."""
    width: int = PLAIN_WIDTH
    """Columns that prose is wrapped to. Paths are never cut."""
    detail: int = 0
    """-1: one line a place and no advice; 0: what a person needs; 1: everything."""
    stopped: bool = False
    """Whether a commit was stopped because of the report, as opposed to a scan by hand."""
    template: str | None = None
    """The file that says how the format `template` looks."""


PLAIN = Options()
"""Redacted, without colour, for 80 columns."""


def options_for(out: TextIO, environ: Mapping[str, str], color: str = "auto") -> Options:
    """Return the options that fit a stream. `color`: `auto`, `always` or `never`."""
    terminal = is_terminal(out)
    width = min(shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns, WIDEST) if terminal else PLAIN_WIDTH
    colored = color == "always" or (color == "auto" and _wants_color(environ, terminal=terminal))
    return Options(color=colored, unicode=shows_unicode(out), width=max(width, 40))


def is_terminal(out: TextIO) -> bool:
    """Whether a person reads the stream as it is written."""
    try:
        return out.isatty()
    except ValueError:  # closed
        return False


def _wants_color(environ: Mapping[str, str], *, terminal: bool) -> bool:
    """https://no-color.org, https://force-color.org: a variable counts when it is not empty."""
    if environ.get("NO_COLOR"):
        return False
    if force := environ.get("FORCE_COLOR"):
        return force != "0"
    if not terminal or environ.get("TERM") == "dumb":
        return False
    # The old Windows console prints escape sequences as they are; what replaced it names itself.
    return os.name != "nt" or any(name in environ for name in ("WT_SESSION", "ANSICON", "TERM", "TERM_PROGRAM"))


def shows_unicode(out: TextIO) -> bool:
    """Whether the encoding of the stream has more than ASCII."""
    try:
        "●│✓→…".encode(out.encoding or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
