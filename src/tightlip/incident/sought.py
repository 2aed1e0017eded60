"""A scanner that looks for one value, as it is and in every form that is decoded. None of it is kept on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tightlip.engine import Judged, Outcome, Scanner
from tightlip.engine.compiled import Compiled
from tightlip.engine.compiling import compile_parts
from tightlip.errors import RuleError, UsageError
from tightlip.model import MAX_BLOB
from tightlip.rule import Rule
from tightlip.rules import rule_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import regex

    from tightlip.model import Secret

RULE = "value"
"""The id of the one rule."""
LEAST, MOST = 4, 1 << 13
"""Bytes of a value that may be looked for: a shorter one is everywhere, a longer one is no secret but a file."""
REMEDIATION = (
    "Have whoever gave the value out revoke or change it there, now.",
    "Put the new one into a secret store or an environment variable, and deploy it.",
)


class ValueScanner(Scanner):
    """Finds one value wherever it stands; that a comment allows it does not count.

    Its pattern stays in memory: `tightlip.patterns`, which keeps what it compiles for the next run, never sees it.
    """

    def __init__(self, value: bytes) -> None:
        """Parameters: `value`, from `LEAST` to `MOST` bytes. Raises `UsageError` for one that is not."""
        if not LEAST <= len(value) <= MOST:
            raise UsageError(f"a value to look for has from {LEAST} to {MOST:,} bytes; this one has {len(value):,}")
        self.min_confidence = 0.0
        self.limit, self.pragmas = MAX_BLOB, False
        self._value = value
        self.compiled: Compiled = _compiled(value)

    def __reduce__(self) -> tuple[Callable[..., Scanner], tuple[object, ...]]:
        """Send the value through the pipe to another process, which makes the same of it."""
        return ValueScanner, (self._value,)

    def __repr__(self) -> str:
        return "ValueScanner(********)"

    def judged(self, data: bytes, *, any_path: bool = True) -> Iterator[Judged]:
        """Yield what `Scanner.judged` does, without the texts: what stands beside the value allows nothing."""
        for form in super().judged(data, any_path=any_path):
            yield form.but(text=b"")

    def settled(self, judged: Judged, path: bytes) -> Outcome:
        """Return what `Scanner.settled` does, without the text."""
        return super().settled(judged, path).but(text=b"")

    def holds(self, data: bytes, path: bytes = b"") -> bool:
        """Whether the value is in `data`, in whatever form."""
        return self._value in data or bool(self.scan(data, path).matches)


def scanner_for(secret: Secret) -> ValueScanner:
    """Return a scanner for a secret's value."""
    return ValueScanner(secret.reveal())


class _InMemory(Compiled):
    """Compiles the patterns by itself, so that they are in nobody's cache."""

    def pattern(self, source: str) -> regex.Pattern[bytes]:
        """Return a pattern of the rule."""
        found = self._patterns.get(source)
        if found is None:
            import regex

            found = self._patterns[source] = regex.compile(source.encode("ascii"))
        return found


def _compiled(value: bytes) -> Compiled:
    pattern = "(?P<secret>" + "".join(f"\\x{byte:02x}" for byte in value) + ")"
    rule = Rule(RULE, "The value that was asked for", "", "critical", 1.0, pattern, REMEDIATION, filters=())
    try:
        head, database, behind = compile_parts(rule_set([rule]))
    except RuleError:
        raise UsageError("Hyperscan cannot look for this value: it is too long, or repeats itself too much") from None
    return _InMemory(head, database, lambda: behind)
