"""What recognises a secret, what proves it, and what it recognised."""

from __future__ import annotations

from tightlip.model import Secret, Value


class Requires(Value):
    """Another rule that must match close by for a match to count: its id, and the most lines between the two."""

    __slots__ = ("rule", "within")

    def __init__(self, rule: str, within: int) -> None:
        self.rule = rule
        self.within = within


class Example(Value):
    """A text that proves a rule.

    `secrets` are what the rule must find in it, exactly; none where it must find nothing. `line` is that of the rule
    file where the example stands.
    """

    __slots__ = ("line", "path", "secrets", "text")

    def __init__(self, text: str, secrets: tuple[str, ...], path: str, line: int) -> None:
        self.text = text
        self.secrets = secrets
        self.path = path
        self.line = line


class Rule(Value):
    """What recognises one kind of secret. docs/RULES.md explains each key.

    `service` is what names the service in code: such a rule has no `pattern`, and generic rules find its values.
    `token` is then the form of the whole value.
    """

    __slots__ = (
        "allow",
        "confidence",
        "entropy",
        "filters",
        "id",
        "max_length",
        "name",
        "path",
        "pattern",
        "provider",
        "references",
        "remediation",
        "requires",
        "service",
        "severity",
        "token",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - as many as a rule has keys
        self,
        id: str,  # noqa: A002 - the key's name
        name: str,
        provider: str,
        severity: str,
        confidence: float,
        pattern: str,
        remediation: tuple[str, ...],
        path: str = "",
        entropy: float = 0.0,
        allow: tuple[str, ...] = (),
        filters: tuple[str, ...] = ("placeholder",),
        requires: Requires | None = None,
        max_length: int = 0,
        references: tuple[str, ...] = (),
        service: tuple[str, ...] = (),
        token: str = "",
    ) -> None:
        self.id = id
        self.name = name
        self.provider = provider
        self.severity = severity
        self.confidence = confidence
        self.pattern = pattern
        self.remediation = remediation
        self.path = path
        self.entropy = entropy
        self.allow = allow
        self.filters = filters
        self.requires = requires
        self.max_length = max_length
        self.references = references
        self.service = service
        self.token = token

    @property
    def is_of_files(self) -> bool:
        """Whether it judges whole files, by what they are to be, and not a text by a pattern."""
        return not (self.pattern or self.service)


class Match(Value):
    """A rule's hit in a text.

    `start` and `end` are where the secret stands in the text that was searched, in bytes, half-open; `line` and
    `column` say the same from 1, in characters, and `end_column` is exclusive. `encoded` are the bytes that the secret
    was decoded from, where they are its own: no report may show them either.
    """

    __slots__ = (
        "column",
        "confidence",
        "decoded_through",
        "encoded",
        "end",
        "end_column",
        "end_line",
        "line",
        "reasons",
        "rule",
        "secret",
        "start",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - all that is known of it
        self,
        rule: Rule,
        secret: Secret,
        start: int,
        end: int,
        confidence: float,
        reasons: tuple[str, ...],
        line: int = 0,
        column: int = 0,
        end_line: int = 0,
        end_column: int = 0,
        decoded_through: tuple[str, ...] = (),
        encoded: Secret | None = None,
    ) -> None:
        self.rule = rule
        self.secret = secret
        self.start = start
        self.end = end
        self.confidence = confidence
        self.reasons = reasons
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.decoded_through = decoded_through
        self.encoded = encoded
