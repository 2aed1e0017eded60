"""Whether a file is the plaintext of an encrypted one: what it is called tells, and that it has the same keys."""

from __future__ import annotations

from typing import NamedTuple

from tightlip.sops import document, leaves, other
from tightlip.sops.encrypted import is_encrypted
from tightlip.sops.leaves import BINARY

_OF_BINARY = frozenset({("data",)})
"""The one key of what SOPS makes of a file that it has no form for."""


class Sealed(NamedTuple):
    """What an encrypted file tells of its plaintext."""

    name: str
    """Of the encrypted file."""
    is_whole: bool
    """Whether nothing is readable in it: not by SOPS, but by age, PGP, git-crypt or ansible-vault."""
    keys: frozenset[tuple[str, ...]]
    """Those of the encrypted values."""

    def is_of(self, data: bytes, path: str) -> bool:
        """Whether a file is its plaintext. `values.yaml` beside `values.enc.yaml` may hold what is no secret."""
        if self.is_whole or not self.keys:
            return self.is_whole and self.name.startswith(path)
        if self.name.startswith(path) and self.keys == _OF_BINARY:
            return True
        there = {leaf.path for leaf in document.values(data, self._form(path))[1]}
        return 2 * len(self.keys & there) >= len(self.keys)

    def _form(self, path: str) -> str:
        """Return the name that tells the form of the plaintext."""
        return self.name if leaves.store_of(path) == BINARY else path


def sealed(data: bytes, name: str) -> Sealed:
    """Return what a file tells that may be encrypted; where it is not, nothing is its plaintext."""
    found = document.read(data, name)
    if found is None:
        return Sealed(name, bool(other.by(data)), frozenset())
    return Sealed(name, is_whole=False, keys=frozenset(it.path for it in found.leaves if is_encrypted(it.value)))
