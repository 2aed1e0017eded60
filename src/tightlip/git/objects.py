"""Objects out of a repository's store, through `git cat-file`."""

from __future__ import annotations

from tightlip.errors import GitError
from tightlip.model import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tightlip.git.plumbing import Git
    from tightlip.git.process import Process

_AHEAD = 60  # requests on the way: with a SHA-256 id each they fit into the smallest pipe


class ObjectError(GitError):
    """One object cannot be had; others may well be. `oid` is its id, `why` the reason."""

    def __init__(self, oid: str, why: str) -> None:
        self.oid, self.why = oid, why
        super().__init__(f"object {oid}: {why}")


class MissingObject(ObjectError):
    """The object is not in the store."""

    def __init__(self, oid: str, why: str = "it is not in the object store; fetch it, or run `git fsck`") -> None:
        super().__init__(oid, why)


class CorruptObject(ObjectError):
    """The object is in the store and git cannot read it."""


class TooLarge(ObjectError):
    """The object is over the size limit."""

    def __init__(self, oid: str, size: int, limit: int) -> None:
        super().__init__(oid, f"its {size} bytes are over the limit of {limit}")
        self.size = size


class Object(Value):
    """An object of the store; its `kind` is `blob`, `commit`, `tag` or `tree`."""

    __slots__ = ("data", "kind", "oid")

    def __init__(self, oid: str, kind: str, data: bytes) -> None:
        self.oid, self.kind, self.data = oid, kind, data


class ObjectReader:
    """Reads objects through one git process. A context manager: leaving it ends the process."""

    def __init__(self, git: Git, *, limit: int | None = None) -> None:
        """Parameters: `limit`, the most bytes to read of an object; a larger one is `TooLarge`, and never in memory."""
        self._git, self._limit = git, limit
        self._process: Process | None = None
        self._busy = False
        self._aside: ObjectReader | None = None

    def start(self) -> None:
        """Start the git process now, to have it ready; otherwise the first read does."""
        self._running()

    def read(self, oid: str) -> bytes:
        """Return the data of an object. Raises `MissingObject`, `CorruptObject` or `TooLarge`."""
        return self.kind_and_data(oid)[1]

    def kind_and_data(self, oid: str) -> tuple[str, bytes]:
        """Return the type and the data of an object. Raises `MissingObject`, `CorruptObject` or `TooLarge`."""
        (found,) = self.read_many((oid,))
        if isinstance(found, ObjectError):
            raise found
        return found.kind, found.data

    def read_many(self, oids: Iterable[str]) -> Iterator[Object | ObjectError]:
        """Yield, for each of `oids` in order, the object or what is wrong with it. Git works ahead of the caller."""
        if self._busy:  # another read_many has answers on the way: this one must not take them
            self._aside = self._aside or ObjectReader(self._git, limit=self._limit)
            yield from self._aside.read_many(oids)
            return
        self._busy, asked = True, list[str]()
        try:
            yield from self._pipelined(iter(oids), asked)
        finally:
            self._busy = False
            if asked:
                self._end()

    def close(self) -> None:
        """End the git process."""
        self._end()
        if self._aside is not None:
            self._aside.close()

    def __enter__(self) -> ObjectReader:  # noqa: PYI034 - Self is newer than Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pipelined(self, oids: Iterator[str], asked: list[str]) -> Iterator[Object | ObjectError]:
        while True:
            if len(asked) <= _AHEAD // 2:
                more = [oid for _, oid in zip(range(_AHEAD - len(asked)), oids, strict=False)]
                self._ask(more)
                asked += more
            if not asked:
                return
            found = self._answer(asked[0])
            if found is None:
                found = self._died(asked[0])
                self._ask(asked[1:])
            elif isinstance(found, TooLarge):
                # Git would write all of it, and for ever where the size in a pack is a lie.
                self._end()
                self._ask(asked[1:])
            del asked[0]
            yield found

    def _running(self) -> Process:
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch")
        return self._process

    def _ask(self, oids: list[str]) -> None:
        if oids:
            self._running().write("\n".join([*oids, ""]).encode())

    def _answer(self, oid: str) -> Object | ObjectError | None:
        """Return git's next answer; None when git has died over it."""
        process = self._running()
        header = process.readline()
        if not header.endswith(b"\n"):
            return None
        *_, kind, length = header.split()  # of a missing object: its name, and "missing"
        if not length.isdigit():
            return MissingObject(oid)
        size = int(length)
        if self._limit is not None and size > self._limit:
            return TooLarge(oid, size, self._limit)
        data = process.read(size)
        return Object(oid, kind.decode(), data) if process.read(1) else None

    def _died(self, oid: str) -> MissingObject | CorruptObject:
        """Return why git died over an object, or raise `GitError` when it is the repository that cannot be read."""
        process = self._running()
        try:
            process.finish()
        except GitError as error:
            self._git.run("cat-file", "--batch")  # without a request only the repository can make it fail
            # An old git takes an object that a partial clone left out for a reason to die.
            return (MissingObject if "partial clone" in str(error) else CorruptObject)(oid, str(error))
        finally:
            self._end()
        return CorruptObject(oid, "git gave no answer for it; run `git fsck`")

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None
