r"""Patterns of paths as git reads them in a .gitignore (`gitignore(5)`; dir.c and wildmatch.c in git's source).

A pattern becomes an expression of `re` that cannot run for long, whoever wrote it: between two wildcards the first
place where the text fits is as good as any other, because the wildcard after it takes whatever lies between. So what
precedes the last wildcard is matched once and never again: `(?=(...))\1`, an atomic group as every Python has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

LONGEST = 4096
"""The most bytes of a pattern."""

_STAR, _DEEP, _ANYTHING = "star", "deep", "anything"
"""A wildcard: within one name (`*`); over folders, with the slash that follows (`**/`); over everything."""
_SPECIAL = b"*?[\\"
_CLASSES: dict[bytes, Callable[[int], bool]] = {
    b"alnum": lambda c: chr(c).isalnum(),
    b"alpha": lambda c: chr(c).isalpha(),
    b"blank": lambda c: c in b" \t",
    b"cntrl": lambda c: c < 32 or c == 127,
    b"digit": lambda c: chr(c).isdigit(),
    b"graph": lambda c: 32 < c < 127,
    b"lower": lambda c: chr(c).islower(),
    b"print": lambda c: 32 <= c < 127,
    b"punct": lambda c: 32 < c < 127 and not chr(c).isalnum(),
    b"space": lambda c: c in b" \t\n\r\v\f",
    b"upper": lambda c: chr(c).isupper(),
    b"xdigit": lambda c: c in b"0123456789abcdefABCDEF",
}
_SLASH = ord("/")


class Glob(NamedTuple):
    """One pattern."""

    is_negative: bool
    """Whether it takes back what one before it matched (`!`)."""
    only_folders: bool
    """Whether it matches folders only (a slash at its end)."""
    whole: bool
    """Whether it is about the whole path, from the top; else about a name anywhere."""
    matcher: re.Pattern[bytes] | None
    """None where nothing can match it, as git has it for a `[` without its end."""

    def matches(self, path: bytes, *, is_folder: bool) -> bool:
        """Whether it matches a path that is counted from the top; not whether it matches a folder above it."""
        if self.matcher is None or (self.only_folders and not is_folder):
            return False
        return self.matcher.fullmatch(path if self.whole else path[path.rfind(b"/") + 1 :]) is not None


def glob(text: bytes) -> Glob:
    """Return a pattern, written as a line of a .gitignore without spaces at its end."""
    negative = text.startswith(b"!")
    body = text[negative:]
    only_folders = body.endswith(b"/")
    body = body[: len(body) - only_folders]
    whole = b"/" in body
    parts = _parts(body.removeprefix(b"/") if whole else body, whole=whole)
    matcher = None if parts is None or len(body) > LONGEST else re.compile(_expression(parts), re.DOTALL)
    return Glob(negative, only_folders, whole, matcher)


def excludes(globs: Sequence[Glob], path: bytes, *, is_folder: bool) -> int | None:
    """Return the index of the pattern that leaves a path out by itself, and not by a folder above it, or None."""
    for index in range(len(globs) - 1, -1, -1):
        if globs[index].matches(path, is_folder=is_folder):
            return None if globs[index].is_negative else index
    return None


def folders(path: bytes) -> Iterator[bytes]:
    """Yield the folders above a path, from the top."""
    at = path.find(b"/")
    while at >= 0:
        yield path[:at]
        at = path.find(b"/", at + 1)


def _parts(text: bytes, *, whole: bool) -> list[str | bytes] | None:
    """Return wildcards, and between them expressions of a fixed number of bytes; None where nothing can match."""
    literal = next((at for at, byte in enumerate(text) if byte in _SPECIAL), len(text))
    parts: list[str | bytes] = [re.escape(text[:literal])]
    at = literal
    while at < len(text):
        byte = text[at : at + 1]
        if byte == b"*":
            wildcard, at = _wildcard(text, at, literal, whole=whole)
            parts += [wildcard, b""]
            continue
        if byte == b"[":
            found = _bracket(text, at + 1)
            if found is None:
                return None
            expression, at = found
        elif byte == b"\\":
            if at + 1 == len(text):
                return None
            expression, at = re.escape(text[at + 1 : at + 2]), at + 2
        else:
            expression, at = (b"[^/]" if byte == b"?" else re.escape(byte)), at + 1
        parts[-1] = bytes(parts[-1]) + expression if isinstance(parts[-1], bytes) else expression
    return parts


def _wildcard(text: bytes, at: int, literal: int, *, whole: bool) -> tuple[str, int]:
    end = at
    while text[end : end + 1] == b"*":
        end += 1
    rest = text[end:]
    # Git compares what precedes the first wildcard by itself, and takes what is left for a pattern of its own.
    is_alone = at == literal or text[at - 1 : at] == b"/"
    if not whole or end - at == 1 or not is_alone or not (not rest or rest.startswith((b"/", b"\\/"))):
        return _STAR, end
    return (_DEEP, end + 1) if rest.startswith(b"/") else (_ANYTHING, end)


def _bracket(text: bytes, at: int) -> tuple[bytes, int] | None:  # noqa: C901 - branch by branch as wildmatch.c
    """Return the expression of what is in brackets, and where these end; None where they do not."""
    negated = text[at : at + 1] in (b"!", b"^") and at < len(text)
    at += negated
    chosen: set[int] = set()
    before, first = 0, True
    while first or text[at : at + 1] != b"]":
        first = False
        if at >= len(text):
            return None
        byte = text[at]
        if byte == ord("\\"):
            at += 1
            if at >= len(text):
                return None
            before = text[at]
            chosen.add(before)
        elif byte == ord("-") and before and at + 1 < len(text) and text[at + 1] != ord("]"):
            at += 1 + (text[at + 1] == ord("\\"))
            if at >= len(text):
                return None
            chosen.update(range(before, text[at] + 1))
            before = 0
        elif byte == ord("[") and text[at + 1 : at + 2] == b":":
            end = text.find(b"]", at + 2)
            if end < 0:
                return None
            if end == at + 2 or text[end - 1 : end] != b":":  # an ordinary bracket
                before = byte
                chosen.add(byte)
            else:
                kind = _CLASSES.get(text[at + 2 : end - 1])
                if kind is None:
                    return None
                chosen.update(code for code in range(128) if kind(code))
                before, at = 0, end
        else:
            before = byte
            chosen.add(byte)
        at += 1
    codes = (set(range(256)) - chosen if negated else chosen) - {_SLASH}
    return (b"[" + b"".join(b"\\x%02x" % code for code in sorted(codes)) + b"]" if codes else b"(?!)"), at + 1


def _expression(parts: Sequence[str | bytes]) -> bytes:
    """Put wildcards and what is between them together."""
    blocks: list[tuple[str, list[bytes]]] = [("", [])]
    for part in parts:
        if isinstance(part, bytes):
            blocks[-1][1].append(part)
        elif part != _STAR:
            blocks.append((part, []))
    groups = 0

    def once(expression: bytes) -> bytes:
        nonlocal groups
        groups += 1
        return b"(?=(?P<g%d>%b))(?P=g%d)" % (groups, expression, groups)

    written = b""
    for number, (wildcard, texts) in enumerate(blocks):
        is_last = number == len(blocks) - 1
        middle = texts[1:-1] if is_last else texts[1:]
        block = texts[0] + b"".join(once(b"[^/]*?" + text) for text in middle)
        if is_last and len(texts) > 1:
            block += b"[^/]*" + texts[-1]
        block = {"": b"", _DEEP: b"(?:.*?/)??", _ANYTHING: b".*?"}[wildcard] + block
        written += block if is_last else once(block)
    return written
