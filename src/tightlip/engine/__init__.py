"""The engine: bytes and a path in, matches out. It knows nothing of git, files or output.

prefilter (which rules could match, all at once) -> confirm (exact matches) -> judge (is it a secret, how surely).
A text without a hit, which is nearly every text, is done after the prefilter and loads nothing further.
"""

from __future__ import annotations

import os

from tightlip import builtin
from tightlip.engine import compiled
from tightlip.engine.text import as_utf8, encoding_of, is_plain
from tightlip.model import MEDIUM, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tightlip.engine.prefilter import Candidates
    from tightlip.finding import Unscanned
    from tightlip.rule import Match
    from tightlip.rules import RuleSet


class Outcome(Value):
    """What a scan of one text gave.

    `text` is what was searched: the bytes themselves, or their UTF-8 form where they were UTF-16 or UTF-32; `matches`
    are in the order of their places, of several at one place the best; `unscanned` are rules that took too long on it.
    """

    __slots__ = ("matches", "text", "unscanned")

    def __init__(self, text: bytes, matches: list[Match], unscanned: list[Unscanned]) -> None:
        self.text = text
        self.matches = matches
        self.unscanned = unscanned


class Scanner:
    """Rules ready to scan with. Make one and use it for many texts; use one per thread."""

    def __init__(
        self,
        rules: RuleSet | None = None,
        *,
        paths: tuple[str, ...] = (),
        min_confidence: float = MEDIUM,
        literals_only: bool = False,
    ) -> None:
        """Make a scanner, by default of the built-in rules.

        Parameters: `rules`, those to use in place of the built-in ones; `paths`, rule files and folders to use beside
        the built-in ones; `min_confidence`, from 0 to 1, the least to report; `literals_only`, to do without
        Hyperscan (slower, and finds the same).

        Raises `RuleError` for a rule that cannot be used.
        """
        self.min_confidence = min_confidence
        self._compiled = _compile(rules, paths, literals_only=literals_only)

    @property
    def rules_hash(self) -> str:
        """SHA-256 of the rules, in hexadecimal."""
        return self._compiled.hash

    def looks_at(self, path: bytes) -> bool:
        """Whether there are rules that only look at paths such as this one."""
        return self._compiled.has_rules_for(path)

    def scan(self, data: bytes, path: bytes = b"") -> Outcome:
        """Return what the rules find in `data`; `path` is what the rules that go by path look at."""
        if is_plain(data) or not (encoding := encoding_of(data)):
            return self._search(data, path, ())
        decoded = self._search(as_utf8(data, encoding), path, (encoding,))
        if decoded.matches:
            return decoded
        # A byte order mark may lie, and a file may be UTF-16 at its beginning only.
        plain = self._search(data, path, ())
        return Outcome(data, plain.matches, decoded.unscanned + plain.unscanned)

    def _search(self, text: bytes, path: bytes, through: tuple[str, ...]) -> Outcome:
        hits = self._compiled.prefilter.candidates(text)
        candidates = {index: ends for index, ends in hits.items() if self._compiled.applies(index, path)}
        if not candidates:
            return Outcome(text, [], [])
        return self._examine(text, path, candidates, through)

    def _examine(self, text: bytes, path: bytes, candidates: Candidates, through: tuple[str, ...]) -> Outcome:
        from tightlip.engine.resolve import resolve

        unscanned: list[Unscanned] = []
        matches = [
            match for index, ends in candidates.items() for match in self._confirmed(index, text, path, ends, unscanned)
        ]
        standing = resolve(_placed(text, matches, through))
        return Outcome(text, [match for match in standing if match.confidence >= self.min_confidence], unscanned)

    def _confirmed(
        self, index: int, text: bytes, path: bytes, ends: list[int] | None, unscanned: list[Unscanned]
    ) -> Iterator[Match]:
        from tightlip.engine import confirm

        try:
            yield from confirm.confirmed(self._compiled, index, text, path, ends)
        except TimeoutError:
            from tightlip.finding import Unscanned

            rule = self._compiled.rules[index].id
            unscanned.append(Unscanned(os.fsdecode(path), f"rule {rule} took too long on it"))


def _placed(text: bytes, matches: list[Match], through: tuple[str, ...]) -> list[Match]:
    from tightlip.engine.text import positions

    at = positions(text, [offset for match in matches for offset in (match.start, match.end)])
    return [
        match._replace(
            line=at[match.start][0],
            column=at[match.start][1],
            end_line=at[match.end][0],
            end_column=at[match.end][1],
            decoded_through=through,
        )
        for match in matches
    ]


def _compile(rules: RuleSet | None, paths: tuple[str, ...], *, literals_only: bool) -> compiled.Compiled:
    if rules is not None:
        return compiled.compile_rules(rules, literals_only=literals_only)

    def read() -> RuleSet:
        from tightlip.rules import load_rules

        return load_rules(*paths)

    if literals_only:
        return compiled.compile_rules(read(), literals_only=True)
    return compiled.load([builtin.folder(), *paths], read)
