"""`.sops.yaml`: what must be encrypted, and for whom."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial

from tightlip.errors import UsageError
from tightlip.setup.offer import Note, Offer, Wishes, create
from tightlip.sops.creation import NAME

_RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")
"""Bech32 (BIP 173), of 32 bytes."""
_PUBLIC = re.compile(r"^# public key: (age1\S+)", re.MULTILINE)
_RULES = """\
creation_rules:
  # config.enc.yaml, production.enc.env and the like: sops encrypt --in-place FILE
  - path_regex: \\.enc\\.(ya?ml|json|env|ini)$
    age: {recipients}
"""


def offers(wishes: Wishes) -> Iterator[Offer | Note]:
    """Yield what writes the file, where there is none and somebody to encrypt for. Raises `UsageError`."""
    wrong = [it for it in wishes.age if not _RECIPIENT.fullmatch(it)]
    if wrong:
        raise UsageError("--age takes the public key of an age key pair: age1 and 58 more characters")
    if os.path.lexists(os.path.join(wishes.top, NAME)):
        return
    recipients = wishes.age or found()
    if not recipients:
        yield Note(
            f"no {NAME}: your keys.txt names no public key of age; age-keygen makes one, or name it: --age age1..."
        )
        return
    content = _RULES.format(recipients=",".join(recipients))
    what = f"{NAME} for {', '.join(recipients)}"
    yield Offer(
        f"Write {what}",
        f"wrote {what}",
        tuple(content.splitlines()),
        partial(create, wishes.top, NAME, content.encode()),
    )


def found() -> tuple[str, ...]:
    """Return the recipients that SOPS' environment, or the user's file of keys, names. No private key is kept."""
    named = tuple(it.strip() for it in os.environ.get("SOPS_AGE_RECIPIENTS", "").split(","))
    if any(named):
        return tuple(it for it in named if _RECIPIENT.fullmatch(it))
    folder = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
    path = os.environ.get("SOPS_AGE_KEY_FILE") or os.path.join(folder, "sops", "age", "keys.txt")
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            keys = _PUBLIC.findall(file.read(1 << 16))
    except OSError:
        return ()
    return tuple(it for it in keys if _RECIPIENT.fullmatch(it))[:1]
