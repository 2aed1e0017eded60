"""What lies over the audit for a moment: the keys, and what has to be typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tightlip.baseline import dates
from tightlip.cli.auditing import painted
from tightlip.cli.auditing.keys import Key


class Help(ModalScreen[None]):
    """All keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter,space", "dismiss", show=False)]

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        with VerticalScroll(classes="over"):
            yield Static(painted.keys(self._keys))
            yield Static(Text("Esc closes this.", "dim"))


class Reason(NamedTuple):
    """What was typed of a judgement."""

    why: str
    until: date | None


class Ask(ModalScreen[Reason | None]):
    """Asks for a reason, and for the day until which it holds.

    Parameters: `needs_why`, whether there must be a reason; `has_until`, whether there may be a day.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def __init__(self, state: str, *, needs_why: bool, has_until: bool) -> None:
        super().__init__()
        self._state, self._needs_why, self._has_until = state, needs_why, has_until

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        optional = "" if self._needs_why else " (may be empty)"
        with Vertical(classes="over"):
            yield Static(Text(f"{self._state}: for what reason?{optional}"))
            yield Input(id="why")
            if self._has_until:
                yield Static(Text("until which day? such as 2027-01-31 (may be empty: for good)"))
                yield Input(id="until")
            yield Static(Text("Enter judges, Tab goes to the other field, Esc leaves it.", "dim"), id="wrong")

    def on_input_submitted(self) -> None:
        """Read what was typed; say what is wrong with it."""
        why = self.query_one("#why", Input).value.strip()
        if self._needs_why and not why:
            self._say("A reason is needed: who accepts a secret as it is says why.", "#why")
            return
        try:
            until = self._until()
        except ValueError:
            self._say("That is no day to come, such as 2027-01-31.", "#until")
            return
        self.dismiss(Reason(why, until))

    def _until(self) -> date | None:
        text = self.query_one("#until", Input).value.strip() if self._has_until else ""
        if not text:
            return None
        day = dates.parse(text)
        if day < dates.today():
            raise ValueError
        return day

    def _say(self, text: str, field: str) -> None:
        self.query_one("#wrong", Static).update(Text(text, "bold"))
        self.query_one(field, Input).focus()


class Search(ModalScreen[str | None]):
    """Asks for what to look for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", show=False)]

    def compose(self) -> ComposeResult:
        """Make the widgets."""
        with Vertical(classes="over"):
            yield Static(Text("only what holds: (rule, path, author, reason; empty for everything)"))
            yield Input(id="text")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return what was typed."""
        self.dismiss(event.value)
