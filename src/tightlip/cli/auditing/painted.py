"""A card as it is painted. Texts are given as they are: nothing in them is markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tightlip.audit.card import Card
    from tightlip.audit.context import Line
    from tightlip.cli.auditing.keys import Key

_SEVERITY = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "blue"}
_LABEL = 11


def card(made: Card, revealed: str | None) -> Group:
    """Return what is painted of a card. Parameters: `revealed`, the value itself where it is to be seen."""
    title = Text().append(made.severity.upper(), _SEVERITY[made.severity])
    title.append(f"  {made.title}  ", "bold").append(made.rules, "dim")
    value = Text(made.value) if revealed is None else Text(revealed, "bold reverse")
    top = _grid()
    _row(top, "value", value)
    _row(top, "why", Text(made.why))
    _row(top, "judgement", Text(made.standing))
    _row(top, "at", Text(made.place, "cyan"))
    below = _grid()
    for label, rows in (("also at", made.more_places), ("introduced", made.introduced)):
        for number, text in enumerate(rows):
            _row(below, "" if number else label, Text(text))
    if made.head:
        _row(below, "HEAD", Text(made.head))
    return Group(title, top, Text(), _lines(made.lines), *([Text()] if made.lines else []), below)


def _grid() -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=_LABEL, no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _row(grid: Table, label: str, text: Text) -> None:
    grid.add_row(Text(label, "dim"), text)


def _lines(lines: Iterable[Line]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", no_wrap=True)
    grid.add_column(overflow="fold")
    for line in lines:
        mark = ">" if line.holds else " "
        grid.add_row(Text(f"{mark} {line.number}", "dim"), Text(line.text, "" if line.holds else "dim"))
    return grid


def hints(lines: Iterable[Iterable[tuple[str, str]]]) -> Text:
    """Return the keys that are used most, in lines."""
    text = Text(no_wrap=True, overflow="ellipsis")
    for number, line in enumerate(lines):
        text.append("\n" if number else "")
        for key, what in line:
            text.append(key, "bold").append(f" {what}  ")
    return text


def keys(every: Iterable[Key]) -> Table:
    """Return the keys and what each does."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column()
    for key in (key for key in every if key.shown):
        grid.add_row(Text(key.shown, "bold"), Text(key.help))
    return grid
