"""The engine: bytes and a path in, matches out. It knows nothing of git, files or output.

prefilter (which rules could match, all at once) -> confirm (exact matches) -> judge (is it a secret, how surely), and
decode (what may be something else, that goes through the same).
A text without a hit, which is nearly every text, is done after the prefilter and loads nothing further.
"""

from __future__ import annotations

import os

from tightlip import builtin
from tightlip.engine import rulecache
from tightlip.engine.text import as_utf8, encoding_of, is_plain, placed
from tightlip.model import MAX_BLOB, MEDIUM, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tightlip.engine.compiled import Compiled
    from tightlip.engine.decode import Inner
    from tightlip.finding import Unscanned
    from tightlip.rule import Match
    from tightlip.rules import RuleSet


class Outcome(Value):
    """What a scan of one text gave.

    `text` is what was searched: the bytes themselves, or their UTF-8 form where they were UTF-16 or UTF-32; `matches`
    are in the order of their places, of several at one place the best, and each is where its bytes stand in `text`,
    also where these had to be decoded; `unscanned` are rules that took too long on it, and what could not be decoded.
    """

    __slots__ = ("matches", "text", "unscanned")

    def __init__(self, text: bytes, matches: list[Match], unscanned: list[Unscanned]) -> None:
        self.text = text
        self.matches = matches
        self.unscanned = unscanned


class Judged(Value):
    """What all rules make of one form of a text, before it is settled what of it stands.

    `matches` come with the index of their rule, and have any confidence; `slow` are rules that took too long; `inner`
    is what came of each text that was decoded in this one, and `missed` says what of these was not scanned.
    """

    __slots__ = ("inner", "matches", "missed", "slow", "text")

    def __init__(
        self,
        text: bytes,
        matches: list[tuple[int, Match]],
        slow: list[int],
        inner: Sequence[Inner] = (),
        missed: Sequence[str] = (),
    ) -> None:
        self.text = text
        self.matches = matches
        self.slow = slow
        self.inner = inner
        self.missed = missed


class Scanner:
    """Rules ready to scan with. Make one and use it for many texts; use one per thread."""

    remembered = True
    """Whether what was found, and where nothing was, may be kept on disk for the next scan."""

    def __init__(  # noqa: PLR0913 - each is a choice of its own
        self,
        rules: RuleSet | None = None,
        *,
        paths: tuple[str, ...] = (),
        min_confidence: float = MEDIUM,
        literals_only: bool = False,
        limit: int = MAX_BLOB,
        pragmas: bool = True,
    ) -> None:
        """Make a scanner, by default of the built-in rules.

        Parameters: `rules`, those to use in place of the built-in ones; `paths`, rule files and folders to use beside
        the built-in ones; `min_confidence`, from 0 to 1, the least to report; `literals_only`, to do without
        Hyperscan (slower, and finds the same); `limit`, the most bytes of a file or object to scan; `pragmas`, whether
        a comment beside it allows a secret.

        Raises `RuleError` for a rule that cannot be used.
        """
        self.min_confidence = min_confidence
        self.compiled = _compile(rules, paths, literals_only=literals_only)
        self.limit, self.pragmas = limit, pragmas
        self._made_of = (rules, paths, min_confidence, literals_only, limit, pragmas)

    def __reduce__(self) -> tuple[Callable[..., Scanner], tuple[object, ...]]:
        """Send what it is made of: a database of Hyperscan is of one process."""
        return _make, self._made_of

    @property
    def rules_hash(self) -> str:
        """SHA-256 of the rules, in hexadecimal."""
        return self.compiled.hash

    def looks_at(self, path: bytes) -> bool:
        """Whether there are rules that only look at paths such as this one."""
        return self.compiled.has_rules_for(path)

    def may_hold(self, data: bytes, path: bytes) -> bool:
        """Whether `data` could hold something; quick, and True too often."""
        hits, marks = self.compiled.split(self.compiled.prefilter.candidates(data))
        return bool(marks) or not is_plain(data) or any(self.compiled.applies(index, path) for index in hits)

    def brings_nothing(self, data: bytes, old: bytes, path: bytes) -> bool:
        """Whether all that `data` could hold was in `old`, its earlier version; quick, and False too often."""
        from tightlip.engine import unchanged

        return unchanged.brings_nothing(self.compiled, data, old, path)

    def scan(self, data: bytes, path: bytes = b"") -> Outcome:
        """Return what the rules find in `data`; `path` is what the rules that go by path look at."""
        if is_plain(data):
            return self.settled(self._judged(data, (), path), path)
        return self.best(self.judged(data), path)

    def judged(self, data: bytes, *, any_path: bool = True) -> Iterator[Judged]:
        """Yield, for each form that `data` reads as, what all rules make of it, whatever path they go by.

        Parameters: `any_path`, whether `data` may have a path that a rule goes by; without, no such rule counts.
        """
        path = None if any_path else b""
        if not is_plain(data) and (encoding := encoding_of(data)):
            yield self._judged(as_utf8(data, encoding), (encoding,), path)
        # A byte order mark may lie, and a file may be UTF-16 at its beginning only.
        yield self._judged(data, (), path)

    def best(self, forms: Iterable[Judged], path: bytes) -> Outcome:
        """Return the outcome of the first form in which something is found under a path; else of the last."""
        unscanned: list[Unscanned] = []
        for form in forms:
            outcome = self.settled(form, path)
            unscanned += outcome.unscanned
            if outcome.matches:
                break
        return Outcome(outcome.text, outcome.matches, unscanned)

    def settled(self, judged: Judged, path: bytes) -> Outcome:
        """Return what of a form's matches stands under a path."""
        matches = [match for index, match in judged.matches if self.compiled.applies(index, path)]
        unscanned: list[Unscanned] = []
        if judged.slow:
            unscanned = [self._took_too_long(index, path) for index in judged.slow]
        if judged.missed:
            from tightlip.finding import Unscanned

            unscanned += [Unscanned(os.fsdecode(path), why) for why in judged.missed]
        if not matches and not judged.inner:
            return Outcome(judged.text, [], unscanned)
        from tightlip.engine.resolve import resolve

        standing = [match for match in resolve(matches) if match.confidence >= self.min_confidence]
        if judged.inner:
            from tightlip.engine.decode.settle import joined

            standing = joined(standing, judged.inner, self.compiled.applies, path, self.min_confidence)
        return Outcome(judged.text, standing, unscanned)

    def _judged(self, text: bytes, through: tuple[str, ...], path: bytes | None = None) -> Judged:
        """Look through a text. Parameters: `path`, leave out the rules that do not go by it."""
        hits, marks = self.compiled.split(self.compiled.prefilter.candidates(text))
        if path is not None:
            hits = {index: ends for index, ends in hits.items() if self.compiled.applies(index, path)}
        slow: list[int] = []
        matches = [(index, match) for index, ends in hits.items() for match in self._confirmed(index, text, ends, slow)]
        if matches:
            matches = placed(text, matches, through)
        if not marks:
            return Judged(text, matches, slow)
        from tightlip.engine import decode

        found = decode.search(self.compiled, text, marks, through, path)
        return Judged(text, matches, slow + found.slow, found.inner, found.missed)

    def _confirmed(self, index: int, text: bytes, ends: list[int] | None, slow: list[int]) -> list[Match]:
        from tightlip.engine import confirm

        try:
            return list(confirm.confirmed(self.compiled, index, text, ends))
        except TimeoutError:
            slow.append(index)
            return []

    def _took_too_long(self, index: int, path: bytes) -> Unscanned:
        from tightlip.finding import Unscanned

        return Unscanned(os.fsdecode(path), f"rule {self.compiled.rules[index].id} took too long on it")


def _make(  # noqa: PLR0913, PLR0917 - what `__reduce__` says has no names
    rules: RuleSet | None,
    paths: tuple[str, ...],
    min_confidence: float,
    literals_only: bool,  # noqa: FBT001
    limit: int,
    pragmas: bool,  # noqa: FBT001
) -> Scanner:
    return Scanner(
        rules,
        paths=paths,
        min_confidence=min_confidence,
        literals_only=literals_only,
        limit=limit,
        pragmas=pragmas,
    )


def _compile(rules: RuleSet | None, paths: tuple[str, ...], *, literals_only: bool) -> Compiled:
    if rules is not None:
        from tightlip.engine import compiling

        return compiling.compile_rules(rules, literals_only=literals_only)

    def read() -> RuleSet:
        from tightlip import prepared

        return prepared.load_rules(*paths)

    if literals_only:
        from tightlip.engine import compiling

        return compiling.compile_rules(read(), literals_only=True)
    return rulecache.load([builtin.folder(), *paths], read)
