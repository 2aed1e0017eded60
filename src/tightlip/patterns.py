"""Patterns of `regex`, compiled once on a machine and not once a run.

To import `regex` and to compile the patterns that one staged file may need takes longer than all the rest of a commit.
`regex` pickles a pattern as what its extension module needs to make it again; that is kept in the user's cache folder,
by the pattern, and given to the extension module, which is loaded by itself. The file is used only where nobody else
can write it, and only by the build of `regex` that it was made with. Whatever is not in it is compiled.
"""

from __future__ import annotations

import marshal
import sys
from zlib import crc32

from tightlip import cachefolder, extension

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, AnyStr, TypeAlias

    import regex

    _Key: TypeAlias = tuple[str | bytes, int]

IGNORECASE, DOTALL, VERBOSE = 0x2, 0x10, 0x40
"""Flags of a pattern, as `regex` has them."""
NAME = "patterns-"
"""What the file in the cache folder is called, before what tells builds of `regex` and of Python apart."""
_FORM = 1
"""Of the file; raise it when the form changes."""
_CHECKSUM = 4
"""Bytes before the content of the file."""
_MOST = 4096
"""Patterns in the file; one more and it starts anew, without those that no rule has any longer."""


class _Kept:
    """What the file holds: each pattern, with its flags, as what makes it again."""

    def __init__(self) -> None:
        self.module, self.build = _extension()
        self.stamp = (_FORM, sys.hexversion, self.build)
        self.name = f"{NAME}{crc32(repr(self.stamp).encode()):08x}"
        self.rows = self.read()
        self.new: dict[_Key, bytes] = {}
        self.made: dict[_Key, regex.Pattern[Any]] = {}

    def read(self) -> dict[_Key, bytes]:
        try:
            with cachefolder.opened(self.name) as stream:
                checksum, content = stream.read(_CHECKSUM), stream.read()
        except OSError:
            return {}
        if not content or int.from_bytes(checksum, "big") != crc32(
            content
        ):  # the extension module trusts what it is given
            return {}
        stamp, rows = marshal.loads(content)  # noqa: S302 - of our own file
        return rows if stamp == self.stamp else {}

    def write(self, rows: dict[_Key, bytes]) -> None:
        content = marshal.dumps((self.stamp, rows))
        cachefolder.write(self.name, crc32(content).to_bytes(_CHECKSUM, "big") + content)


_kept: _Kept | None = None


def pattern(source: AnyStr, flags: int = 0) -> regex.Pattern[AnyStr]:
    """Return a pattern. Raises what `regex.compile` raises."""
    global _kept  # noqa: PLW0603 - of a whole process, as the module is
    if _kept is None:
        _kept = _Kept()
    key = (source, flags)
    made = _kept.made.get(key)
    if made is None:
        made = _kept.made[key] = _again(_kept, key) or _compiled(_kept, key)
    return made


def keep() -> None:
    """Put what was compiled into the cache folder, for the next run. Commands, and processes of a scan, call this."""
    if _kept is None or not _kept.new:
        return
    rows = _kept.read() | _kept.new  # others may have written meanwhile
    _kept.write(rows if len(rows) <= _MOST else _kept.new)
    _kept.new = {}


def _again(kept: _Kept, key: _Key) -> regex.Pattern[Any] | None:
    row = kept.rows.get(key)
    if row is None or kept.module is None:
        return None
    try:
        return kept.module.compile(*marshal.loads(row))  # type: ignore[no-any-return]  # noqa: S302 - of our own file
    except Exception:  # noqa: BLE001 - whatever is wrong with what was kept, compiling anew mends it
        kept.rows = {}
        return None


def _compiled(kept: _Kept, key: _Key) -> regex.Pattern[Any]:
    import copyreg

    import regex

    made: regex.Pattern[Any] = regex.compile(key[0], key[1])
    try:
        arguments = copyreg.dispatch_table[type(made)](made)[1]
        kept.new[key] = marshal.dumps(arguments)
    except (KeyError, TypeError, ValueError):  # a version of `regex` that pickles in another way
        pass
    return made


def _extension() -> tuple[ModuleType | None, str]:
    module, build = extension.load("regex", "_regex")
    return (module if hasattr(module, "compile") else None), build
