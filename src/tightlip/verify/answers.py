"""What providers said before, for some hours, in the user's cache folder. No value is in it.

A value is recognised by an HMAC under a key that is drawn at random when the file is made, and that never leaves it.
"""

from __future__ import annotations

import hmac
import json
import os
import time
from collections.abc import Mapping

from tightlip import cachefolder
from tightlip.request import Request

NAME = "verified"
"""The file in the cache folder."""
HOURS = 4.0
_MOST = 10_000
_KEY = 32


class Answers:
    """What is remembered; `keep` writes it."""

    def __init__(self, *, cache: bool = True) -> None:
        """Parameters: `cache`, whether anything is remembered from before, and for later."""
        self._cache = cache
        self._key, self._known = _read() if cache else (os.urandom(_KEY), {})
        self._changed = False

    def of(self, request: Request, values: Mapping[str, bytes]) -> str | None:
        """Return what was answered, or None where nobody asked of late."""
        known = self._known.get(self._name(request, values))
        return known[0] if known else None

    def put(self, request: Request, values: Mapping[str, bytes], said: str) -> None:
        """Remember an answer."""
        self._known[self._name(request, values)] = (said, time.time() + HOURS * 3600)
        self._changed = True

    def forget(self, request: Request, values: Mapping[str, bytes]) -> None:
        """Forget an answer, which holds no more."""
        self._changed |= self._known.pop(self._name(request, values), None) is not None

    def keep(self) -> None:
        """Write what is new, where the cache folder can be used."""
        if self._changed and self._cache and cachefolder.is_usable():
            rows = sorted(self._known.items(), key=lambda row: -row[1][1])[:_MOST]
            cachefolder.write(NAME, json.dumps({"key": self._key.hex(), "known": dict(rows)}).encode())

    def _name(self, request: Request, values: Mapping[str, bytes]) -> str:
        """Return what stands for the values. They have a length before them, so that no two lists are alike."""
        parts = [repr(request).encode(), *(part for name in sorted(values) for part in (name.encode(), values[name]))]
        return hmac.digest(self._key, b"".join(b"%d:%s" % (len(part), part) for part in parts), "sha256").hex()


def _read() -> tuple[bytes, dict[str, tuple[str, float]]]:
    """Return the key and what is still good; a new key where there is none, or the file is not as it should be."""
    try:
        with cachefolder.opened(NAME) as stream:
            made = json.load(stream)
        key = bytes.fromhex(made["key"])
        now = time.time()
        known = {
            str(name): (str(said), float(until))
            for name, (said, until) in made["known"].items()
            if now < float(until) <= now + HOURS * 3600 and said in ("live", "revoked")
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return os.urandom(_KEY), {}
    return (key, known) if len(key) == _KEY else (os.urandom(_KEY), {})
