"""A small encoder of deltas, and what is read out of what it writes."""

from __future__ import annotations

from collections.abc import Sequence

from tightlip.engine import Scanner
from tightlip.engine.batch import Batch
from tightlip.engine.suspect import Looked, Suspicion
from tightlip.git.native import applied, brought, moved

Edit = tuple[int, int] | bytes
"""A span of the text before, or new bytes."""


def _number(value: int) -> bytes:
    low, rest = value & 127, value >> 7
    return bytes([low | 128]) + _number(rest) if rest else bytes([low])


def _copy(at: int, size: int) -> bytes:
    return b"\xff" + at.to_bytes(4, "little") + size.to_bytes(3, "little")


def encoded(base: bytes, parts: Sequence[tuple[int, int] | bytes]) -> bytes:
    """A delta that makes a text of spans of its base and of new bytes."""
    size, code = 0, b""
    for part in parts:
        if isinstance(part, bytes):
            size += len(part)
            code += b"".join(bytes([len(part[at : at + 127])]) + part[at : at + 127] for at in range(0, len(part), 127))
        else:
            size += part[1] - part[0]
            code += _copy(part[0], part[1] - part[0])
    return _number(len(base)) + _number(size) + code


def changed_by(
    base: bytes, parts: Sequence[tuple[int, int] | bytes], margin: int
) -> tuple[bytes, list[slice] | None, bytes]:
    """The text that a delta makes, the spans that are new in it (None where nobody knows), and the delta."""
    code = encoded(base, parts)
    text = applied(base, code, 1 << 28)
    assert text is not None
    return text, brought(code, margin, len(text)), code


def follow(scanner: Scanner, text: bytes, versions: list[list[Edit]]) -> list[tuple[bytes, Looked]]:
    """Each version made from the one before by a delta, and what is thought of it by what changed."""
    suspicion, batch = Suspicion(scanner.compiled, scanner.min_confidence), Batch(scanner.compiled.prefilter)
    looked = suspicion.whole(text)
    seen = [(text, looked)]
    for edits in versions:
        text, spans, delta = changed_by(text, edits, suspicion.margin)
        if looked.hits is None or spans is None:
            looked = suspicion.whole(text)
        else:
            places = moved(delta, [end for _, end, _ in looked.hits])
            kept = [(looked.hits[which][0], end, looked.hits[which][2]) for which, end in places]
            batch.add(text, spans)
            looked = suspicion.changed(text, spans, kept, batch.found()[0].get(0, {}))
        seen.append((text, looked))
    return seen
