"""The bytes of a commit or a tag, with other ids, other texts, and without the signatures that no longer hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tightlip.purge.repository import names

_SIGNATURES = (b"gpgsig", b"gpgsig-sha256")
_NAMED = re.compile(rb"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])")
_SIGNED_TAG = re.compile(rb"^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SIGNED MESSAGE|SSH SIGNATURE)-----", re.MULTILINE)
"""Where the signature of a tag begins: at the last of these. Source: git, gpg-interface.c."""
_LINKS = re.compile(rb"tree [0-9a-f]{40,64}\n(?:parent [0-9a-f]{40,64}\n)*(?=author )")
_PEOPLE = (b"author", b"committer", b"tagger")
_NOT_TEXT = re.compile(rb"(?m)^(?:tree|parent|object) [0-9a-f]{40,64}$|(?<=>) -?[0-9]+ [+-][0-9]+$")
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
            lines.append(_header(name, line, text))
            was_signed |= name == b"mergetag" and lines[-1] != line
    if (at := _signature(head, message)) is not None:
        message, was_signed = message[:at], True
    return Rewritten(b"\n".join(lines) + mark + named(text(message)), was_signed)


def relinked(content: bytes, ids: Mapping[bytes, bytes]) -> bytes | None:
    """Return what `rewritten` does of a commit in which nothing but ids changes, in a tenth of the time.

    None where that takes a closer look.
    """
    links = _LINKS.match(content)
    if links is None or b"\ngpgsig" in content or b"\nmergetag " in content:
        return None
    new = links[0]
    for old, oid in ids.items():
        new = new.replace(old, oid)
    return new + content[links.end() :]


def is_signed(content: bytes) -> bool:
    """Whether a commit or tag is signed."""
    head, _, message = content.partition(b"\n\n")
    return any(line.partition(b" ")[0] in _SIGNATURES for line in _headers(head)) or (
        _signature(head, message) is not None
    )


def only_text(content: bytes) -> bytes:
    """Return a commit or tag with its ids and dates overwritten: digits that are a value by chance are none there."""
    head, mark, message = content.partition(b"\n\n")
    return _NOT_TEXT.sub(lambda match: b"\x01" * len(match[0]), head) + mark + message


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


def _header(name: bytes, line: bytes, text: Callable[[bytes], bytes]) -> bytes:
    """Return a header line without a value."""
    if name in _PEOPLE:
        return names.person(line, text)
    if name == b"tag":
        return b"tag " + names.ref_name(line.removeprefix(b"tag "), text)
    new = text(line)
    return line if new == line else b"\n ".join(new.replace(b"\n ", b"\n").split(b"\n"))


def _signature(head: bytes, message: bytes) -> int | None:
    """Return where the signature of a tag begins in its message; None where it has none."""
    starts = [match.start() for match in _SIGNED_TAG.finditer(message)] if head.startswith(b"object ") else []
    return starts[-1] if starts else None


def _tagged(rest: bytes) -> bytes:
    """Return what the tag inside a `mergetag` header is of."""
    return rest.split(b"\n", 1)[0].removeprefix(b"object ")
