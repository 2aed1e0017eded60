"""The versions of files that a push brings, looked at where they differ from the ones before: that is a small part."""

from __future__ import annotations

from tightlip.git.objects import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tightlip.git.objects import ObjectReader
    from tightlip.model import Blob
    from tightlip.tally import Tally

_MOST_HELD = 1 << 24
"""Bytes that are held to be compared."""


class Versions:
    """Scans them, the older ones first.

    Parameters: `objects`, where versions before the push are read; `before`, for each version that takes the place of
    others, these: one for each commit that brings it there.
    """

    def __init__(self, tally: Tally, objects: ObjectReader, before: Mapping[str, Sequence[str]]) -> None:
        self._tally, self._objects, self._before = tally, objects, before
        self._suspects: list[Blob] = []
        self._size = 0
        self._holding = set[str]()
        """Versions in which something was found: what follows them has to be looked at."""

    def add(self, blob: Blob) -> None:
        """Scan a version now or later. While git reads the next ones, this one is looked through."""
        if not self._tally.scanner.may_hold(blob.data, blob.path):
            self._tally.count(blob)
            return
        self._suspects.append(blob)
        self._size += len(blob.data)
        if self._size > _MOST_HELD:
            self.finish()

    def finish(self) -> None:
        """Scan all that waits."""
        data = {blob.oid: blob.data for blob in self._suspects}
        asked = {oid for blob in self._suspects for oid in self._before.get(blob.oid, ())}
        read = self._objects.read_many(sorted(asked.difference(data)))
        data |= {found.oid: found.data for found in read if isinstance(found, Object)}
        for blob in self._suspects:
            if self._brings_nothing(blob, data):
                self._tally.count(blob)
                continue
            outcome = self._tally.look(blob)
            if outcome.matches or outcome.unscanned:
                self._holding.add(blob.oid)
            self._tally.keep(blob, outcome, outcome.matches)
        self._suspects, self._size = [], 0

    def _brings_nothing(self, blob: Blob, data: Mapping[str, bytes]) -> bool:
        before = self._before.get(blob.oid, ())
        return bool(before) and all(
            oid in data
            and oid not in self._holding
            and self._tally.scanner.brings_nothing(blob.data, data[oid], blob.path)
            for oid in before
        )
