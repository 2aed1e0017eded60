"""What recognises a secret, what proves it, and what it recognised."""

from __future__ import annotations

from typing import NamedTuple

from tightlip.model import Secret


class Requires(NamedTuple):
    """Another rule that must match close by for a match to count."""

    rule: str
    within: int
    """Most lines between the two."""


class Example(NamedTuple):
    """A text that proves a rule."""

    text: str
    secrets: tuple[str, ...]
    """What the rule must find in it, exactly; empty where it must find nothing."""
    path: str
    line: int
    """The line of the rule file where the example stands."""


class Rule(NamedTuple):
    """What recognises one kind of secret. docs/RULES.md explains each key."""

    id: str
    name: str
    provider: str
    severity: str
    confidence: float
    pattern: str
    remediation: tuple[str, ...]
    path: str = ""
    entropy: float = 0.0
    allow: tuple[str, ...] = ()
    filters: tuple[str, ...] = ("placeholder",)
    requires: Requires | None = None
    max_length: int = 0
    references: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    """What names the service in code. Such a rule has no `pattern`: generic rules find its values."""
    token: str = ""
    """The form of the whole value, where `service` names whose it is."""


class Match(NamedTuple):
    """A rule's hit in a text. Offsets are bytes, half-open, in the text that was searched."""

    rule: Rule
    secret: Secret
    start: int
    """Where the secret starts."""
    end: int
    confidence: float
    reasons: tuple[str, ...]
    line: int = 0
    """From 1."""
    column: int = 0
    """From 1, in characters."""
    end_line: int = 0
    end_column: int = 0
    """Exclusive."""
    decoded_through: tuple[str, ...] = ()
    encoded: Secret | None = None
    """The bytes that the secret was decoded from, where they are its own: no report may show them either."""
