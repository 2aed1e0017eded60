"""The review for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from tightlip.checkup.line import FAIL, OK, UNCHECKED, WARN, Line
from tightlip.checkup.review import Review
from tightlip.report.options import Options
from tightlip.report.style import BOLD, DIM, GREEN, RED, YELLOW, Style
from tightlip.report.visible import visible

_MOST = 10
"""Places of one line that are shown."""
_LOOKS = {OK: ("fine", (GREEN,)), WARN: ("warn", (YELLOW,)), FAIL: ("stop", (BOLD, RED)), UNCHECKED: ("dot", (DIM,))}


def write(review: Review, out: TextIO, options: Options) -> None:
    """Write it."""
    style = Style(options.color, options.unicode, options.width)
    encoding = out.encoding or "utf-8"
    out.writelines(
        line.encode(encoding, "backslashreplace").decode(encoding) + "\n"
        for line in _lines(review, style, options.detail)
    )


def _lines(review: Review, style: Style, detail: int) -> Iterator[str]:
    if detail < 0:
        yield from (_short(line) for _, line in review.lines if line.state == FAIL)
        return
    yield from (f"added to .gitignore: {visible(line)}" for line in review.fixed)
    for title, lines in review.areas():
        yield style.paint(title, BOLD)
        for line in lines:
            yield from _line(line, style, detail)
        yield ""
    symbol, codes = _LOOKS[FAIL if review.has_failed else OK if review.is_complete else UNCHECKED]
    yield style.paint(f"{style.symbol(symbol)} {review.summary}", *codes)


def _short(line: Line) -> str:
    words = (line.title, line.summary, *line.evidence[:1], line.mend)
    return visible("; ".join(filter(None, words)))


def _line(line: Line, style: Style, detail: int) -> Iterator[str]:
    symbol, codes = _LOOKS[line.state]
    title = style.paint(line.title, *codes) if line.state == FAIL else line.title
    said = visible(line.summary)
    said = f"not checked: {said}" if line.state == UNCHECKED else said
    more = style.paint(f" ({said})", DIM) if said else ""
    yield f"{style.paint(style.symbol(symbol), *codes)} {title}{more}"
    if line.state == OK and detail < 1:
        return
    most = len(line.evidence) if detail > 0 else _MOST
    yield from (style.verbatim("evidence", visible(it)) for it in line.evidence[:most])
    if len(line.evidence) > most:
        yield style.verbatim("", f"and {len(line.evidence) - most:,} more (-v shows them)")
    if line.mend:
        yield style.verbatim("mend", visible(line.mend))
