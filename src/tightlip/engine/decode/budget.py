"""How much may be decoded of one text. What would be more is told as not scanned."""

from __future__ import annotations

import time

DEPTH = 5
"""Encodings beneath each other."""
MOST = 1 << 28
"""Bytes that all that is decoded of one text may have."""
MOST_AT_ONCE = 1 << 25
"""Bytes of one decoded value or file, which are in memory at once."""
MOST_FILES = 10_000
"""Files in all archives of one text."""
RATIO, RATIO_FREE = 200, 1 << 23
"""How many times its own size a value may unpack to, once that is more than 8 MiB."""
SECONDS = 30.0


class Spent(Exception):
    """Nothing more may be decoded of a text."""


class Budget:
    """What is left of what may be decoded of one text, and what was not."""

    def __init__(self, through: tuple[str, ...] = ()) -> None:
        """Parameters: `through`, by what the text itself was decoded."""
        self.left, self.files = MOST, MOST_FILES
        self.chain = through
        """By what the text that is decoded at the moment was decoded itself."""
        self.missed: dict[str, None] = {}
        self._until = time.monotonic() + SECONDS

    def tell(self, why: str) -> None:
        """Keep in mind that something was not scanned."""
        self.missed[": ".join((*self.chain, why))] = None

    def stop(self, why: str) -> None:
        """Keep in mind that nothing more is scanned, and end. Raises `Spent`."""
        self.tell(why)
        raise Spent

    def take(self, size: int) -> None:
        """Count decoded bytes. Raises `Spent` where these are too many, or where it has taken too long."""
        if time.monotonic() > self._until:
            self.stop(f"decoding took longer than {SECONDS:.0f} seconds; the rest was not scanned")
        self.left -= size
        if self.left < 0:
            self.stop(f"it decodes to more than {MOST >> 20} MiB; the rest was not scanned")

    def take_file(self) -> None:
        """Count a file of an archive. Raises `Spent` where these are too many."""
        self.files -= 1
        if self.files < 0:
            self.stop(f"it holds more than {MOST_FILES:,} files; the rest was not scanned")

    def room(self, packed: int) -> int:
        """Return how many bytes so many packed ones may unpack to."""
        return min(MOST_AT_ONCE, max(RATIO_FREE, RATIO * packed))
