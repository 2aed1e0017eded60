"""Another scanner's JSON report as what it knows of findings. A value in it stays wrapped."""

from __future__ import annotations

import os

from tightlip.errors import UsageError
from tightlip.interop import reading, reports
from tightlip.interop.foreign import Foreign, ForeignFinding
from tightlip.interop.reported import SCANNERS, Reported
from tightlip.model import Secret


def read(path: str, scanner: str) -> Foreign:
    """Read a report. Raises `UsageError` where it is none. Parameters: `scanner`, whose it is."""
    content = reading.text(path, reading.MOST_REPORT_BYTES).encode()
    try:
        told = SCANNERS[scanner](reports.documents(content, path))
    except UsageError as error:
        message = str(error)
        named = message if message.startswith(path) else f"{path}: not a report of {scanner}'s: {message}"
        raise UsageError(named) from None
    found = Foreign(findings=[_finding(one) for one in told.ones])
    for missed in told.unscanned:
        found.leave(f"{path}: {missed.what}", missed.why, lost=False)
    return found


def _finding(one: Reported) -> ForeignFinding:
    place = one.place
    return ForeignFinding(
        path=_below(place.path),
        kind=one.rule,
        line=place.line,
        commit=place.commit or "",
        secret=None if reports.is_redacted(one.value) else Secret(one.value.encode("utf-8", "surrogatepass")),
        verified=one.works,
    )


def _below(path: str) -> str:
    """Return a path counted from the current folder, where a scanner that was told the whole of it wrote it so."""
    return os.path.relpath(path).replace(os.sep, "/") if os.path.isabs(path) else path
