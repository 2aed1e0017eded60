"""`ENC[AES256_GCM,data:...,iv:...,tag:...,type:...]`: whether SOPS wrote a value, or it only looks like that."""

from __future__ import annotations

import binascii
import re

TYPES = frozenset(("str", "int", "float", "bool", "bytes", "comment", "time"))
_FORM = re.compile(
    r"ENC\[AES256_GCM,data:([A-Za-z0-9+/]+={0,2}),iv:([A-Za-z0-9+/=]+),tag:([A-Za-z0-9+/=]+),type:(\w+)\]"
)
_IV, _TAG = 32, 16
"""Bytes (`nonceSize` in aes/cipher.go, and the tag of GCM)."""


def is_encrypted(value: str) -> bool:
    """Whether a value is encrypted, as far as that can be told without a key."""
    found = _FORM.fullmatch(value)
    if not found or found[4] not in TYPES:
        return False
    try:
        data, iv, tag = (binascii.a2b_base64(found[group]) for group in (1, 2, 3))
    except binascii.Error:
        return False
    return bool(data) and len(iv) == _IV and len(tag) == _TAG
