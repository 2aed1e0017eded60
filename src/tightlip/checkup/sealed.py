"""Encrypted files through their history: since when a value is what it is, as far as that can be told without a key.

SOPS leaves the ciphertext of what does not change as it is, until it encrypts all of a file anew with another key
(`sops rotate`, or decrypting and encrypting by hand). Then nobody can tell what has changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from tightlip.checkup.changes import Change, changes
from tightlip.git.objects import Object, ObjectError, ObjectReader
from tightlip.git.plumbing import Git
from tightlip.known.asking import moment
from tightlip.sops import document, earlier
from tightlip.sops.document import Document
from tightlip.sops.earlier import Today
from tightlip.sops.encrypted import is_encrypted

_MOST = 500
"""Files whose history is looked at."""
_MOST_VERSIONS = 1000
"""Of one file."""
_MOST_BYTES = 128 << 20
"""Of all versions together."""
NOT_WHOLE = "not all of its history is here, or it is too long to be looked at"
UNSHALLOW = "git fetch --unshallow, or where the clone is partial: git fetch --refetch --no-filter"
_CUT = f"{NOT_WHOLE}; {UNSHALLOW}"
_ANEW = "all of the file was encrypted anew since, which may have changed it or not"
_MAY_BE_ANOTHER = "and a change of it may be one of something else"
_LARGEST = 4 << 20
_SHORT = 10
_SOPS, _SIGN = "SOPS", "ENC[AES256_GCM,"
_KEY = re.compile(rb'enc"?\s*[:=]\s*(?:\|[-+]?\s*)?"?(-----BEGIN [A-Z ]+-----[^-]*-----END|[^\s",|-][^\s",|]*)')
"""The data key for one recipient, in any of SOPS' forms; a value of a key that is called so does no harm."""


class Version(NamedTuple):
    """A file as it once was."""

    commit: str
    """Its short id and day; empty for what git's index has, where no commit has it yet."""
    earliest: datetime | None
    """It became so then or later; None where neither its commit nor SOPS says."""
    latest: datetime
    """It was so by then."""
    document: Document | None
    """None where SOPS did not write it, or it cannot be read. Without its values."""
    values: dict[tuple[str, ...], frozenset[str]]
    """By the keys that lead there, the encrypted values."""
    keys: frozenset[bytes]
    """The data key, as it is encrypted for each recipient."""

    @property
    def undated(self) -> str:
        """Why its commit does not tell when it became so."""
        if not self.commit:
            return "no commit has it yet"
        return "its commit was made anew, as by a rebase" if self.earliest else "its commit has no day that can be"

    @property
    def sealed(self) -> frozenset[str]:
        """Every encrypted value."""
        return frozenset[str]().union(*self.values.values())

    def is_anew(self, older: Version) -> bool:
        """Whether all of it was encrypted anew, with another key, since an older version."""
        return not (self.keys & older.keys or self.sealed & older.sealed)


class Sealed(NamedTuple):
    """An encrypted file that git tracks."""

    path: str
    by: str
    """What it is encrypted with."""
    versions: tuple[Version, ...]
    """The newest first; that of the index is the first."""
    is_whole: bool
    """Whether these are all versions there were."""

    @property
    def is_sops(self) -> bool:
        """Whether SOPS encrypts it, and its values can be told apart."""
        return self.by == _SOPS and self.versions[0].document is not None

    def current_key(self) -> tuple[Version, ...]:
        """Return the versions since all of it was encrypted anew: who had the key of one reads all of these."""
        pairs = zip(self.versions, self.versions[1:], strict=False)
        number = next((n for n, (new, old) in enumerate(pairs, 1) if old.document is None or new.is_anew(old)), None)
        return self.versions[:number]


class Span(NamedTuple):
    """When a value was last changed: between two times."""

    earliest: datetime | None
    """None where older versions are not there to be looked at."""
    latest: datetime
    why: str = ""
    """Why they differ, or it is not known."""


def encrypted(git: Git, entries: Sequence[tuple[bytes, str]]) -> list[Today]:
    """Return which files are encrypted; by SOPS, whatever their names. Raises `GitError`.

    Parameters: `entries`, paths and objects of the index.
    """
    found = earlier.encrypted(git, entries)
    listed = git.run("grep", "--cached", "--full-name", "-l", "-z", "-F", "-e", _SIGN, "--", ":/", fine=(1,))
    others = frozenset(listed.split(b"\0")).difference(it.path for it in found)
    more = [it for it in entries if it[0] in others]
    with ObjectReader(git, limit=_LARGEST) as objects:
        for (path, oid), read in zip(more, objects.read_many(oid for _, oid in more), strict=True):
            if isinstance(read, Object) and earlier.with_what(read.data, os.fsdecode(path)) == _SOPS:
                found.append(Today(path, oid, _SOPS))
    return found


def look(git: Git, today: Sequence[Today]) -> list[Sealed]:
    """Return encrypted files through their history. Raises `GitError`. Parameters: `today`, those of the index."""
    if not today:
        return []
    is_whole = git.run("rev-parse", "--is-shallow-repository").strip() != b"true"
    past = changes(git, [it.path for it in today[:_MOST]])
    with ObjectReader(git, limit=_LARGEST) as objects:
        reading = _Reading(objects)
        return [
            reading.sealed(it, past.get(it.path, []), is_whole=is_whole and number < _MOST)
            for number, it in enumerate(today)
        ]


class _Reading:
    """Reads versions, as many as there may be."""

    def __init__(self, objects: ObjectReader) -> None:
        self._objects, self._left = objects, _MOST_BYTES

    def sealed(self, today: Today, past: Sequence[Change], *, is_whole: bool) -> Sealed:
        """Return a file through its history. Parameters: `past`, its changes; `is_whole`, whether these are all."""
        path = os.fsdecode(today.path)
        if not past or past[0].oid != today.oid:
            past = [Change("", None, None, today.oid, is_new=False), *past]
        kept = [change for change in past[:_MOST_VERSIONS] if change.oid]
        versions = list[Version]()
        for change, read in zip(kept, self._objects.read_many(it.oid for it in kept), strict=False):
            data = b"" if isinstance(read, ObjectError) else read.data
            versions.append(_version(change, data, path))
            self._left -= len(data)
            is_whole = is_whole and isinstance(read, Object)
            if self._left < 0:
                break
        return Sealed(
            path, today.by, tuple(versions), is_whole and len(versions) == len(kept) and len(past) <= _MOST_VERSIONS
        )


def spans(sealed: Sealed) -> dict[tuple[str, ...], Span]:
    """Return when each value was last changed, by the keys that lead to it; of a file without such under no key."""
    first = sealed.versions[0]
    if not sealed.is_sops:
        return {(): _of_all(sealed)}
    oldest = {
        (path, value): number
        for number, version in enumerate(sealed.versions)
        for path, values in version.values.items()
        for value in values
    }
    return {path: _span(sealed, oldest, path) for path in first.values}


def _of_all(sealed: Sealed) -> Span:
    """Return when a file that is encrypted as a whole was last changed."""
    first, oldest = sealed.versions[0], sealed.versions[-1]
    if not sealed.is_whole:
        return Span(None, first.latest, _CUT)
    why = first.undated if first is oldest else f"{sealed.by} encrypts the file as a whole, {_MAY_BE_ANOTHER}"
    return Span(oldest.earliest, first.latest, why)


def _span(sealed: Sealed, oldest: dict[tuple[tuple[str, ...], str], int], path: tuple[str, ...]) -> Span:
    """Return when the oldest of the values under some keys came. Parameters: `oldest`, the first version of each."""
    versions, number, latest, why = sealed.versions, 0, None, ""
    while True:
        number = max(oldest[path, value] for value in versions[number].values[path])
        version = versions[number]
        latest = latest or version.latest
        if number + 1 == len(versions) and not sealed.is_whole:
            return Span(None, latest, _CUT)
        before = versions[number + 1] if number + 1 < len(versions) else None
        if before and before.document is None:
            return Span(versions[-1].earliest, latest, _ANEW)
        if before is None or path not in before.values or not version.is_anew(before):
            return Span(version.earliest, latest, why or version.undated)
        number, why = number + 1, _ANEW


def _version(change: Change, data: bytes, path: str) -> Version:
    now = datetime.now(timezone.utc)
    commit = f"{change.commit[:_SHORT]} {change.committed:%Y-%m-%d}" if change.committed else change.commit[:_SHORT]
    by_then = change.committed or now
    earliest = min(filter(None, (change.written, change.committed)), default=None)
    found = document.read(data, path)
    if found is None:
        return Version(commit, earliest, by_then, None, {}, frozenset())
    values: dict[tuple[str, ...], frozenset[str]] = {}
    for leaf in found.leaves:
        if is_encrypted(leaf.value):
            values[leaf.path] = values.get(leaf.path, frozenset()) | {leaf.value}
    said = moment(found.lastmodified)
    if said and said <= by_then:
        earliest = by_then = said
    return Version(commit, earliest, by_then, found._replace(leaves=()), values, frozenset(_KEY.findall(data)))
