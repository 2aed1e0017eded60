"""The bytes of a commit or a tag, with other ids, other texts, and without the signatures that no longer hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

_SIGNATURES = (b"gpgsig", b"gpgsig-sha256")
_NAMED = re.compile(rb"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])")
_SIGNED_TAG = re.compile(rb"^-----BEGIN (?:PGP|SSH) SIGN(?:ATURE|ED MESSAGE)-----\r?$", re.MULTILINE)
_REFERENCES = (b"tree", b"parent", b"object")


class Rewritten(NamedTuple):
    """A commit or tag as it is now."""

    content: bytes
    was_signed: bool


def rewritten(
    content: bytes, ids: Mapping[bytes, bytes], text: Callable[[bytes], bytes], named: Callable[[bytes], bytes]
) -> Rewritten:
    """Return a commit or a tag with other ids and texts.

    Parameters: `ids`, new ids by old ones, in hexadecimal; `text`, what makes of some bytes the ones without a value;
    `named`, the same for ids of commits that a message names.
    """
    head, mark, message = content.partition(b"\n\n")
    lines, was_signed = [], False
    for line in _headers(head):
        name, _, rest = line.partition(b" ")
        if name in _SIGNATURES or (name == b"mergetag" and _tagged(rest) in ids):
            was_signed = True
        elif name in _REFERENCES:
            lines.append(name + b" " + ids.get(rest, rest))
        else:
            lines.append(text(line))
    signature = _SIGNED_TAG.search(message) if head.startswith(b"object ") else None
    if signature:
        message, was_signed = message[: signature.start()], True
    return Rewritten(b"\n".join(lines) + mark + named(text(message)), was_signed)


def is_signed(content: bytes) -> bool:
    """Whether a commit or tag is signed."""
    head, _, message = content.partition(b"\n\n")
    return any(line.partition(b" ")[0] in _SIGNATURES for line in _headers(head)) or (
        head.startswith(b"object ") and _SIGNED_TAG.search(message) is not None
    )


def ids_named(content: bytes) -> list[bytes]:
    """Return what in a message may be an id, in full or its beginning."""
    return _NAMED.findall(content.partition(b"\n\n")[2])


def with_ids(message: bytes, meant: Callable[[bytes], bytes | None]) -> bytes:
    """Return a message with the new ids in place of the old ones that it names, as long as these were.

    Parameters: `meant`, gives the new id of what an id, or the beginning of one, stands for; None for no commit, or one
    that stays.
    """

    def new(match: re.Match[bytes]) -> bytes:
        found = meant(match[0])
        return match[0] if found is None else found[: len(match[0])]

    return _NAMED.sub(new, message)


def _headers(head: bytes) -> list[bytes]:
    """Return the header lines of an object, each with its continuations, which begin with a space."""
    found: list[bytes] = []
    for line in head.split(b"\n"):
        if line.startswith(b" ") and found:
            found[-1] += b"\n" + line
        else:
            found.append(line)
    return found


def _tagged(rest: bytes) -> bytes:
    """Return what the tag inside a `mergetag` header is of."""
    return rest.split(b"\n", 1)[0].removeprefix(b"object ")
