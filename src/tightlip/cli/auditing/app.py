"""The audit in a terminal: one value after the other, a key for each judgement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tightlip.audit.queue import Queue
from tightlip.baseline import dates
from tightlip.baseline.entry import ACCEPTED, REAL, Judgement
from tightlip.cli.auditing import keys, painted
from tightlip.cli.auditing.screens import Ask, Help, Reason, Search
from tightlip.errors import TightlipError
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from textual.timer import Timer

    from tightlip.audit.card import Dealer
    from tightlip.audit.item import Item
    from tightlip.audit.session import Session
    from tightlip.baseline.entry import Entry

INTERRUPTED = 130
_SECONDS_SHOWN = 20
_HINTS = (
    (("f", "false alarm"), ("t", "test value"), ("v", "revoked"), ("a", "accepted"), ("r", "real"), ("u", "undo")),
    (("n", "next"), ("p", "previous"), ("s", "skip"), ("l", "all"), ("/", "search"), ("?", "help"), ("q", "quit")),
)


class _Body(VerticalScroll, can_focus=False):
    """What is scrolled, by keys of the program."""


class Audit(App[int]):
    """The program. It returns the exit code.

    Parameters: `items`, in the order in which they are walked through; `by`, who judges; `reveals`, whether a key may
    show a value.
    """

    CSS = """
    Screen { layout: vertical; }
    #head { height: 1; text-style: bold; background: $panel; }
    #body { height: 1fr; }
    #card { height: auto; }
    #said { height: 1; }
    #keys { height: 2; background: $panel; }
    Help, Ask, Search { align: center middle; }
    .over { width: 76; max-width: 100%; height: auto; max-height: 100%; border: solid; padding: 0 1; }
    .over Input { margin: 0 0 1 0; border: none; height: 1; padding: 0; }
    """
    ENABLE_COMMAND_PALETTE = False
    """It would save a picture of the screen."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", f"leave({INTERRUPTED})", priority=True, show=False),
        *(Binding(key.keys, key.action, key.help, show=False) for key in keys.every(reveals=True)),
    ]

    def __init__(self, session: Session, items: Sequence[Item], dealer: Dealer, by: str, *, reveals: bool) -> None:
        super().__init__()
        self._session, self._dealer, self._by, self._reveals = session, dealer, by, reveals
        self.queue = Queue(items, session.is_open, lambda item: dealer.words(item, session.standing(item)))
        self._title, self._said, self._card = Static(id="head"), Static(id="said"), Static(id="card")
        self._body = _Body(id="body")
        self._timer: Timer | None = None
        """Runs as long as the value is shown."""
        self.failure: Exception | None = None
        """What went wrong, if anything did."""

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        yield self._title
        with self._body:
            yield self._card
        yield self._said
        yield Static(painted.hints(_HINTS), id="keys")

    def on_mount(self) -> None:
        """Show the first one."""
        self._show()

    def action_judge(self, state: str, why: str = "", until: date | None = None) -> None:
        """Judge the current one."""
        item = self.queue.current
        if item is None:
            return
        try:
            replaced = self._session.judge(item, Judgement(state, self._by, dates.today(), why, until))
        except TightlipError as error:
            self._show(str(error))
            return
        self.queue.on()
        self._show(f"{state}{_replaced(replaced)}: {self._dealer.name(item)}")

    def action_ask(self, state: str) -> None:
        """Judge the current one with a reason, once it is typed."""

        def judge(reason: Reason | None) -> None:
            if reason is not None:
                self.action_judge(state, reason.why, reason.until)

        if self.queue.current is not None:
            self._hide()
            self.push_screen(Ask(state, needs_why=state == ACCEPTED, has_until=state != REAL), judge)

    def action_undo(self) -> None:
        """Undo the last judgement, and show what it was about."""
        try:
            item = self._session.undo()
        except TightlipError as error:
            self._show(str(error))
            return
        if item is None:
            self._show("nothing is left to undo")
            return
        self.queue.go(item)
        self._show(f"undone: {self._dealer.name(item)}")

    def action_next(self) -> None:
        """Go on."""
        self._show("" if self.queue.next() else "this is the last one")

    def action_previous(self) -> None:
        """Go back."""
        self._show("" if self.queue.previous() else "this is the first one")

    def action_skip(self) -> None:
        """Put the current one to the end."""
        self.queue.skip()
        self._show()

    def action_list_all(self) -> None:
        """List all, or what is to be judged."""
        self.queue.toggle()
        self._show("all are listed" if self.queue.shows_all else "only what is to be judged is listed")

    def action_search(self) -> None:
        """Ask for what to look for."""

        def seek(text: str | None) -> None:
            if text is not None:
                self._show("" if self.queue.seek(text) else f"nothing here holds {visible(text)}")

        self._hide()
        self.push_screen(Search(), seek)

    def action_seek_nothing(self) -> None:
        """End the search."""
        self.queue.seek("")
        self._show()

    def action_scroll(self, lines: int) -> None:
        """Scroll, and hide nothing."""
        self._body.scroll_relative(y=lines, animate=False)

    def action_reveal(self) -> None:
        """Show the value, or hide it again."""
        item = self.queue.current
        if not self._reveals or item is None or item.is_lost:
            return
        wanted = self._timer is None
        self._show()
        if wanted:
            self._timer = self.set_timer(_SECONDS_SHOWN, self._show)
            self._paint(visible(item.secret.reveal().decode("utf-8", "surrogateescape")))

    def action_help(self) -> None:
        """Show the keys."""
        self._hide()
        self.push_screen(Help(keys.every(reveals=self._reveals)))

    def action_leave(self, code: int) -> None:
        """End the program."""
        self._hide()
        self.exit(code)

    def _show(self, said: str = "") -> None:
        """Show the current one from its top, with its value hidden."""
        self._hide()
        self._said.update(Text(visible(said), "reverse", no_wrap=True, overflow="ellipsis"))
        self._body.scroll_home(animate=False)

    def _hide(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._paint(None)

    def _paint(self, revealed: str | None) -> None:
        item = self.queue.current
        self._title.update(Text(self._head(), no_wrap=True, overflow="ellipsis"))
        if item is None:
            self._card.update(Text("\nEverything is judged. u undoes, l lists all, q quits."))
            return
        self._card.update(painted.card(self._dealer.card(item, self._session.standing(item)), revealed))

    def _head(self) -> str:
        number, of = self.queue.position
        what = "" if self.queue.shows_all else " to judge"
        parts = ["tightlip audit", f"{number or '-'} of {of:,}{what}", f"{self._session.judged:,} judged now"]
        return visible("   ".join([*parts, *([f"search: {self.queue.sought}"] if self.queue.sought else [])]))

    def _handle_exception(self, error: Exception) -> None:
        """Leave, and print nothing: Textual would print what local variables hold."""
        super()._handle_exception(error)
        self._exit_renderables.clear()
        self.failure = self.failure or error


def _replaced(entries: Sequence[Entry]) -> str:
    """Say what somebody else has judged meanwhile."""
    if not entries:
        return ""
    judged = entries[0].judgement
    return f", in place of {judged.state}{f' by {judged.by}' if judged.by else ''} meanwhile"
