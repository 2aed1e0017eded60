"""Texts looked at many at a time; of one that is made of another, only at what is new in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tightlip.engine.batch import Batch
from tightlip.engine.suspect import MOST_FOLLOWED, NOTHING, UNKNOWN, Looked, Suspicion
from tightlip.engine.text import is_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tightlip.engine.prefilter import Candidates, HyperscanPrefilter, LiteralPrefilter

_WINDOW = 1 << 21
"""Bytes of texts that are held to be looked at together."""


class Version(NamedTuple):
    """How a text is made of another, that was added before it."""

    base: int
    """The number of the other text."""
    delta: bytes
    """By what it is made of it."""
    spans: Sequence[slice]
    """What is new in it, with the margin of `Suspicion` around it."""


class Following:
    """Looks at texts, and tells of those that are suspicious: not at once, but in the order that they come in."""

    def __init__(
        self,
        suspicion: Suspicion,
        prefilter: HyperscanPrefilter | LiteralPrefilter,
        moved: Callable[[bytes, list[int]], list[tuple[int, int]]],
        tell: Callable[[int, int, bytes, bool], None],
    ) -> None:
        """Prepare.

        Parameters: `moved`, tells where a delta puts the places that bytes of its base end at: for each, which of them
        it is, and where; `tell`, is called with number, kind and content of a suspicious text, and `any_path`.
        """
        self._suspicion, self._moved, self._tell = suspicion, moved, tell
        self._batch = Batch(prefilter)
        self._seen: dict[int, Looked] = {}
        """What came of those texts that have anything to be followed; there is nothing in any other."""
        self._wait()

    def _wait(self) -> None:
        self._waiting: list[tuple[int, int, bytes, Version | None, bool]] = []
        self._held = 0

    def add(
        self, number: int, kind: int, text: bytes, version: Version | None = None, *, any_path: bool = True
    ) -> None:
        """Have a text looked at. Parameters: `any_path`, as for `Suspicion.whole`; False for a version."""
        self._batch.add(text, version.spans if version else None)
        self._waiting.append((number, kind, text, version, any_path))
        self._held += len(text)
        if self._held >= _WINDOW:
            self._settle()

    def pass_over(self, number: int) -> None:
        """Do not look at a text. What is made of it is then looked at as a whole."""
        self._seen[number] = UNKNOWN

    def end(self) -> None:
        """Look at what still waits for it. Nothing that is added later is made of what was added so far."""
        self._settle()
        self._seen.clear()

    def _settle(self) -> None:
        found, plain = self._batch.found()
        for place, (number, kind, text, version, any_path) in enumerate(self._waiting):
            if plain and place not in found and (version is None or version.base not in self._seen):
                continue
            looked = self._looked(text, version, found.get(place, {}), any_path=any_path)
            if looked.hits != () or not is_plain(text):
                self._seen[number] = looked
            if looked.suspicious:
                self._tell(number, kind, text, any_path)
        self._wait()

    def _looked(self, text: bytes, version: Version | None, found: Candidates, *, any_path: bool) -> Looked:
        if version is None:
            return self._suspicion.whole(text, found, any_path=any_path)
        before = self._seen.get(version.base, NOTHING).hits
        if before is None:
            return self._suspicion.whole(text, any_path=False)
        moved = self._moved(version.delta, [end for _, end, _ in before]) if before else ()
        if len(moved) > MOST_FOLLOWED:  # one byte may be copied a million times
            return self._suspicion.whole(text, any_path=False)
        kept = [(before[which][0], end, before[which][2]) for which, end in moved]
        return self._suspicion.changed(text, version.spans, kept, found)
