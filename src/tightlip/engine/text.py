"""What a blob reads as: its bytes, and its UTF-8 form where it is UTF-16 or UTF-32."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tightlip.rule import Match

_MARKS = (
    (BOM_UTF32_LE, "utf-32-le"),
    (BOM_UTF32_BE, "utf-32-be"),
    (BOM_UTF16_LE, "utf-16-le"),
    (BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096


def is_plain(data: bytes) -> bool:
    """Whether the bytes are to be searched as they are and in no other form; quick, and true of nearly everything."""
    return b"\0" not in data and not data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))


def are_plain(joined: bytes) -> bool:
    """Whether that is so of all texts that were joined to this; it may be so where this says that it is not.

    Every byte order mark that counts holds a byte that UTF-8 does not know.
    """
    return b"\0" not in joined and b"\xff" not in joined


def encoding_of(data: bytes) -> str:
    """Return the UTF-16 or UTF-32 form that `data` is in, or nothing.

    By its byte order mark, or because nearly every second byte is NUL where NULs begin.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    start = data.find(b"\0") // 2 * 2
    sample = data[max(0, start) :][:_SAMPLE]
    half = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if half >= 4 and odd > 0.9 * half and even < 0.1 * half:
        return "utf-16-le"
    if half >= 4 and even > 0.9 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def stands_as_it_is(through: tuple[str, ...]) -> bool:
    """Whether what was decoded so is in the text itself, or in its UTF-8 form."""
    return not through or (len(through) == 1 and any(through[0] == encoding for _, encoding in _MARKS))


def as_utf8(data: bytes, encoding: str) -> bytes:
    """Return the text as UTF-8, without a byte order mark; what does not decode becomes U+FFFD."""
    return data.decode(encoding, "replace").removeprefix("\ufeff").encode("utf-8", "replace")


def positions(data: bytes, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Return the line and the column of byte offsets, both from 1, in one pass; columns count characters."""
    found = {}
    at, line, column = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0, 1, 1
    for offset in sorted(set(offsets)):
        between = data[at:offset]
        if breaks := between.count(b"\n"):
            line, column = line + breaks, 1
            between = between[between.rfind(b"\n") + 1 :]
        column += len(between.decode("utf-8", "replace"))
        at = max(at, offset)
        found[offset] = (line, column)
    return found


def placed(text: bytes, matches: list[tuple[int, Match]], through: tuple[str, ...]) -> list[tuple[int, Match]]:
    """Return matches, each with the index of its rule, with line and column, and by what the text was decoded."""
    if not matches:
        return matches
    at = positions(text, [offset for _, match in matches for offset in (match.start, match.end)])
    return [
        (
            index,
            match.but(
                line=at[match.start][0],
                column=at[match.start][1],
                end_line=at[match.end][0],
                end_column=at[match.end][1],
                decoded_through=through,
            ),
        )
        for index, match in matches
    ]
