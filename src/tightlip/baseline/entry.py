"""One entry: a finding that is known, what somebody made of it, and the line of the file that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tightlip.baseline import dates
from tightlip.baseline.identity import DIGITS

UNJUDGED, FALSE_ALARM, TEST_VALUE = "unjudged", "false-alarm", "test-value"
REVOKED, ACCEPTED, REAL = "revoked", "accepted", "real"
STATES = (UNJUDGED, FALSE_ALARM, TEST_VALUE, REVOKED, ACCEPTED, REAL)
"""Nobody has looked; it is no secret; one of a test; worthless by now; a real one that somebody answers for; a real one
that is to be rotated, and counts until it is. The later one in this order is the more careful to believe."""

Key = tuple[str, str | None]
"""Identity, and the path of an entry that counts in one place only."""
_KEYS = ("id", "rule", "path", "at", "hint", "in", "state", "by", "when", "why", "until")
_HISTORY = "history"
_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody made of a finding."""

    state: str = UNJUDGED
    by: str = ""
    when: date | None = None
    why: str = ""
    until: date | None = None
    """The last day that it holds."""

    def is_expired(self, today: date) -> bool:
        """Whether it holds no more."""
        return self.until is not None and self.until < today

    def hides(self, today: date) -> bool:
        """Whether scans leave out what it is about."""
        return self.state != REAL and not self.is_expired(today)

    @property
    def weight(self) -> tuple[bool, str, int]:
        """The greater of two counts: any judgement more than none, then the later, then the more careful."""
        return self.state != UNJUDGED, self.when.isoformat() if self.when else "", STATES.index(self.state)


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding that is known."""

    id: str
    rule: str
    path: str
    """Where it was first, quoted as in a JSON report: for people, but for an entry that counts in one place only."""
    hint: str = ""
    """The beginning of a long value, for people."""
    is_place: bool = False
    """Whether it counts at this path only."""
    is_history: bool = False
    """Whether it was known from the history, and HEAD did not have it: files alone cannot say that it is gone."""
    judgement: Judgement = Judgement()

    @property
    def key(self) -> Key:
        """What two entries about the same have in common."""
        return self.id, self.path if self.is_place else None

    @property
    def line(self) -> str:
        """The line of the file."""
        return f"- {{{', '.join(f'{key}: {value}' for key, value in self._fields())}}}"

    def _fields(self) -> Iterator[tuple[str, str]]:
        judged = self.judgement
        yield "id", f'"{self.id}"'
        yield "rule", self.rule
        yield ("at" if self.is_place else "path"), _quoted(self.path)
        if self.hint:
            yield "hint", _quoted(self.hint)
        if self.is_history:
            yield "in", _HISTORY
        yield "state", judged.state
        if judged.by:
            yield "by", _quoted(judged.by)
        if judged.when:
            yield "when", judged.when.isoformat()
        if judged.why:
            yield "why", _quoted(judged.why)
        if judged.until:
            yield "until", judged.until.isoformat()


def read(fields: Mapping[str, str]) -> Entry:
    """Make an entry of a line's fields. Raises `ValueError` with what is wrong, in words that hold nothing of it."""
    if any(key not in _KEYS for key in fields):
        raise ValueError(f"a key is none of {', '.join(_KEYS)}")
    missing = [key for key in ("id", "rule", "state") if not fields.get(key)]
    if missing:
        raise ValueError(f"the entry has no `{missing[0]}`")
    if len(fields["id"]) != DIGITS or fields["id"].strip(_HEX):
        raise ValueError(f"`id` must be {DIGITS} hexadecimal digits")
    if fields["state"] not in STATES:
        raise ValueError(f"`state` must be one of {', '.join(STATES)}")
    if fields.get("in", _HISTORY) != _HISTORY:
        raise ValueError(f"`in` must be {_HISTORY}")
    judged = Judgement(
        fields["state"], fields.get("by", ""), _day(fields, "when"), fields.get("why", ""), _day(fields, "until")
    )
    return Entry(
        id=fields["id"],
        rule=fields["rule"],
        path=fields.get("at") or fields.get("path", ""),
        hint=fields.get("hint", ""),
        is_place=bool(fields.get("at")),
        is_history="in" in fields,
        judgement=judged,
    )


def _day(fields: Mapping[str, str], key: str) -> date | None:
    if key not in fields:
        return None
    try:
        return dates.parse(fields[key])
    except ValueError:
        raise ValueError(f"`{key}` must be a day, such as 2027-01-31") from None


def _quoted(text: str) -> str:
    """Return a double-quoted scalar (YAML 1.2, 7.3.1), on one line whatever the text holds."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    code = ord(character)
    if 0xD800 <= code < 0xE000:  # half of a pair, or a byte that was not UTF-8: YAML has neither
        return "\N{REPLACEMENT CHARACTER}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
