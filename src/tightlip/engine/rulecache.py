"""The user's cache of compiled rules, so that a commit reads no YAML and compiles nothing.

One file for each list of rule files, in the user's cache folder. It is used only where nobody else can write it, and
only while every rule file has the size and times it had when the cache was written; for the rules of an installed
package one file stands for all.
"""

from __future__ import annotations

import marshal
import os
import sys

from tightlip import builtin, cachefolder
from tightlip.engine import prefilter
from tightlip.engine.compiled import Compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, BinaryIO, TypeAlias

    from tightlip.engine.compiled import Behind
    from tightlip.rules import RuleSet

    _Row: TypeAlias = tuple[Any, ...]

VERSION = 22
"""Of the cache file's form; raise it when the form, or the meaning of a rule, changes."""


def load(paths: Sequence[str], read: Callable[[], RuleSet]) -> Compiled:
    """Return the compiled rules of `paths` (files and folders) from the cache, or else compile what `read` returns.

    Raises what `read` raises. A cache that cannot be read or written only costs the time to compile. Of several runs
    that find none at once, one compiles.
    """
    signature = _signature(paths)
    name = f"rules-{_key(paths)}"
    cached = _load(name, signature)
    if cached is not None:
        return cached
    from tightlip.engine import compiling, firstrun

    if not cachefolder.is_usable():
        return compiling.compile_rules(read())

    # The lock is named like what a run leaves that is killed: it is cleared with these.
    with firstrun.turn(os.path.join(cachefolder.path(), f"{name}.0")):
        return _load(name, signature) or _keep(name, signature, read())


def _keep(name: str, signature: _Row, rules: RuleSet) -> Compiled:
    from tightlip.engine import compiling

    head, database, behind = compiling.compile_parts(rules)
    rest = marshal.dumps(behind)
    start = marshal.dumps((signature, head, len(database), len(rest)))
    cachefolder.write(name, len(start).to_bytes(4, "big") + start + database + rest)
    return Compiled(head, database, lambda: behind)


def _signature(paths: Sequence[str]) -> _Row:
    files: list[_Row] = []
    for path in paths:
        _stat_files(path, files)
    return (VERSION, sys.hexversion, prefilter.ENGINE, tuple(sorted(files)))


def _stat_files(path: str, into: list[_Row]) -> None:
    if path == builtin.folder() and os.path.exists(shipped := builtin.prepared()):
        into += [_stat(shipped), _stat(path)]  # of hundreds of files that an upgrade replaces together with this one
        return
    try:
        entries = list(os.scandir(path))
    except NotADirectoryError:
        into.append(_stat(path))
        return
    except OSError:
        return
    for entry in entries:
        if entry.is_dir():
            _stat_files(entry.path, into)
        elif entry.name.endswith((".yaml", ".yml")):
            into.append(_stat(entry))


def _stat(file: str | os.DirEntry[str]) -> _Row:
    status = os.stat(file) if isinstance(file, str) else file.stat()
    return os.fspath(file), status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _key(paths: Sequence[str]) -> str:
    from zlib import crc32

    return f"{crc32(os.fsencode(os.pathsep.join(map(os.path.abspath, paths)))):08x}"


class _Rest:
    """What is behind the prefilter: read when asked, from a file that stays open, so that it is still the same one."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        """Parameters: `stream`, the file, at the place from which on it is to be read; `size`, in bytes, of the rest.

        Raises `ValueError` where there is more or less of it.
        """
        self._at, self._size = stream.tell(), size
        if os.fstat(stream.fileno()).st_size != self._at + size:
            raise ValueError("cut off")
        self._file = os.dup(stream.fileno())

    def __call__(self) -> Behind:
        # Not `read`: processes that were forked from this one read it too, and share the place where that goes on.
        return marshal.loads(os.pread(self._file, self._size, self._at))  # type: ignore[no-any-return]

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)


def _rest(stream: BinaryIO, size: int) -> Callable[[], Behind]:
    if sys.platform != "win32":
        return _Rest(stream, size)
    content = stream.read()  # an open file cannot be replaced there
    return lambda: marshal.loads(content)


def _load(name: str, signature: _Row) -> Compiled | None:
    try:
        with cachefolder.opened(name) as stream:
            stored, head, size, rest = marshal.loads(stream.read(int.from_bytes(stream.read(4), "big")))
            return Compiled(head, stream.read(size), _rest(stream, rest)) if stored == signature else None
    except Exception:  # noqa: BLE001 - whatever is wrong with a cache, compiling anew mends it
        return None
