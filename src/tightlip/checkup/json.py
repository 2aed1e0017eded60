"""The review for other tools. ASCII only; keys are added and never change their meaning within a version."""

from __future__ import annotations

import json
from typing import TextIO

from tightlip import __version__
from tightlip.checkup.review import Review
from tightlip.report.options import Options

_VERSION = 1


def write(review: Review, out: TextIO, options: Options) -> None:
    """Write it."""
    del options
    json.dump(
        {
            "schema_version": _VERSION,
            "tool": {"name": "tightlip", "version": __version__},
            "repository": review.repository,
            "history": review.history,
            "complete": review.is_complete,
            "counts": {state.replace(" ", "_"): number for state, number in review.counts.items()},
            "fixed": list(review.fixed),
            "lines": [
                {
                    "area": area,
                    "state": line.state.replace(" ", "_"),
                    "title": line.title,
                    "summary": line.summary,
                    "evidence": list(line.evidence),
                    "mend": line.mend,
                }
                for area, line in review.lines
            ],
        },
        out,
        indent=2,
    )
    out.write("\n")
