"""Files of keys in the working tree that others on the machine can read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from tightlip.hygiene import dotenv
from tightlip.hygiene.problem import Problem

_ENDS = (".pem", ".key", ".p12", ".pfx", ".jks", ".ppk")
_NAMES = ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "keys.txt", "credentials.json")
_PUBLIC = (b"-----BEGIN CERTIFICATE", b"-----BEGIN PUBLIC KEY", b"-----BEGIN X509 CRL", b"ssh-")
_OTHERS = 0o077


def is_key_file(path: str) -> bool:
    """Whether a file is one that only its owner should read, by its name."""
    name = path.rpartition("/")[2]
    return name in _NAMES or name.endswith(_ENDS) or (dotenv.is_env(name) and not dotenv.is_example(name))


def look(top: str, paths: Iterable[str]) -> Iterator[Problem]:
    """Yield those that group or others can read. Parameters: `paths`, from the top, of what git does not track."""
    if os.name == "nt":
        return
    for path in paths:
        name = os.path.join(top, path)
        if not is_key_file(path) or os.path.islink(name) or not os.path.isfile(name):
            continue
        mode = stat.S_IMODE(os.stat(name).st_mode)
        if mode & _OTHERS and not is_public(_start(name)):
            yield Problem(path, f"its mode is {mode:04o}: others on this machine can read it")


def is_public(data: bytes) -> bool:
    """Whether what a file begins with is a certificate or a public key."""
    return data.lstrip().startswith(_PUBLIC)


def _start(name: str) -> bytes:
    try:
        with open(name, "rb") as file:
            return file.read(64)
    except OSError:
        return b""
