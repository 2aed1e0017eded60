"""What is to be judged, in order, and where somebody is in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tightlip.audit.item import Item


class Position(NamedTuple):
    """Where somebody is."""

    number: int
    """From 1; 0 where the current one is not among them."""
    of: int


class Queue:
    """Items in order; only those that are open and that a search finds are walked through.

    Parameters: `is_open`, whether an item is still to be judged; `words`, what a search looks at, of an item.
    """

    def __init__(self, items: Sequence[Item], is_open: Callable[[Item], bool], words: Callable[[Item], str]) -> None:
        self._items, self._is_open, self._words = list(items), is_open, words
        self.shows_all = False
        """Whether those that are judged are walked through, too."""
        self.sought = ""
        self.current: Item | None = next(iter(self.listed()), None)

    def listed(self) -> list[Item]:
        """Return what is walked through."""
        return [item for item in self._items if self._is_listed(item)]

    @property
    def position(self) -> Position:
        """Where the current one is."""
        listed = self.listed()
        return Position(listed.index(self.current) + 1 if self.current in listed else 0, len(listed))

    def go(self, item: Item) -> None:
        """Make an item the current one, walked through or not."""
        self.current = item

    def next(self) -> bool:
        """Go to the next one and return whether there is any."""
        return self._to(self._after())

    def previous(self) -> bool:
        """Go to the one before and return whether there is any."""
        return self._to(self._before()[::-1])

    def on(self) -> None:
        """Leave the current one, which is judged: for the next, or else the first; for none where none is listed."""
        wanted = [*self._after(), *self._before()]
        self.current = wanted[0] if wanted else None

    def skip(self) -> None:
        """Put the current one to the end, and go to the next."""
        if self.current is None:
            return
        skipped = self.current
        wanted = [*self._after(), *self._before()]
        self._items.remove(skipped)
        self._items.append(skipped)
        self.current = wanted[0] if wanted else skipped

    def toggle(self) -> None:
        """Walk through all of them, or again through those only that are open."""
        self.shows_all = not self.shows_all
        self._settle()

    def seek(self, text: str) -> bool:
        """Walk only through what holds a text, whatever its case, and return whether there is any; else change nothing.

        Parameters: `text`, nothing for no search.
        """
        before, self.sought = self.sought, text.strip().casefold()
        if not self.listed():
            self.sought = before
            return False
        self._settle()
        return True

    def _is_listed(self, item: Item) -> bool:
        listed = self.shows_all or self._is_open(item)
        return listed and (not self.sought or self.sought in self._words(item).casefold())

    def _after(self) -> list[Item]:
        at = self._items.index(self.current) + 1 if self.current else 0
        return [item for item in self._items[at:] if self._is_listed(item)]

    def _before(self) -> list[Item]:
        at = self._items.index(self.current) if self.current else 0
        return [item for item in self._items[:at] if self._is_listed(item)]

    def _to(self, wanted: Sequence[Item]) -> bool:
        if wanted:
            self.current = wanted[0]
        return bool(wanted)

    def _settle(self) -> None:
        """Stay where it is, if that is walked through."""
        if self.current is None or not self._is_listed(self.current):
            self.on()
