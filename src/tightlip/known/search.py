"""A scanner that looks for all known secrets at once, each as it is and in every form. None of it is kept on disk.

Rules know what secrets look like; this knows what they are. So nothing is weighed, and whatever matches is one.
"""

from __future__ import annotations

import marshal
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tightlip.engine import Judged, Scanner
from tightlip.engine.compiled import Compiled, every_mark
from tightlip.engine.decode import Inner
from tightlip.known.forms import LEAST, Lines, Through, exactly, forms, in_lines
from tightlip.known.guard import close_memory
from tightlip.known.literals import GramPrefilter, databases
from tightlip.known.telling import REMEDIATION, RULE, remediation, title
from tightlip.model import HIGH, MAX_BLOB, Secret
from tightlip.rule import Match, Rule

if TYPE_CHECKING:
    import regex

    from tightlip.engine.compiled import Behind, Head
    from tightlip.known.secret import Known

_WORD = re.compile(rb"[A-Za-z0-9]{%d,}" % LEAST)
"""The database looks for the end of one: fewer literals, and shorter ones, are sooner compiled."""
_ENOUGH = 12
"""Bytes of it."""
_MIDDLE = 16
"""Bytes from the middle of a form without such a word: keys of one kind have the same beginning."""
_LEAST_MARGIN = 128
"""How far around a change marks of what may decode are looked for, as in `tightlip.engine.compiling`."""
_BOUND = 12
"""Bytes of a form from which on it is searched for inside longer words, too."""
_NO_WORD_BEFORE = rb"(?:(?<![A-Za-z0-9])|(?<=\\[nrtbfv0])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4}))"
"""What is escaped before a value, as in `\\nvalue`, is no part of a word."""


class Row(NamedTuple):
    """What is told of a value, and the value: for the pipe to another process, and nothing else."""

    title: str
    remediation: tuple[str, ...]
    value: bytes

    def __repr__(self) -> str:
        return f"Row({self.title!r}, ********)"


class KnownScanner(Scanner):
    """Finds known secrets wherever they stand.

    The values stay in memory, and go through a pipe where other processes cannot be forked; `remembered` keeps what
    was found, and what was found clean, out of every cache.
    """

    remembered = False

    def __init__(
        self, known: Sequence[Known], *, pragmas: bool = True, limit: int = MAX_BLOB, literals_only: bool = False
    ) -> None:
        """Parameters: `known`, what to look for; the others as for `Scanner`."""
        self.min_confidence = HIGH
        self.limit, self.pragmas = limit, pragmas
        self.known = _by_value(known)
        self._literals_only = literals_only
        self.set_up([Row(title(each), remediation(each), each[0].value) for each in self.known])

    def set_up(self, rows: list[Row]) -> None:
        """Prepare to look for values, in this process, whichever it is."""
        close_memory()
        self._rows = rows
        self._forms = [forms(row.value) for row in rows]
        self.compiled: Compiled = _Compiled(rows, self._forms, literals_only=self._literals_only)

    def __reduce__(self) -> tuple[Callable[..., Scanner], tuple[object, ...]]:
        """Send the values through the pipe to another process, which makes the same of them."""
        return _again, (self._rows, self.pragmas, self.limit, self._literals_only)

    def __repr__(self) -> str:
        return f"KnownScanner({len(self._rows)} values)"

    def _judged(self, text: bytes, through: tuple[str, ...], path: bytes | None = None) -> Judged:
        judged = super()._judged(text, through, path)
        matches = [(index, self._known(index, match)) for index, match in judged.matches]
        inner = [
            Inner([(i, self._known(i, m)) for i, m in one.matches], one.places, one.path, is_tight=one.is_tight)
            for one in judged.inner
        ]
        return judged.but(matches=matches, inner=inner)

    def _known(self, index: int, match: Match) -> Match:
        """Return a match of a form as one of the value, which is what is reported and compared."""
        form = match.secret.reveal()
        through = self._forms[index].get(form, ())
        value = self._rows[index].value
        if form == value:
            return match.but(reasons=_REASONS)
        return match.but(
            secret=Secret(value),
            encoded=match.encoded or Secret(form),
            decoded_through=(*match.decoded_through, *through),
            reasons=_REASONS,
        )


_REASONS = ("it is the value itself",)


def _again(
    rows: list[Row],
    pragmas: bool,  # noqa: FBT001 - what `__reduce__` says has no names
    limit: int,
    literals_only: bool,  # noqa: FBT001
) -> KnownScanner:
    made = KnownScanner((), pragmas=pragmas, limit=limit, literals_only=literals_only)
    made.set_up(rows)
    return made


def _by_value(known: Sequence[Known]) -> list[list[Known]]:
    found: dict[bytes, list[Known]] = {}
    for one in known:
        found.setdefault(one.value, []).append(one)
    return [sorted(same, key=lambda one: not one.is_current) for same in found.values()]


class _Compiled(Compiled):
    """A rule for each value. Patterns are compiled here, so that they are in nobody's cache."""

    def __init__(self, rows: Sequence[Row], every: Sequence[dict[bytes, Through]], *, literals_only: bool) -> None:
        lines = [in_lines(row.value) for row in rows]
        literals = [sorted(_literals(*each)) for each in zip(every, lines, strict=True)]
        reaches = [_reach(*each) for each in zip(every, lines, strict=True)]
        widest = [width for width, *_ in reaches]
        patterns = [_pattern(*each) for each in zip(every, lines, strict=True)]
        rules = [_rule(f"{RULE}-{number}", *each) for number, each in enumerate(zip(rows, patterns, strict=True))]
        rules.append(_rule(RULE, Row("known secret", REMEDIATION, b""), ""))  # that of all findings, for a policy
        literals.append([])
        reaches.append((0, 0, 0))
        database, apart, unsure = databases(() if literals_only else literals)
        head: Head = (RULE, max([_LEAST_MARGIN, *widest]), unsure, apart, {}, len(rules), [], [])
        behind: Behind = (reaches, list(map(tuple, literals)), {}, rules)
        super().__init__(head, database, lambda: behind)
        if not database:
            marks = {index: mark.literals for index, mark in enumerate(every_mark(), self.marks)}
            self.prefilter = GramPrefilter(literals, marks, self.runs)

    def pattern(self, source: str) -> regex.Pattern[bytes]:
        """Return a pattern of a rule."""
        found = self._patterns.get(source)
        if found is None:
            import regex

            found = self._patterns[source] = regex.compile(source.encode("ascii"), cache_pattern=False)
        return found


def _literals(every: dict[bytes, Through], lines: Lines | None) -> set[bytes]:
    """Return what the database looks for: a part of each form."""
    return {_window(form) for form in (*every, *([lines.literal] if lines else ()))}


def _window(form: bytes) -> bytes:
    """Return the end of the longest word in a form, which most forms of a value share; else what is in the middle."""
    words: list[bytes] = [word for word in _WORD.findall(form) if not word.isalpha()]
    if words:
        return max(words, key=len)[-_ENOUGH:]
    start = max(len(form) - _MIDDLE, 0) // 2
    return form[start : start + _MIDDLE]


def _reach(every: dict[bytes, Through], lines: Lines | None) -> tuple[int, int, int]:
    """Return how far a match goes, as `Compiled` keeps it: before a hit, in all, and newlines."""
    width, newlines = max(map(len, every)), max(form.count(b"\n") for form in every)
    return (max(width, lines.width),) * 3 if lines else (width, width, newlines)


def _pattern(every: dict[bytes, Through], lines: Lines | None) -> str:
    """Return an expression for a value in every form."""
    pieces = [_exactly(form, bool(every[form])) for form in sorted(every, key=len, reverse=True)]
    pieces += [lines.pattern] if lines else []
    return f"(?P<secret>{b'|'.join(pieces).decode('ascii')})"


def _rule(id_: str, row: Row, pattern: str) -> bytes:
    """Return a value's own rule, as `Compiled` keeps it."""
    rule = Rule(id_, row.title, "", "critical", 1.0, pattern, row.remediation, filters=())
    return marshal.dumps({**rule.as_dict(), "requires": None})


def _exactly(form: bytes, is_encoded: bool) -> bytes:  # noqa: FBT001 - private
    """Return an expression for a form; a short value stands by itself, and not in a longer word."""
    if is_encoded or len(form) >= _BOUND:
        return exactly(form)
    before = _NO_WORD_BEFORE if form[:1].isalnum() else b""
    return before + exactly(form) + (b"(?![A-Za-z0-9])" if form[-1:].isalnum() else b"")
