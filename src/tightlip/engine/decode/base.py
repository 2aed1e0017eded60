"""Base64 and hexadecimal: in one run, or wrapped over lines."""

from __future__ import annotations

from binascii import a2b_base64
from itertools import accumulate

from tightlip.engine.decode.budget import MOST_AT_ONCE, Budget
from tightlip.engine.decode.decoded import Decoded, Source, Sources
from tightlip.engine.decode.magic import is_container
from tightlip.engine.runs import STANDARD, Run, digits_of, find
from tightlip.engine.text import as_utf8, encoding_of, is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.engine.decode.decoded import At

_CONTEXT = 100
"""Bytes before and after a value that are looked at with it: its key, and what closes it."""
_MOSTLY = 0.75
_PRINTABLE = bytes(range(32, 127)) + b"\t\n\r"


def decoded(text: bytes, budget: Budget) -> Iterator[Decoded]:
    """Yield what the runs of a text decode to, as far as it is text or a container."""
    for run in find(text):
        characters = b"".join(text[start:end] for start, end in zip(run[::2], run[1::2], strict=True))
        if len(characters) > MOST_AT_ONCE:
            budget.tell(f"a run of {len(characters):,} characters is too long to decode")
            continue
        digits, is_hex = digits_of(characters)
        if is_hex and len(digits) >= 2:
            yield from _value(text, run, bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii")), "hex", 2.0)
        if not is_hex or len(digits) % 4 == 0:
            yield from _value(text, run, _unbased(characters), "base64", 4 / 3)


def _unbased(characters: bytes) -> bytes:
    size = len(characters) - (len(characters) % 4 == 1)
    return a2b_base64(characters[:size].translate(STANDARD) + b"=" * (-size % 4))


def _value(text: bytes, run: Run, value: bytes, step: str, each: float) -> Iterator[Decoded]:
    """Yield a value. Parameters: `each`, characters of the run for one byte."""
    sizes = [end - start for start, end in zip(run[::2], run[1::2], strict=True)]
    begins = accumulate(sizes, initial=0)
    stretches = zip(begins, run[::2], sizes, strict=False)
    places = Sources(Source(made, start, start + size, is_copy=True) for made, start, size in stretches)
    if not is_plain(value) and (encoding := encoding_of(value)):
        yield Decoded((step, encoding), as_utf8(value, encoding), lambda *_: (run[0], run[-1]))
    elif is_container(value):
        yield Decoded((step,), value, _at(places, each, 0, len(value), run))
    elif _is_text(value):
        before, after = _around(text, run) if b"\n" not in value.rstrip() else (b"", b"")
        value = value.rstrip(b"\r\n") if after else value
        yield Decoded((step,), before + value + after, _at(places, each, len(before), len(value), run))


def _at(places: Sources, each: float, before: int, size: int, run: Run) -> At:
    def begin(place: int) -> int:
        return places(int(place * each), int(place * each) + 1)[0]

    def at(start: int, end: int) -> tuple[int, int]:
        start, end = start - before, end - before
        last = -int(-end * each // 1)
        return (
            begin(start) if 0 <= start < size else run[0] + min(start, 0),
            places(last - 1, last)[1] if 0 < end <= size else run[0] + end if end <= 0 else run[-1] + end - size,
        )

    return at


def _around(text: bytes, run: Run) -> tuple[bytes, bytes]:
    """Return what stands before and after a run on its line; where it is a value without quotes, with quotes.

    Nothing where it stands by itself.
    """
    start, end = run[0], run[-1]
    before = text[max(text.rfind(b"\n", 0, start) + 1, start - _CONTEXT) : start]
    while text[end : end + 1] == b"=":
        end += 1
    if before.rstrip().endswith((b":", b"=", b"=>")):
        return before + b'"', b'"'
    if before.endswith((b'"', b"'", b"`")) and text[end : end + 1] == before[-1:]:
        return before, text[end : end + 1]
    return b"", b""


def _is_text(value: bytes) -> bool:
    unprintable = len(value.translate(None, _PRINTABLE))
    if not unprintable:
        return True
    if len(value) - unprintable >= _MOSTLY * len(value):
        return True
    try:
        value[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in value
