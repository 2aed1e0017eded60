"""A file that SOPS encrypts. The `sops` program does it all; a value goes to it through a pipe, never as an argument.

https://github.com/getsops/sops
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path

from tightlip.errors import UsageError
from tightlip.model import Secret
from tightlip.rotate.place import Held, Place
from tightlip.rotate.replacing import changed, replacement

_TIMEOUT = 120
_NO_KEY = 100
"""What sops says where there is no such key."""


def read(place: Place) -> Held:
    """Return what the file holds. Raises `UsageError`."""
    if (value := _extract(place.where, place.key)) is None:
        raise UsageError(f"{place}: sops finds no such key in the file")
    return Held(Secret(value))


def put(place: Place, held: Held, new: Secret) -> str:
    """Put the new value in the place of the old one, keep that, and say where. Raises `UsageError`.

    A file may leave some keys unencrypted, so whether these two are not among them is tried with a value that means
    nothing first.
    """
    if _extract(place.where, place.previous) is not None:
        raise UsageError(
            f"{place}: {place.previous} is there, so an earlier rotation is not confirmed; do that first: "
            f"tightlip rotate --confirm --into {place}"
        )
    with replacement(place.where) as copy:
        if _extract(str(copy), place.key) != held.value.reveal():
            raise changed(place.where)
        for key in (place.previous, place.key):
            probe = secrets.token_hex(16)
            _set(copy, key, probe.encode(), place)
            if probe.encode() in copy.read_bytes():
                raise UsageError(f"{place}: the file's own rules leave {key} unencrypted; nothing was written")
        _set(copy, place.previous, held.value.reveal(), place)
        _set(copy, place.key, new.reveal(), place)
    return f"the old one is {place.previous} in the same file"


def confirm(place: Place) -> str:
    """Take the old value out, and say so. Raises `UsageError` where there is none."""
    if _extract(place.where, place.previous) is None:
        raise UsageError(f"{place}: there is no {place.previous}, so nothing is to be confirmed")
    with replacement(place.where) as copy:
        _run(["unset", str(copy), _index(place.previous)], place.where)
    return f"{place.previous} is taken out of {place.where}"


def _set(copy: Path, key: str, value: bytes, place: Place) -> None:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{place}: a value that is not UTF-8 has no place in such a file") from None
    _run(["set", "--value-stdin", str(copy), _index(key)], place.where, json.dumps(text).encode())


def _extract(file: str, key: str) -> bytes | None:
    """Return a value, or None where the file has no such key."""
    if not Path(file).is_file():
        raise UsageError(f"{file}: there is no such file")
    done = _done(["decrypt", "--extract", _index(key), os.path.abspath(file)])
    if done.returncode == 0:
        return done.stdout
    if b"component" in done.stderr and b"not found" in done.stderr:
        return None
    raise UsageError(_failed(file, done))


def _index(key: str) -> str:
    return "".join(f"[{json.dumps(name)}]" for name in key.split("."))


def _run(arguments: list[str], file: str, stdin: bytes = b"") -> None:
    done = _done(arguments, stdin)
    if done.returncode:
        raise UsageError(_failed(file, done))


def _done(arguments: list[str], stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    if not (program := shutil.which("sops")):
        raise UsageError("there is no sops program on the PATH; install it: https://github.com/getsops/sops/releases")
    try:
        return subprocess.run(
            [program, "--disable-version-check", *arguments],
            input=stdin,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"sops did not end within {_TIMEOUT} seconds") from None
    except OSError as error:
        raise UsageError(f"sops cannot be run: {error.strerror}") from None


def _failed(file: str, done: subprocess.CompletedProcess[bytes]) -> str:
    """Say that sops failed, and not in its words: some of its messages repeat what is in the file."""
    if b"value-stdin" in done.stderr and b"flag" in done.stderr:
        return "this sops takes a value as an argument only, where other users can see it; upgrade it to 3.11"
    hints = {
        b"sops metadata not found": "it is not encrypted by sops",
        b"MAC mismatch": "its content was changed without sops (MAC mismatch)",
        b"data key": "none of its keys can be used here: is the age, PGP or KMS key at hand?",
    }
    hint = next((said for mark, said in hints.items() if mark in done.stderr), f"sops ended with {done.returncode}")
    return f"{file}: {hint}"
