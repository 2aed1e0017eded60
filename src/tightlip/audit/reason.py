"""A reason that somebody types, without a value that got into it."""

from __future__ import annotations

from collections.abc import Sequence

from tightlip.engine import Scanner
from tightlip.report.options import PLAIN
from tightlip.report.redact import redactor
from tightlip.scan import scan_text


def hidden(text: str, rules: Sequence[str] = ()) -> str:
    """Return a reason without what is found in it by itself: a report knows its own values, and no others.

    Parameters: `rules`, files of rules beside the built-in ones.
    """
    return redactor(scan_text(text, scanner=Scanner(paths=tuple(rules))), PLAIN).prose(text) if text else ""
