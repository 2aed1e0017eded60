"""What is in a file that age encrypted, by its name without .age: `age:.env.age`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from tightlip.errors import UsageError
from tightlip.known.asking import library, some
from tightlip.known.contents import BINARY, format_of, leaves_of
from tightlip.known.reading import content
from tightlip.known.secret import Known, from_text

_ARMOR = b"-----BEGIN AGE ENCRYPTED FILE-----"
_BY_PASSPHRASE = b"age-encryption.org/v1\n-> scrypt "
_KEY = b"AGE-SECRET-KEY-1"


def secrets(where: str) -> Iterator[Known]:
    """Yield the values in a file: of KEY=VALUE, YAML, JSON and INI each one, of any other all of it."""
    source = f"age:{where}"
    with library("age", source):
        import pyrage
    sealed = content(source, where)
    try:
        bare = _bare(sealed)
        if bare.startswith(_BY_PASSPHRASE):
            raise UsageError(
                f"{source}: a passphrase opens it; `age -d FILE | tightlip ... --known lines:-` asks for it"
            )
        opened = pyrage.decrypt(bare, _identities(source))
    except (pyrage.DecryptError, ValueError):  # no base64
        raise UsageError(f"{source}: none of your age keys opens it, or it is no age file") from None
    yield from some(_values(source, where, opened), UsageError(f"{source}: there is no value in it"))


def _values(source: str, where: str, opened: bytes) -> Iterator[Known]:
    format_ = format_of(where.removesuffix(".age"))
    if format_ == BINARY:
        yield from from_text(where, opened.removesuffix(b"\n"))
        return
    for leaf, value in leaves_of(source, format_, opened).items():
        yield Known(f"{where}#{leaf}", value.removesuffix(b"\n"))


def _bare(sealed: bytes) -> bytes:
    """Return the file without armor."""
    if not sealed.lstrip().startswith(_ARMOR):
        return sealed
    from base64 import b64decode

    return b64decode(b"".join(line for line in sealed.splitlines() if not line.startswith(b"-----")))


def _identities(source: str) -> list[Any]:
    from pyrage import ssh, x25519

    path = _key_file()
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        raise UsageError(
            f"{source}: there is no age key in {path}; name the file of your keys in AGE_IDENTITY or SOPS_AGE_KEY_FILE"
        ) from None
    try:
        if b"PRIVATE KEY-----" in data:
            return [ssh.Identity.from_buffer(data)]
        found = [line.strip() for line in data.splitlines() if line.startswith(_KEY)]
        keys: list[Any] = [x25519.Identity.from_str(line.decode("ascii")) for line in found]
    except Exception:  # noqa: BLE001 - pyrage's errors may show what it read
        keys = []
    if not keys:
        raise UsageError(
            f"{source}: {path} holds no age key that can be read: AGE-SECRET-KEY-1..., or a private SSH key without a "
            "passphrase"
        )
    return keys


def _key_file() -> str:
    for name in ("AGE_IDENTITY", "SOPS_AGE_KEY_FILE"):
        if path := os.environ.get(name):
            return os.path.expanduser(path)
    if sys.platform == "darwin":
        folder = "~/Library/Application Support"
    else:
        folder = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return os.path.expanduser(os.path.join(folder, "sops", "age", "keys.txt"))
