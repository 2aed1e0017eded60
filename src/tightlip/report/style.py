"""Colour, symbols, wrapping and counts for text that a person reads."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BOLD, DIM, RED, GREEN, YELLOW, BLUE, CYAN = "1", "2", "31", "32", "33", "34", "36"
_SEVERITY = {"critical": (BOLD, RED), "high": (RED,), "medium": (YELLOW,), "low": (BLUE,)}
_SYMBOLS = {"stop": ("✖", "x"), "fine": ("✓", "+"), "warn": ("!", "!"), "dot": ("●", "*"), "more": ("…", "...")}
INDENT, LABEL = 2, 13
_KILO, _UNITS, _MINUTE = 1000, ("kB", "MB", "GB", "TB"), 60


class Style(NamedTuple):
    """What the stream can show."""

    color: bool
    unicode: bool
    width: int

    def paint(self, text: str, *codes: str) -> str:
        """Color a text with SGR codes (ECMA-48), where the stream takes them."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.color and text else text

    def severity(self, severity: str, text: str) -> str:
        """Paint a text as urgent as it is."""
        return self.paint(text, *_SEVERITY[severity])

    def symbol(self, name: str) -> str:
        """Return a symbol, in ASCII where the stream has no more."""
        return _SYMBOLS[name][not self.unicode]

    def labelled(self, label: str, *paragraphs: str) -> Iterator[str]:
        """Wrap paragraphs beside a label."""
        head = " " * INDENT + self.paint(label, DIM) + " " * (LABEL - len(label))
        for paragraph in paragraphs:
            for line in self.wrap(paragraph, INDENT + LABEL):
                yield (head + line).rstrip()
                head = " " * (INDENT + LABEL)

    def verbatim(self, label: str, text: str) -> str:
        """Put a text beside a label, never wrapped: it is to be copied."""
        return " " * INDENT + self.paint(label, DIM) + " " * (LABEL - len(label)) + text

    def numbered(self, steps: Iterable[str], indent: int) -> Iterator[str]:
        """Wrap steps, each after its number."""
        for number, step in enumerate(steps, 1):
            mark = f"{number}. "
            for line in self.wrap(step, indent + len(mark)):
                yield " " * indent + mark + line
                mark = " " * len(mark)

    def wrap(self, text: str, indent: int) -> list[str]:
        """Break prose between words to fit behind an indent; a long word, such as an address, stays whole."""
        width = max(self.width - indent, 20)
        return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]

    def shortened(self, text: str, most: int) -> str:
        """Cut a text that is too long."""
        more = self.symbol("more")
        return text if len(text) <= most else text[: most - len(more)] + more


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 file`, `1,204 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(number: int) -> str:
    """Return a number of bytes in decimal units, to three digits."""
    if number < _KILO:
        return count(number, "byte")
    value, unit = number / _KILO, 0
    while value >= _KILO - 0.5 and unit + 1 < len(_UNITS):
        value, unit = value / _KILO, unit + 1
    return f"{value:.3g} {_UNITS[unit]}"


def duration(seconds: float) -> str:
    """Return a time as a person says it."""
    if seconds < 1:
        return f"{max(seconds, 0.01):.2f} s"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    return f"{minutes} min {rest} s" if minutes < _MINUTE else f"{minutes // 60} h {minutes % 60} min"


def listed(items: Iterable[str], most: int) -> str:
    """Return the first of some items, and how many more there are."""
    every = list(items)
    more = [f"and {len(every) - most:,} more"] if len(every) > most else []
    return " ".join([", ".join(every[:most]), *more])
