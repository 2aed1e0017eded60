"""A file, or - for standard input, with one value on each line: `lines:-`."""

from __future__ import annotations

from collections.abc import Iterator

from tightlip.known.reading import content
from tightlip.known.secret import Known


def secrets(where: str) -> Iterator[Known]:
    """Yield the lines that are not empty."""
    for number, line in enumerate(content(f"lines:{where}", where).split(b"\n"), 1):
        if value := line.strip(b"\r"):
            yield Known(f"line {number}", value)
