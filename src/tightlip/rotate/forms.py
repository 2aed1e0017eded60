"""New values, cryptographically random, in the form that is wanted."""

from __future__ import annotations

import math
import re
import secrets
import string
from base64 import b64encode

from tightlip.errors import UsageError
from tightlip.model import Secret

USUAL = "hex:32"
LIKE_OLD = "like-old"
_FORM = re.compile(r"(hex|base64|alphanumeric):([0-9]{1,4})", re.ASCII)
_LEAST_BITS = 80
_MOST = 1024
_HEXADECIMAL = ("0123456789abcdef", "0123456789ABCDEF")
_CLASSES = (string.ascii_uppercase, string.ascii_lowercase, string.digits)


def made(form: str, old: Secret) -> Secret:
    """Return a new value.

    Parameters: `form`, `hex:N` or `base64:N` of N random bytes, `alphanumeric:N` of N letters and digits, or
    `like-old`: as long as the old one, with a letter for a letter of its case, a digit for a digit (a hexadecimal one
    for each, where all are that), and all else as it was.
    Raises `UsageError` for a form that is none, or that could be guessed.
    """
    if form == LIKE_OLD:
        return _like(old)
    found = _FORM.fullmatch(form)
    if not found:
        raise UsageError(f"{form!r} is no form: hex:N, base64:N, alphanumeric:N or {LIKE_OLD}")
    kind, number = found[1], int(found[2])
    if number > _MOST:
        raise UsageError(f"--form {form}: at most {_MOST}")
    _check(number * (8 if kind != "alphanumeric" else math.log2(62)), form)
    if kind == "hex":
        return Secret(secrets.token_hex(number).encode())
    if kind == "base64":
        return Secret(b64encode(secrets.token_bytes(number)))
    return Secret("".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(number)).encode())


def _like(old: Secret) -> Secret:
    try:
        text = old.reveal().decode("ascii")
    except UnicodeDecodeError:
        raise UsageError(f"--form {LIKE_OLD}: the old value is no ASCII text; choose another form") from None
    every = _classes(text)
    classes = [next((it for it in every if character in it), "") for character in text]
    _check(sum(math.log2(len(it)) for it in classes if it), LIKE_OLD)
    return Secret("".join(secrets.choice(it) if it else was for it, was in zip(classes, text, strict=True)).encode())


def _classes(text: str) -> tuple[str, ...]:
    """Return what a new character is drawn from: hexadecimal digits, where all letters and digits are that."""
    signs = {character for character in text if character.isalnum()}
    if signs <= set(string.digits):
        return _CLASSES
    return next(((it,) for it in _HEXADECIMAL if signs <= set(it)), _CLASSES)


def _check(bits: float, form: str) -> None:
    if bits < _LEAST_BITS:
        raise UsageError(
            f"--form {form} could be guessed: it has {bits:.0f} bits, and {_LEAST_BITS} are the least here"
        )
