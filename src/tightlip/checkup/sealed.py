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

from tightlip.git.objects import Object, ObjectReader
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
NOT_WHOLE = "not all of its history is here, or it is too long to be looked at"
UNSHALLOW = "where the clone is shallow: git fetch --unshallow"
_LARGEST = 4 << 20
_SHORT = 10
_SOPS, _SIGN = "SOPS", "ENC[AES256_GCM,"
_KEY = re.compile(rb'enc"?\s*[:=]\s*(?:\|[-+]?\s*)?"?(-----BEGIN [A-Z ]+-----[^-]*-----END|[^\s",|-][^\s",|]*)')
"""The data key for one recipient, in any of SOPS' forms; a value of a key that is called so does no harm."""


class Version(NamedTuple):
    """A file as it once was."""

    commit: str
    """Its short id and day; empty for what git's index has, where no commit has it yet."""
    when: datetime
    """It was so by then."""
    document: Document | None
    """None where SOPS did not write it, or it cannot be read."""
    values: dict[tuple[str, ...], frozenset[str]]
    """By the keys that lead there, the encrypted values."""
    keys: frozenset[bytes]
    """The data key, as it is encrypted for each recipient."""

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
    changes = _changes(git, [it.path for it in today[:_MOST]])
    found = []
    with ObjectReader(git, limit=_LARGEST) as objects:
        for number, it in enumerate(today):
            path, past = os.fsdecode(it.path), changes.get(it.path, [])
            if not past or past[0].oid != it.oid:
                past = [_Change("", datetime.now(timezone.utc), it.oid), *past]
            kept = [change for change in past[:_MOST_VERSIONS] if change.oid.strip("0")]
            read = objects.read_many(change.oid for change in kept)
            versions = tuple(_version(change, data, path) for change, data in zip(kept, read, strict=True))
            found.append(Sealed(path, it.by, versions, is_whole and number < _MOST and len(past) <= _MOST_VERSIONS))
    return found


def spans(sealed: Sealed) -> dict[tuple[str, ...], Span]:
    """Return when each value was last changed, by the keys that lead to it; of a file without such under no key."""
    first = sealed.versions[0]
    if not sealed.is_sops:
        return {(): Span(sealed.versions[-1].when if sealed.is_whole else None, first.when)}
    return {path: _span(sealed, path, values, 0) for path, values in first.values.items()}


def _span(sealed: Sealed, path: tuple[str, ...], values: frozenset[str], start: int) -> Span:
    """Return when the oldest of some values came."""
    there = range(start, len(sealed.versions))
    oldest = max(max(n for n in there if value in sealed.versions[n].values.get(path, ())) for value in values)
    latest = sealed.versions[oldest].when
    if oldest + 1 == len(sealed.versions):
        return Span(latest if sealed.is_whole else None, latest)
    version, before = sealed.versions[oldest : oldest + 2]
    if before.document is None:
        return Span(sealed.versions[-1].when, latest)
    if path in before.values and version.is_anew(before):
        return Span(_span(sealed, path, before.values[path], oldest + 1).earliest, latest)
    return Span(latest, latest)


class _Change(NamedTuple):
    commit: str
    when: datetime
    oid: str


def _changes(git: Git, paths: Sequence[bytes]) -> dict[bytes, list[_Change]]:
    """Return the changes of files in the history of HEAD, the newest first. Raises `GitError`."""
    if not git.run("rev-parse", "--verify", "--quiet", "HEAD", fine=(1,)).strip():
        return {}
    output = git.run(
        *("log", "--raw", "-z", "--no-abbrev", "--format=%x01%H %ct", "--no-textconv", "--no-renames", "--"),
        *(f":(top,literal){os.fsdecode(path)}" for path in paths),
    )
    found: dict[bytes, list[_Change]] = {}
    commit, when, fields = "", datetime.now(timezone.utc), iter(output.split(b"\0"))
    for field in fields:
        rest = field
        if field.startswith(b"\x01"):
            head, _, rest = field[1:].partition(b"\n")
            oid, _, seconds = head.decode().partition(" ")
            when = _time(seconds)
            commit = f"{oid[:_SHORT]} {when:%Y-%m-%d}"
        if rest.lstrip(b"\n").startswith(b":"):
            change = _Change(commit, when, rest.split(b" ")[3].decode())
            found.setdefault(next(fields, b""), []).append(change)
    return found


def _time(seconds: str) -> datetime:
    """Return the time of a commit: one that says none that can be, says nothing."""
    now = datetime.now(timezone.utc)
    return (
        datetime.fromtimestamp(int(seconds), timezone.utc)
        if seconds.isdigit() and int(seconds) < now.timestamp()
        else now
    )


def _version(change: _Change, read: object, path: str) -> Version:
    data = read.data if isinstance(read, Object) else b""
    found = document.read(data, path)
    if found is None:
        return Version(change.commit, change.when, None, {}, frozenset())
    values: dict[tuple[str, ...], frozenset[str]] = {}
    for leaf in found.leaves:
        if is_encrypted(leaf.value):
            values[leaf.path] = values.get(leaf.path, frozenset()) | {leaf.value}
    said = moment(found.lastmodified)
    when = min(change.when, said) if said else change.when
    return Version(change.commit, when, found, values, frozenset(_KEY.findall(data)))
