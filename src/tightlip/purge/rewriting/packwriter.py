"""Writes a pack and its index into a store. Processes may make parts of it, as chunks; one puts them together."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from io import BufferedRandom
from secrets import token_hex

from tightlip.purge.repository import durable
from tightlip.purge.rewriting.chunk import HASHES, Chunk

_HEADER = 12  # bytes before the first entry
_AT_ONCE = 1 << 20  # bytes that are held before they are written


class PackWriter:
    """Writes objects into a pack of a store. A context manager: left before it is finished, nothing of it stays."""

    def __init__(self, folder: str, width: int = 20) -> None:
        """Parameters: `folder`, a store's `objects/pack`; `width`, the bytes of an id."""
        self._folder, self._width = folder, width
        self._entries = Chunk(width, _HEADER)
        self._file: BufferedRandom | None = None
        self._temporary: list[str] = []
        self._placed: list[str] = []

    def __enter__(self) -> PackWriter:  # noqa: PYI034 - Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self._discard()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, kind: int, content: bytes) -> bytes:
        """Write an object whole, if it is not here already, and return its id. Raises `OSError`."""
        oid = self._entries.add(kind, content)
        self._write(_AT_ONCE)
        return oid

    def add_delta(self, kind: int, content: bytes, base: bytes, delta: bytes) -> bytes:
        """Write an object as a delta of one in this pack, as `Chunk.add_delta` does. Raises `KeyError`, `OSError`."""
        oid = self._entries.add_delta(kind, content, base, delta)
        self._write(_AT_ONCE)
        return oid

    def append(self, chunk: Chunk) -> None:
        """Write the entries of a chunk, but for objects that are here already. Raises `OSError`.

        What is a delta of such an object becomes one of the entry that is here, and its chain may become deeper so.
        """
        self._entries.append(chunk)
        self._write(_AT_ONCE)

    def finish(self) -> str | None:
        """Put the pack and its index into place, and return the pack's path; None for no objects. Raises `OSError`.

        A pack of that name is left as it is: it holds the same, since the name is what its bytes hash to.
        """
        if not len(self):
            return None
        self._write(0)
        checksum = self._sealed()
        index = self._created("idx")
        with index:
            index.write(self._entries.index(checksum))
            durable.settle(index)
        path = os.path.join(self._folder, f"pack-{checksum.hex()}")
        for temporary, name in zip(self._temporary, (f"{path}.pack", f"{path}.idx"), strict=True):
            self._place(temporary, name)
        durable.settle_folder(self._folder)
        self._placed.clear()
        self._discard()
        return f"{path}.pack"

    def _write(self, most: int) -> None:
        """Write what is held, if that is more than so many bytes."""
        if len(self._entries.data) <= most:
            return
        if self._file is None:
            self._file = self._created("pack")
            self._file.write(bytes(_HEADER))
        self._file.write(self._entries.data)
        self._entries.forget()

    def _created(self, what: str) -> BufferedRandom:
        """Return a new file of a name that `git gc` knows, for which it removes what a kill leaves."""
        path = os.path.join(self._folder, f"tmp_{what}_{token_hex(8)}")
        self._temporary.append(path)
        return open(path, "x+b", opener=_opened)

    def _sealed(self) -> bytes:
        """Write the header and the checksum, and return that. The header has the count, so all is read once more."""
        assert self._file is not None  # noqa: S101 - something is written
        header = b"PACK\0\0\0\2" + len(self).to_bytes(4, "big")
        with self._file as file:
            file.seek(0)
            file.write(header)
            hasher = HASHES[self._width](header)
            while part := file.read(_AT_ONCE):
                hasher.update(part)
            file.write(hasher.digest())
            durable.settle(file)
        return hasher.digest()

    def _place(self, temporary: str, name: str) -> None:
        if not os.path.exists(name):
            os.replace(temporary, name)
            self._placed.append(name)

    def _discard(self) -> None:
        """Remove what was made: the index first, as a pack with no index is none to git."""
        if self._file is not None:
            with suppress(OSError):  # a full disk once more
                self._file.close()
        for path in (*reversed(self._placed), *self._temporary):
            with suppress(OSError):
                os.chmod(path, stat.S_IREAD | stat.S_IWRITE)  # Windows removes nothing that is read-only
                os.unlink(path)
        self._placed.clear()
        self._temporary.clear()


def _opened(path: str, flags: int) -> int:
    """Open a file that can be written now, and only read by whoever opens it later, as git does for packs."""
    return os.open(path, flags, 0o444)
