"""Rules against their own examples, through the whole engine: each must find its marked secrets and nothing more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from tightlip.model import Secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tightlip.engine import Scanner
    from tightlip.rule import Example
    from tightlip.rules import LoadedRule


class Failure(NamedTuple):
    """An example that does not do what it says."""

    file: str
    line: int
    rule: str
    expected: tuple[str, ...]
    """The secrets that the example marks: their places in it and their form, never the values."""
    got: tuple[str, ...]

    def __str__(self) -> str:
        expected, got = (" and ".join(items) or "nothing" for items in (self.expected, self.got))
        return f"{self.file}:{self.line}: rule {self.rule}: expected {expected}, got {got}"


def check(rules: Iterable[LoadedRule], scanner: Scanner) -> list[Failure]:
    """Run every example and return those that fail. The scanner should report every confidence, down to 0."""
    return [
        failure
        for loaded in rules
        for example in (*loaded.match, *loaded.no_match)
        if (failure := _check(loaded, example, scanner))
    ]


def _check(loaded: LoadedRule, example: Example, scanner: Scanner) -> Failure | None:
    data = example.text.encode()
    outcome = scanner.scan(data, os.fsencode(example.path))
    found = [match for match in outcome.matches if match.rule.id == loaded.rule.id]
    got = sorted(match.secret.reveal() for match in found)
    if got == sorted(secret.encode() for secret in example.secrets) and not outcome.unscanned:
        return None
    expected = tuple(_form(secret.encode(), data.find(secret.encode())) for secret in example.secrets)
    problems = (why for _, why in outcome.unscanned)
    forms = (_form(match.secret.reveal(), match.start) for match in found)
    return Failure(loaded.file, example.line, loaded.rule.id, expected, (*forms, *problems))


def _form(value: bytes, start: int) -> str:
    return f"{Secret(value).redacted()} at {start}-{start + len(value)}"
