"""The keys of the audit: what they do, and how the help says it."""

from __future__ import annotations

from typing import NamedTuple

from tightlip.baseline.entry import ACCEPTED, FALSE_ALARM, REAL, REVOKED, TEST_VALUE


class Key(NamedTuple):
    """A key, or several that do the same."""

    keys: str
    """As Textual calls them, with commas."""
    shown: str
    """As the help calls them; nothing where it speaks of them elsewhere."""
    action: str
    help: str = ""


JUDGING = [
    Key("f", "f", f"judge('{FALSE_ALARM}')", "false alarm: it is no secret"),
    Key("t", "t", f"judge('{TEST_VALUE}')", "test value: it opens nothing that matters"),
    Key("v", "v", f"judge('{REVOKED}')", "revoked: it was a secret, and is worthless now"),
    Key("a", "a", f"ask('{ACCEPTED}')", "accepted: a secret that somebody answers for; asks for the reason"),
    Key("r", "r", f"judge('{REAL}')", "real: a secret to be rotated; it counts until it is revoked"),
    Key("F", "F T V R", f"ask('{FALSE_ALARM}')", "the same as f t v r, with a reason, and until when that holds"),
    Key("T", "", f"ask('{TEST_VALUE}')"),
    Key("V", "", f"ask('{REVOKED}')"),
    Key("R", "", f"ask('{REAL}')"),
    Key("u", "u", "undo", "undo the last judgement, and again the one before"),
]
MOVING = [
    Key("n,right", "n →", "next", "the next one"),
    Key("p,left", "p ←", "previous", "the one before"),
    Key("s", "s", "skip", "not now: put it to the end"),
    Key("l", "l", "list_all", "list all, or again only what is to be judged"),
    Key("slash", "/", "search", "only what holds a word: rule, path, author, reason"),
    Key("escape", "Esc", "seek_nothing", "end the search"),
    Key("down,j", "↓ ↑ j k", "scroll(1)", "scroll by a line; PgDn and PgUp by ten"),
    Key("up,k", "", "scroll(-1)"),
    Key("pagedown", "", "scroll(10)"),
    Key("pageup", "", "scroll(-10)"),
]
SHOWING = Key("space", "Space", "reveal", "show the value; the next key hides it again, or 20 seconds do")
LEAVING = [
    Key("question_mark", "?", "help", "these keys"),
    Key("q", "q", "leave(0)", "quit: every judgement is written already"),
]


def every(*, reveals: bool) -> list[Key]:
    """Return all keys. Parameters: `reveals`, whether a value may be shown."""
    return [*JUDGING, *MOVING, *([SHOWING] if reveals else []), *LEAVING]
