"""One unit of a history scan: objects in, and out what is suspicious of them and how they hang together.

It runs in a process of its own where there are several, so what comes out is numbers and bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tightlip.allow import is_allowed
from tightlip.engine import Judged, Scanner
from tightlip.engine.decode import Inner
from tightlip.engine.following import Following, Version
from tightlip.engine.suspect import Suspicion
from tightlip.git.edges import Commits, Edges, Gathering
from tightlip.git.native import brought, moved
from tightlip.git.packs.entries import BLOB, COMMIT, TAG, TREE
from tightlip.git.packs.forest import NONE
from tightlip.git.packs.index import Numbers
from tightlip.git.packs.read import Read, Reader
from tightlip.git.table import Table
from tightlip.model import Secret
from tightlip.rule import Match

if TYPE_CHECKING:
    from tightlip.engine.decode import Place

_Row = tuple[int, str, bytes, dict[str, Any]]
"""Index of the rule that matched, id of the one whose match it is, the secret, and what else a match has: a rule and a
`Secret` are not for sending.
"""


class Layer(NamedTuple):
    """What all rules make of one text that was decoded: as `Inner`."""

    matches: list[_Row]
    allowed: list[bool]
    """Which of them a pragma allows."""
    places: list[Place]
    path: bytes | None
    is_tight: bool


class Form(NamedTuple):
    """What all rules make of one form of a suspicious object."""

    matches: list[_Row]
    allowed: list[bool]
    """Which of them a pragma allows."""
    slow: list[int]
    """Rules that took too long."""
    layers: list[Layer]
    missed: list[str]
    """What was not scanned of that which decodes."""


class Suspect(NamedTuple):
    """An object that may hold something to report."""

    row: int
    kind: int
    forms: list[Form]


class Swept(NamedTuple):
    """What came of a unit."""

    counts: dict[int, int]
    """Objects by kind."""
    size: int
    """Bytes of blobs, commits and tags."""
    suspects: list[Suspect]
    refused: list[int]
    """Rows that could not be read."""
    loose_blobs: list[int]
    """Rows of blobs of which only reading them told that they are."""
    known: list[int]
    """Rows of such blobs that were passed over: they are known to hold nothing."""
    edges: Edges
    commits: Commits


class Sweep:
    """Sweeps units of one repository."""

    def __init__(self, scanner: Scanner, table: Table, clean: NDArray[np.bool_], *, any_path: bool) -> None:
        """Parameters: `clean`, by row, blobs known to hold nothing; `any_path`, whether a rule's path may be any."""
        self._scanner, self._table, self._clean, self._any_path = scanner, table, clean, any_path
        self._suspicion = Suspicion(scanner.compiled, scanner.min_confidence)
        self._following = Following(self._suspicion, scanner.compiled.prefilter, moved, self._suspect)
        self._begin()

    def _begin(self) -> None:
        self._counts: dict[int, int] = {}
        self._size = 0
        self._suspects: list[Suspect] = []
        self._loose_blobs: list[int] = []
        self._known: list[int] = []
        self._gathering = Gathering(self._table)

    def packed(self, reader: Reader, unit: Numbers, kind: int) -> Swept:
        """Sweep packed objects, all of one kind."""
        reads = reader.objects(unit)
        if kind == BLOB:
            self._blobs(reads)
        elif kind == TREE:
            self._gathering.trees(reader, unit)
        else:
            self._messages(reads, kind)
        refused, reader.refused = reader.refused, []
        self._counts[kind] = len(unit) - len(refused)
        return self._swept(refused)

    def again(self, reader: Reader, unit: Numbers, wanted: NDArray[np.bool_]) -> Swept:
        """Look at some blobs of a unit, by its rows, that turned out to have a path that a rule goes by."""
        special = set(unit[wanted].tolist())
        for row, *_, content in reader.objects(unit):
            if row in special and self._suspicion.whole(content).suspicious:
                self._suspect(row, BLOB, content, any_path=True)
        reader.refused = []  # they have been asked for at the first look
        return self._swept([])

    def loose(self, objects: Iterable[tuple[int, int, bytes]], *, every: bool = False) -> Swept:
        """Sweep objects that stand alone: row, kind and content.

        Parameters: `every`, whether to look at blobs that are known to hold nothing, too.
        """
        for row, kind, content in objects:
            if kind == BLOB and self._clean[row] and not every:
                self._known.append(row)
            else:
                self._take(row, kind, content)
        return self._swept([])

    def _swept(self, refused: list[int]) -> Swept:
        self._following.end()
        edges, commits = self._gathering.done()
        swept = Swept(self._counts, self._size, self._suspects, refused, self._loose_blobs, self._known, edges, commits)
        self._begin()
        return swept

    def _take(self, row: int, kind: int, content: bytes) -> None:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if kind == TREE:
            self._gathering.tree(row, content)
            return
        self._size += len(content)
        if kind == COMMIT:
            self._gathering.commit(row, content)
        elif kind == TAG:
            self._gathering.tag(row, content)
        elif kind == BLOB:
            self._loose_blobs.append(row)
        self._following.add(row, kind, content)

    def _messages(self, reads: Iterable[Read], kind: int) -> None:
        """Look through commits or tags."""
        gather = self._gathering.commit if kind == COMMIT else self._gathering.tag
        for row, _, _, _, content in reads:
            gather(row, content)
            self._size += len(content)
            self._following.add(row, kind, content)

    def _blobs(self, reads: Iterable[Read]) -> None:
        """Look through blobs; of one that is a delta, only at what it does not have from its base."""
        follows = self._suspicion.follows and not self._any_path
        margin, clean = self._suspicion.margin, self._clean.tobytes()
        for row, base, _, delta, content in reads:
            if clean[row]:
                self._following.pass_over(row)
                continue
            self._size += len(content)
            spans = brought(delta, margin, len(content) * 3 // 4) if follows and base != NONE else None
            version = None if spans is None else Version(base, delta, spans)
            self._following.add(row, BLOB, content, version, any_path=self._any_path)

    def _suspect(self, row: int, kind: int, content: bytes, any_path: bool) -> None:  # noqa: FBT001 - a callback
        forms = [
            _form(judged, pragmas=self._scanner.pragmas) for judged in self._scanner.judged(content, any_path=any_path)
        ]
        if any(_has_something(form, self._scanner.min_confidence) for form in forms):
            self._suspects.append(Suspect(row, kind, forms))


def _has_something(form: Form, least: float) -> bool:
    rows = [*form.matches, *(row for layer in form.layers for row in layer.matches)]
    return bool(form.slow or form.missed) or any(row[3]["confidence"] >= least for row in rows)


def _form(judged: Judged, *, pragmas: bool) -> Form:
    return Form(
        _rows(judged.matches),
        [pragmas and is_allowed(judged.text, match) for _, match in judged.matches],
        judged.slow,
        [_layer(judged.text, inner, pragmas=pragmas) for inner in judged.inner],
        list(judged.missed),
    )


def _layer(text: bytes, inner: Inner, *, pragmas: bool) -> Layer:
    there = [match.but(start=place[0]) for (_, match), place in zip(inner.matches, inner.places, strict=True)]
    allowed = [pragmas and is_allowed(text, match) for match in there]
    return Layer(_rows(inner.matches), allowed, inner.places, inner.path, inner.is_tight)


def _rows(matches: Iterable[tuple[int, Match]]) -> list[_Row]:
    """Matches as they are sent: a secret would be masked."""
    return [
        (index, match.rule.id, match.secret.reveal(), {**match.as_dict(), "rule": None, "secret": None})
        for index, match in matches
    ]


def judged_of(form: Form, scanner: Scanner) -> tuple[Judged, set[int]]:
    """Return a form as it was before it was sent, without its text, and the ids of the `Secret`s that are allowed."""
    allowed: set[int] = set()
    rules = scanner.compiled.rules

    def matches(rows: list[_Row], flags: list[bool]) -> list[tuple[int, Match]]:
        found = [
            (index, Match(**{**rest, "rule": rules.of(whose), "secret": Secret(value)}))
            for index, whose, value, rest in rows
        ]
        allowed.update(id(match.secret) for flag, (_, match) in zip(flags, found, strict=True) if flag)
        return found

    inner = [
        Inner(matches(layer.matches, layer.allowed), layer.places, layer.path, is_tight=layer.is_tight)
        for layer in form.layers
    ]
    return Judged(b"", matches(form.matches, form.allowed), form.slow, inner, form.missed), allowed
