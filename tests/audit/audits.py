"""An audit as a person sits before it: keys are pressed, and the screen is read."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest
from textual.events import Paste

from tightlip.cli import audit, main
from tightlip.cli.auditing.app import Audit

NAME = ".tightlip-baseline.yaml"
_TEXT = re.compile(r'<text class="[^"]*-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')
_WIDTH = 12.2
"""Of a character in the picture."""


class Pasted(str):
    """A text that is pasted at once."""

    __slots__ = ()


class Done(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@dataclass
class Seen:
    """What an audit did, and its screen after each key."""

    code: int = 0
    out: str = ""
    err: str = ""
    screens: list[str] = field(default_factory=list)

    @property
    def last(self) -> str:
        """The screen in the end."""
        return self.screens[-1]

    @property
    def everything(self) -> str:
        """All that could be seen, without the spaces and breaks that a narrow screen puts between."""
        return re.sub(r"\s", "", "".join([self.out, self.err, *self.screens]))


Run = Callable[..., Done]
Sit = Callable[..., Seen]


def screen(app: Audit) -> str:
    """Return the lines that the screen shows, read from the picture of it."""
    lines: dict[float, str] = {}
    for x, y, text in _TEXT.findall(app.export_screenshot()):
        line = lines.get(float(y), "").ljust(round(float(x) / _WIDTH))
        lines[float(y)] = line + html.unescape(text).replace("\N{NO-BREAK SPACE}", " ").rstrip("\n")
    return "\n".join(line.rstrip() for _, line in sorted(lines.items()))


def sit(
    patch: pytest.MonkeyPatch, read: Callable[[], tuple[str, str]], keys: Sequence[str], arguments: Sequence[str]
) -> Seen:
    """Run `tightlip audit`, press keys, and quit unless a key did.

    Parameters: `keys`, as Textual names them, or functions that are called in between; `read`, what was printed.
    """
    seen = Seen()

    async def press(app: Audit) -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            seen.screens.append(screen(app))
            for key in keys:
                if callable(key):
                    key()
                    continue
                if isinstance(key, Pasted):
                    app.post_message(Paste(key))
                    await pilot.pause()
                else:
                    await pilot.press(key)
                if not app.is_running or app.return_value is not None:
                    return
                seen.screens.append(screen(app))
            await pilot.press("q")

    def run(app: Audit, **_: object) -> int | None:
        asyncio.run(press(app))
        return app.return_value

    with patch.context() as inside:
        inside.setattr(audit, "is_terminal", lambda _: True)
        inside.setattr(Audit, "run", run)
        seen.code = main(["audit", *arguments])
    seen.out, seen.err = read()
    return seen
