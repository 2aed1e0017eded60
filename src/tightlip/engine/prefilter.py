"""Which rules could match a text, and where: one pass over the bytes for all rules at once.

Hyperscan where it is installed; otherwise a search for each rule's literals. Both only ever say too much, never too
little, and confirm.py makes the same of both.
"""

from __future__ import annotations

from tightlip import extension
from tightlip.engine.runs import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType
    from typing import Any, TypeAlias

    Candidates: TypeAlias = dict[int, list[int] | None]
    """Index of a rule to the ends of its hits, in bytes; None where it could match anywhere."""

hs, ENGINE = extension.load("hyperscan", "_hs_ext")
"""What tells builds of Hyperscan apart; part of the key of everything compiled."""


class LiteralPrefilter:
    """Each rule's literals, searched one by one, without regard to case."""

    says_where = False

    def __init__(self, literals: Mapping[int, Sequence[bytes]], runs: int | None = None) -> None:
        """Parameters: `runs`, the index that runs which may decode have; None to look for none."""
        self._literals, self._runs = literals, runs

    def candidates(self, data: bytes) -> Candidates:
        """Return the rules one of whose literals occurs."""
        lowered = data.lower()
        found: Candidates = {
            rule: None for rule, literals in self._literals.items() if any(literal in lowered for literal in literals)
        }
        if self._runs is not None and (runs := find(data)):
            found[self._runs] = [run[-1] for run in runs]
        return found


class HyperscanPrefilter:
    """All rules' necessary expressions in one Hyperscan database, in block mode.

    `apart` are databases of the rules whose hits this build of Hyperscan was seen to lose in the company of all others;
    `unsure` are those whose hits it loses even alone, with their literals: they are searched for one by one.
    """

    def __init__(
        self,
        serialized: bytes,
        unsure: Mapping[int, Sequence[bytes]],
        runs: int | None = None,
        apart: Sequence[bytes] = (),
    ) -> None:
        """Parameters: `runs`, as for `LiteralPrefilter`.

        Raises an exception of hyperscan's where a database is of another version or processor.
        """
        self._databases = [_loaded(database) for database in (serialized, *apart)]
        self._runs = runs
        self._unsure = LiteralPrefilter(unsure) if unsure else None
        self.says_where = self._unsure is None
        """Whether every hit comes with its place."""

    def candidates(self, data: bytes) -> Candidates:
        """Return the rules that could match, with the ends of their hits."""
        found: Candidates = {}

        def hit(rule: int, start: int, end: int, flags: int, context: object) -> None:
            ends = found.get(rule)
            if ends is None:
                found[rule] = [end]
            else:
                ends.append(end)

        for database in self._databases:
            database.scan(data, match_event_handler=hit)
        if self._unsure is not None:
            found.update(self._unsure.candidates(data))
        if self._runs is not None and (runs := find(data)):
            found[self._runs] = [run[-1] for run in runs]
        return found


def _loaded(serialized: bytes) -> Any:  # noqa: ANN401 - what hyperscan makes has no types
    if hs is None:
        raise ImportError("there is no hyperscan here")
    database = hs.loadb(serialized, mode=hs.HS_MODE_BLOCK)
    database.scratch = hs.Scratch(database)
    database.scan(b"", match_event_handler=_ignore)
    return database


class Refused(Exception):
    """Hyperscan does not take an expression: `index` tells which, and the message why."""

    def __init__(self, index: int, why: str) -> None:
        self.index = index
        super().__init__(why)


def compile_database(patterns: Sequence[tuple[Sequence[bytes], bool]]) -> bytes:
    """Compile pairs of a rule's expressions and whether they are caseless, and return the database in serialised form.

    Empty without Hyperscan. Raises `Refused` for an expression that Hyperscan does not take.
    """
    if hs is None:
        return b""
    try:
        return _compile(hs, patterns)
    except hs.error:
        for index, pattern in enumerate(patterns):
            if why := _refusal(hs, pattern):
                raise Refused(index, why) from None
        raise


def _refusal(hs: ModuleType, pattern: tuple[Sequence[bytes], bool]) -> str:
    try:
        _compile(hs, [pattern])
    except hs.error as error:
        return str(error)
    return ""


def _compile(hs: ModuleType, patterns: Sequence[tuple[Sequence[bytes], bool]]) -> bytes:
    rows = [
        (expression, index, hs.HS_FLAG_CASELESS if caseless else 0)
        for index, (expressions, caseless) in enumerate(patterns)
        for expression in expressions
    ]
    expressions, ids, flags = (list(column) for column in zip(*rows, strict=True))
    database = hs.Database(mode=hs.HS_MODE_BLOCK)
    database.compile(expressions=expressions, ids=ids, flags=flags)
    return bytes(hs.dumpb(database))


def _ignore(*_: object) -> None:
    pass
