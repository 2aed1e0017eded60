"""What the page is made of: the document in lists, with each text, commit and list of refs in it once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from tightlip.report.comments import comment
from tightlip.report.document import unquoted
from tightlip.report.html.shell import argument
from tightlip.report.levels import SEVERITIES
from tightlip.report.style import duration, size
from tightlip.report.visible import visible
from tightlip.report.wording import where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tightlip.finding import Occurrence
    from tightlip.report.document import Document, Told
    from tightlip.report.html.order import Secret

    List = list[object]

T = TypeVar("T")
_PARTS = ("content", "path", "commit", "tag", "ref")
_LONGEST_PROSE = 300
"""Characters of what people wrote: subjects and names. Paths are never cut."""


def data(made: Document, order: Sequence[Secret]) -> dict[str, object]:
    """Return the data of the page. `parts/data.js` reads it."""
    tables = _Tables()
    secrets = [tables.secret(secret) for secret in order]
    return {
        "tool": {"version": made.version, "rules_hash": visible(made.rules_hash)},
        "scan": _scan(made),
        "severities": SEVERITIES,
        "parts": _PARTS,
        "secrets": secrets,
        "rules": tables.rules.values,
        "lists": tables.lists.values,
        "commits": tables.commits.values,
        "paths": tables.paths.values,
        "texts": tables.texts.values,
    }


def _scan(made: Document) -> dict[str, object]:
    counts = dict(made.scanned)
    total = size(counts.pop("bytes", 0))
    repo = unquoted(made.target)
    return {
        "kind": made.kind,
        "target": visible(made.target),
        "repo": "" if repo == "." else f" {argument(repo)}",
        "complete": made.complete,
        "scanned": [[visible(name), number] for name, number in counts.items()],
        "size": total,
        "duration": duration(made.seconds),
        "unscanned": [[visible(what), visible(why)] for what, why in made.unscanned],
        "allowed": made.allowed,
        "baselined": made.baselined,
        "notes": [visible(note) for note in made.notes],
    }


class _Table(Generic[T]):
    """Values, each once, and where each is."""

    def __init__(self) -> None:
        self._at: dict[object, int] = {}
        self.values: list[T] = []

    def at(self, key: object, make: Callable[[], T]) -> int:
        """Return where a value is. Parameters: `key`, the same for the same value; `make`, what makes it, once."""
        found = self._at.get(key)
        if found is None:
            value = make()
            found = self._at[key] = len(self.values)
            self.values.append(value)
        return found


class _Tables:
    """What the page has each once."""

    def __init__(self) -> None:
        self.texts: _Table[str] = _Table()
        self.lists: _Table[list[int]] = _Table()
        self.rules: _Table[List] = _Table()
        self.commits: _Table[List] = _Table()
        self.paths: _Table[List] = _Table()

    def secret(self, secret: Secret) -> List:
        """Return why it is where it is in the order, and its findings."""
        return [self._list(secret.why), *map(self._finding, secret.findings)]

    def _finding(self, told: Told) -> List:
        out = told.taken_out
        return [
            self._rule(told),
            SEVERITIES.index(told.severity),
            told.confidence,
            self._list(told.reasons),
            visible(told.fingerprint),
            self._text(told.secret),
            self._list(told.decoded_through),
            told.in_head if told.in_head is None else int(told.in_head),
            self._text(out.commit) if out else -1,
            self._text(out.date) if out else -1,
            [number for it in told.occurrences for number in self._place(it)],
        ]

    def _place(self, it: Occurrence) -> tuple[int, int, int, int, int, int]:
        is_file = it.path and it.part in ("content", "path")
        shown = self._path(it) if is_file else -1 - self._text(where(it))
        blob = -1 if it.commit or not it.blob else self._text(it.blob)
        return (shown, it.line, it.column, _PARTS.index(it.part), self._commit(it), blob)

    def _path(self, it: Occurrence) -> int:
        """Return where a path is, which has with it what allows a line of such a file, around `{}`."""

        def make() -> List:
            around = comment(it.path, "{}")
            return [visible(it.path), -1 if around is None else self._text(around)]

        return self.paths.at(it.path, make)

    def _commit(self, it: Occurrence) -> int:
        if not it.commit:
            return -1

        def make() -> List:
            who = f"{it.author or ''} <{it.email}>" if it.email else it.author or ""
            texts = (it.commit or "", _short(who.strip()), it.date or "", _short(it.message_subject or ""))
            return [*map(self._text, texts), self._list(it.refs)]

        return self.commits.at((it.commit, it.author, it.email, it.date, it.message_subject, it.refs), make)

    def _rule(self, told: Told) -> int:
        key = (told.rule, told.name, told.provider, told.remediation)
        return self.rules.at(key, lambda: [*map(visible, key[:3]), list(map(visible, told.remediation))])

    def _list(self, texts: Iterable[str]) -> int:
        every = tuple(texts)
        return self.lists.at(every, lambda: [self._text(text) for text in every])

    def _text(self, text: str) -> int:
        return self.texts.at(text, lambda: visible(text))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_PROSE else f"{text[:_LONGEST_PROSE]}\N{HORIZONTAL ELLIPSIS}"
