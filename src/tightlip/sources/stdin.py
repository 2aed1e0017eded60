"""Standard input, or any other stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from tightlip.finding import Unscanned
from tightlip.model import Blob

NAME = "-"
"""What findings call it."""
_AT_ONCE = 1 << 20


def blobs(stream: BinaryIO, *, limit: int | None = None) -> Iterator[Blob | Unscanned]:
    """Yield the whole of a stream; or, when it has more than `limit` bytes, that it was not scanned."""
    pieces: list[bytes] = []
    size = 0
    while piece := stream.read(_AT_ONCE):
        pieces.append(piece)
        size += len(piece)
        if limit is not None and size > limit:
            yield Unscanned(NAME, f"it has more than the limit of {limit} bytes; scan it as a file, in parts")
            return
    yield Blob(b"".join(pieces), NAME.encode())
