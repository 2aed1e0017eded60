"""What is in objects, kept while it is little: the versions of a file are gone through twice, and may be large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tightlip.git.objects import Object, ObjectReader


class Contents:
    """Contents of objects. Parameters: `most`, bytes that are kept."""

    def __init__(self, objects: ObjectReader, most: int) -> None:
        self._objects, self._most = objects, most
        self._kept: dict[str, bytes] = {}
        self._left = most

    def forget(self) -> None:
        """Keep none of those that were read so far. Not to be called while `each` is gone through."""
        self._kept.clear()
        self._left = self._most

    def get(self, oid: str) -> bytes:
        """Return what is in an object; nothing where it cannot be had."""
        return next((data for _, data in self.each([oid])), b"")

    def each(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield those that can be had, and what is in them."""
        asked = dict.fromkeys(oids)
        missing = dict.fromkeys(oid for oid in asked if oid not in self._kept)
        read = self._objects.read_many(missing)
        for oid in asked:
            if oid not in missing:
                yield oid, self._kept[oid]
            elif isinstance(found := next(read), Object):
                self._keep(found)
                yield oid, found.data

    def _keep(self, found: Object) -> None:
        if found.oid not in self._kept and len(found.data) <= self._left:
            self._left -= len(found.data)
            self._kept[found.oid] = found.data
