"""What a hook asks whether a value is a known secret: salted, truncated slow hashes, from which none can be read.

docs/known.md says what that protects against, and what not.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timezone
from stat import S_ISREG
from typing import TYPE_CHECKING, NamedTuple

from tightlip.errors import UsageError
from tightlip.known.candidates import LONGEST, is_candidate
from tightlip.known.fit import LEAST

if TYPE_CHECKING:
    from tightlip.known.secret import Known

_FORMAT = 1
_COST = {"n": 1 << 14, "r": 8, "p": 1}
"""Of scrypt (RFC 7914): some 40 ms and 16 MB for each value that is asked about, and few are in a commit."""
_BYTES = 5
"""What is kept of a hash: 40 bits. Of a thousand entries, one in a thousand million values asked about is a false
alarm."""
_MOST = 1 << 24  # bytes of the file
_SALT = 16
_LENGTHS = frozenset(range(LEAST, LONGEST + 1))


class Index(NamedTuple):
    """An index, read."""

    made: str
    """The day, in ISO 8601."""
    salt: bytes
    lengths: frozenset[int]
    hashes: frozenset[bytes]

    def holds(self, values: Iterable[bytes]) -> set[bytes]:
        """Return those values that are known. Slow on purpose: all processors are used."""
        from concurrent.futures import ThreadPoolExecutor  # scrypt runs without the interpreter's lock

        every = list(values)
        if not every:
            return set()
        with ThreadPoolExecutor() as threads:
            hashes = threads.map(lambda value: _hashed(self.salt, value), every)
            return {value for value, hash_ in zip(every, hashes, strict=True) if hash_ in self.hashes}


def indexed(known: Iterable[Known]) -> tuple[bytes, list[Known]]:
    """Return an index of known secrets, as it is written, and those that it cannot hold.

    Raises `UsageError` where it can hold none.
    """
    from concurrent.futures import ThreadPoolExecutor

    every = list(known)
    left = [one for one in every if not is_candidate(one.value)]
    values = list({one.value for one in every} - {one.value for one in left})
    if not values:
        raise UsageError("none of these secrets can be in an index; `tightlip known list` tells what each is")
    salt = secrets.token_bytes(_SALT)
    with ThreadPoolExecutor() as threads:
        hashes = sorted(threads.map(lambda value: _hashed(salt, value), values))
    row = {
        "format": _FORMAT,
        "made": datetime.now(timezone.utc).date().isoformat(),
        "salt": salt.hex(),
        "lengths": sorted(set(map(len, values))),
        "hashes": b"".join(hashes).hex(),
    }
    return json.dumps(row).encode("ascii") + b"\n", left


def write(path: str, content: bytes) -> None:
    """Write an index, for its owner alone, at once. Raises `UsageError`, also where a repository would hold it."""
    path = os.path.abspath(os.path.expanduser(path))
    if top := _repository_of(path):
        raise UsageError(f"{path} is in the repository {top}: an index is not for others; name another place")
    temporary = f"{path}.{secrets.token_hex(4)}"
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        _put(path, temporary, content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _put(path: str, temporary: str, content: bytes) -> None:
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read(paths: Sequence[str]) -> list[Index]:
    """Read indexes. Raises `UsageError`."""
    return [_read(path) for path in paths]


def _read(path: str) -> Index:
    from tightlip.cachefolder import is_ours

    try:
        if not S_ISREG(os.stat(path).st_mode):  # a pipe would never end
            raise _unusable(path)
        with open(path, "rb") as file:
            is_private, content = is_ours(file.fileno()), file.read(_MOST)
    except OSError as error:
        raise UsageError(
            f"{path}, an index of known secrets that your configuration names: {error.strerror}; make it with "
            "`tightlip known index`"
        ) from None
    if not is_private:
        raise UsageError(f"{path}: others can write this index of known secrets; run: chmod 600 {path}")
    if found := _parsed(content):
        return found
    raise _unusable(path)


def _unusable(path: str) -> UsageError:
    return UsageError(f"{path} is no index of known secrets; make it anew with `tightlip known index`")


def _parsed(content: bytes) -> Index | None:
    try:
        row = json.loads(content)
        made = date.fromisoformat(row["made"]).isoformat()
        salt, hashes = bytes.fromhex(row["salt"]), bytes.fromhex(row["hashes"])
        lengths = frozenset[int](row["lengths"])
        is_one = row["format"] == _FORMAT and lengths <= _LENGTHS and len(salt) == _SALT and hashes
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if not is_one or len(hashes) % _BYTES:
        return None
    return Index(made, salt, lengths, frozenset(hashes[at : at + _BYTES] for at in range(0, len(hashes), _BYTES)))


def _hashed(salt: bytes, value: bytes) -> bytes:
    from hashlib import scrypt

    return scrypt(value, salt=salt, dklen=_BYTES, n=_COST["n"], r=_COST["r"], p=_COST["p"])


def _repository_of(path: str) -> str:
    folder = os.path.realpath(os.path.dirname(path))
    while folder != os.path.dirname(folder):
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        folder = os.path.dirname(folder)
    return ""
