"""What a server keeps of pushes that were refused, or that skipped the scan: one JSON object a line, and no value."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from tightlip.errors import UsageError
from tightlip.report.block import place
from tightlip.report.options import PLAIN
from tightlip.report.redact import Redactor, redactor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tightlip.finding import Report
    from tightlip.gates.protocol import Update

_NAME = "tightlip.log"
_WHO = ("GL_USERNAME", "GL_ID", "GITHUB_USER_LOGIN", "GITEA_PUSHER_NAME", "REMOTE_USER", "USER", "USERNAME")
"""Variables that name who pushes, first those of servers."""
_MOST = 100
"""Refs and places that are written down of one push."""


class Log:
    """A file that lines are added to.

    Parameters: `file`, None for the one in the git folder; `updates`, the refs of the push.
    """

    def __init__(self, file: str | None, updates: Sequence[Update]) -> None:
        self._file = file or os.path.join(os.environ.get("GIT_DIR") or os.curdir, _NAME)
        self._updates = updates

    def write(self, outcome: str, report: Report | None, reason: str) -> None:
        """Add a line. Raises `UsageError` where that cannot be done: what is not written down does not get through.

        Parameters: `report`, None where nothing is known yet: then the names of refs are not known to be harmless.
        """
        hide = redactor(report.with_known(), PLAIN) if report else Redactor({}, {})
        line = {
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "outcome": outcome,
            "who": next((name for it in _WHO if (name := os.environ.get(it))), "?"),
            "refs": [f"{update.old}..{update.new} {self._ref(update, hide, report)}" for update in self._shown()],
            "reason": reason,
            "findings": [
                f"{finding.rule} at {place(where, hide)}"
                for finding in (report.findings if report else ())
                for where in finding.occurrences
            ][:_MOST],
            "unscanned": [hide.name(what) for what, _ in (report.unscanned if report else ())][:_MOST],
        }
        text = json.dumps(line, ensure_ascii=True) + "\n"  # ASCII: nothing in it can move a terminal's cursor
        try:
            file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, text.encode())
            finally:
                os.close(file)
        except OSError as error:
            raise UsageError(f"{self._file}: the server's log cannot be written: {error.strerror}") from None

    def _shown(self) -> Sequence[Update]:
        return self._updates[:_MOST]

    @staticmethod
    def _ref(update: Update, hide: Redactor, report: Report | None) -> str:
        return hide.name(update.ref) if report else "?"
