"""Whether a file is one that SOPS wrote, and what it says of itself: for whom, which values, the MAC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tightlip.sops import leaves, selection
from tightlip.sops.creation import recipient
from tightlip.sops.encrypted import is_encrypted
from tightlip.sops.leaves import BINARY, DOTENV, INI, JSON, YAML, Leaf, NotReadable
from tightlip.sops.selection import Selection

_SOPS = "sops"
_DOTENV = "sops_"
_FLAT = re.compile(r"__list_\d+|__map_")
"""What dotenv and INI put between the keys of metadata: `age__list_0__map_recipient`."""
_RECIPIENTS: dict[tuple[str, ...], str] = {
    ("age", "recipient"): "age",
    ("pgp", "fp"): "pgp",
    ("kms", "arn"): "kms",
    ("gcp_kms", "resource_id"): "gcp_kms",
    ("azure_kv", "vault_url"): "azure_kv",
    ("hc_vault", "vault_address"): "hc_vault",
    ("hckms", "key_id"): "hckms",
}
_LARGEST = 4 << 20
_ORDER = {YAML: (YAML, JSON), JSON: (JSON, YAML), DOTENV: (DOTENV,), INI: (INI,), BINARY: (JSON, YAML, DOTENV, INI)}
"""What a file may be by its name: `production.env.enc` is binary to SOPS, and may hold a dotenv file all the same."""


class Document(NamedTuple):
    """A file that has SOPS' metadata."""

    store: str
    leaves: tuple[Leaf, ...]
    """Its values, without the metadata."""
    selection: Selection
    mac: str
    """As it is written; empty where there is none."""
    recipients: frozenset[str]
    lastmodified: str = ""

    @property
    def has_mac(self) -> bool:
        """Whether there is one that may be right."""
        return is_encrypted(self.mac)

    @property
    def encrypts(self) -> bool:
        """Whether any value is encrypted, or there is nothing to encrypt."""
        return not self.leaves or any(is_encrypted(leaf.value) for leaf in self.leaves)


def text_of(data: bytes) -> str | None:
    """Return a text, one character for each; None for what is none."""
    if b"\0" in data or len(data) > _LARGEST:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def read(data: bytes, path: str) -> Document | None:
    """Return a file as SOPS' document, or None where it is none."""
    if _SOPS.encode() not in data:
        return None
    text = text_of(data)
    for store in _ORDER[leaves.store_of(path)] if text is not None else ():
        try:
            found = leaves.parse(text or "", store)
        except NotReadable:
            continue
        if document := _document(found, store):
            return document
    return None


def values(data: bytes, path: str) -> tuple[str, list[Leaf]]:
    """Return the form of a plaintext file, and its values; none, as binary, where it cannot be read as what it is."""
    text, store = text_of(data), leaves.store_of(path)
    try:
        return store, [] if text is None else leaves.parse(text, store)
    except NotReadable:
        return BINARY, []


def _document(found: Sequence[Leaf], store: str) -> Document | None:
    said = dict(_metadata(found, store))
    if not any(key and key[-1] in ("version", "mac", "lastmodified") for key in said):
        return None
    others = tuple(leaf for leaf in found if not _is_metadata(leaf, store))
    flat = {key[0]: value for key, value in said.items() if len(key) == 1}
    names = frozenset(_recipients(found, store))
    mac = flat.get("mac", "")
    return Document(store, others, selection.of(flat), mac, names, flat.get("lastmodified", ""))


def _metadata(found: Sequence[Leaf], store: str) -> Iterator[tuple[tuple[str, ...], str]]:
    for leaf in found:
        if _is_metadata(leaf, store):
            yield _key(leaf, store), leaf.value


def _is_metadata(leaf: Leaf, store: str) -> bool:
    return leaf.path[0].startswith(_DOTENV) if store == DOTENV else leaf.path[0] == _SOPS


def _key(leaf: Leaf, store: str) -> tuple[str, ...]:
    """Return the keys of metadata, the same for each form."""
    if store in (YAML, JSON):
        return leaf.path[1:]
    name = leaf.path[-1].removeprefix(_DOTENV if store == DOTENV else "")
    return tuple(filter(None, _FLAT.split(name)))


def _recipients(found: Sequence[Leaf], store: str) -> Iterator[str]:
    for leaf in found:
        if _is_metadata(leaf, store) and (kind := _RECIPIENTS.get(_key(leaf, store)[-2:])):
            yield recipient(kind, leaf.value)
