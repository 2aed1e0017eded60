"""What a rule declares of its provider: a request about a secret, and what each answer means. Nothing is sent here."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = "dict[str, Json] | list[Json] | Scalar"

SECRET = "secret"  # noqa: S105 - its name, not its value
"""The name of the value itself in `{{secret}}`; others are those of companions."""


class Companion(NamedTuple):
    """Another value that the request needs: what a rule finds in the same text, at most so many lines away."""

    name: str
    rule: str
    within: int
    starts: str = ""
    """What it must start with; of another kind of value the answers would not be true."""


class Answer(NamedTuple):
    """What an answer has to be like. Everything that is given has to hold."""

    meaning: str
    """`live` or `revoked` of a question, `done` of an order to revoke; `unknown` of both."""
    status: tuple[int, ...] = ()
    """Any of these; none is any status."""
    json: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    """By the path to a field, with dots between names and indexes: the values that it may have."""
    text: str = ""
    """What the body contains."""
    why: str = ""
    """Of one that is `unknown`: why it proves nothing."""


class Signature(NamedTuple):
    """How the request is signed: Signature Version 4 of AWS. `id` and `key` are templates."""

    service: str
    region: str
    id: str
    key: str


class Request(NamedTuple):
    """A request with `{{secret}}` and the names of companions in the place of values."""

    method: str
    urls: tuple[str, ...]
    """Asked one after the other, until one knows the value: where a provider has several regions."""
    answers: tuple[Answer, ...]
    """The first that fits counts; where none does, nothing is known."""
    source: str
    """Where the provider documents this."""
    hosts: tuple[str, ...] = ()
    """Where the URL is the value itself: the hosts that it may name, or with a leading dot any below that domain."""
    headers: tuple[tuple[str, str], ...] = ()
    basic: tuple[str, str] | None = None
    """User and password of HTTP's basic authentication."""
    form: tuple[tuple[str, str], ...] = ()
    json: str = ""
    """The body, in JSON; values take the place of their names in its texts."""
    sign: Signature | None = None
    companions: tuple[Companion, ...] = ()
    also: str = ""
    """Of an order to revoke: what else it ends."""
