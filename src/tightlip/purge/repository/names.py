"""Names without a value: what takes the place of one may hold what may not stand in a name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

Clean = Callable[[bytes], bytes]
"""What makes of some bytes the ones without a value."""

_NOT_IN_A_REF = re.compile(
    rb"[\0-\x20\x7f~^:?*\[\\]|\.\.|@\{|(?<![^/])\.|\.lock(?![^/])|\.\Z|(?<![^/])(?=/)|(?<![^/])\Z"
)
"""What git does not take in the name of a ref, and where a part of it would be empty (git-check-ref-format)."""
_PERSON = re.compile(rb"([a-z]+ )(.*)( -?[0-9]+ [+-][0-9]+)", re.DOTALL)
_NAMED = re.compile(rb"([^<>\n]*) <([^<>\n]*)>")
_NOT_IN_A_NAME = re.compile(rb"[<>\n\0]+")


def file_name(name: bytes, clean: Clean) -> bytes:
    """Return the name of a file or a folder without a value."""
    return clean(name).replace(b"/", b"_").replace(b"\0", b"_") or b"_"


def ref_name(name: bytes, clean: Clean) -> bytes:
    """Return the name of a ref, or a part of it, without a value; as it is where it has none."""
    new = clean(name)
    return name if new == name else _NOT_IN_A_REF.sub(b"x", new)


def free_ref_name(name: str, clean: Clean, taken: Collection[str]) -> str:
    """Return the name of a ref without a value, one that can stand beside those that are taken."""
    new = ref_name(name.encode("utf-8", "surrogateescape"), clean).decode("utf-8", "surrogateescape")
    number, found = 1, new
    while any(f"{one}/".startswith(f"{found}/") or f"{found}/".startswith(f"{one}/") for one in taken):
        number += 1
        found = f"{new}-{number}"
    return found


def person(line: bytes, clean: Clean) -> bytes:
    """Return the header line of an author, a committer or a tagger without a value. The date stays."""
    match = _PERSON.fullmatch(line)
    if match is None:
        return clean(line).replace(b"\n", b" ")
    field, who, when = match.groups()
    new = clean(who)
    if new != who and not _NAMED.fullmatch(new):
        parts = _NAMED.fullmatch(who)
        name, address = (_plain(clean(part)) for part in (parts.groups() if parts else (who, b"")))
        new = b"%b <%b>" % (name, address)
        if clean(new) != new:  # it goes from the name to the address
            new = b"%b <>" % _plain(clean(who))
    return field + new + when


def _plain(name: bytes) -> bytes:
    return _NOT_IN_A_NAME.sub(b" ", name)
