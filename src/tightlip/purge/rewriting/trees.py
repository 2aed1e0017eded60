"""The bytes of a tree with other names and other ids."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple


class Entry(NamedTuple):
    """An entry of a tree; its mode is in octal digits."""

    mode: bytes
    name: bytes
    oid: bytes

    @property
    def is_folder(self) -> bool:
        """Whether it is a tree."""
        return self.mode.lstrip(b"0") == b"40000"

    def key(self) -> bytes:
        """Return what git sorts by: a folder as if its name ended with a slash."""
        return self.name + b"/" if self.is_folder else self.name


def relinked(content: bytes, width: int, links: Sequence[bytes]) -> bytes | None:
    """Return a tree with other ids; None for a malformed one.

    Parameters: `width`, the bytes of an id; `links`, an old id and the new one after it, each.
    """
    new = {link[:width]: link[width:] for link in links}
    try:
        return b"".join(b"%s %s\0%s" % (mode, name, new.get(oid, oid)) for mode, name, oid in entries(content, width))
    except ValueError:
        return None


def renamed(content: bytes, width: int, names: Mapping[bytes, bytes], oids: Mapping[bytes, bytes]) -> bytes:
    """Return a tree with other names and ids, in git's order.

    Parameters: `width`, the bytes of an id; `names` and `oids`, new ones by old ones. Raises `ValueError` for a
    malformed tree.
    """
    return joined(
        named_apart(
            Entry(entry.mode, names.get(entry.name, entry.name), oids.get(entry.oid, entry.oid))
            for entry in entries(content, width)
        )
    )


def named_apart(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries with a number behind a name that is taken: two names may have become the same."""
    taken: set[bytes] = set()
    found = []
    for entry in entries:
        name, number = entry.name, 1
        while name in taken:
            number += 1
            name = b"%s-%d" % (entry.name, number)
        taken.add(name)
        found.append(entry._replace(name=name))
    return found


def entries(content: bytes, width: int) -> list[Entry]:
    """Return the entries of a tree. Parameters: `width`, the bytes of an id. Raises `ValueError` where it is none."""
    found = [Entry(*match.groups()) for match in _form(width).finditer(content)]
    if sum(len(entry.mode) + len(entry.name) + len(entry.oid) + 2 for entry in found) != len(content):
        raise ValueError("a malformed tree")
    return found


@cache
def _form(width: int) -> re.Pattern[bytes]:
    return re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{%d})" % width, re.DOTALL)


def joined(entries: Iterable[Entry]) -> bytes:
    """Return the bytes of a tree with these entries, in git's order."""
    return b"".join(b"%s %s\0%s" % entry for entry in sorted(entries, key=Entry.key))
