"""What a source of known secrets gives, and where it is told to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, NoReturn

from tightlip.errors import UsageError

_DEEPEST = 64


class Where(NamedTuple):
    """`KIND:WHERE`, as the user wrote it."""

    kind: str
    """The name of a source: `dotenv`, `vault`."""
    where: str
    """What the source makes of it: a file, a path in a vault, a prefix."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.where}"


class Known:
    """One secret that is known. `repr` and `str` never show the value, and it cannot be pickled.

    Fields: `name`, what is told of it: `KEY` or `myapp/db#password`; `value`, the secret itself; `version`, as the
    vault counts, or None; `created`, with a time zone, or None; `source`, `KIND:WHERE` as the user wrote it;
    `is_current`, whether it is in use, and no earlier version.
    """

    __slots__ = ("created", "is_current", "name", "source", "value", "version")

    def __init__(  # noqa: PLR0913 - what a vault says of a secret
        self,
        name: str,
        value: bytes,
        *,
        version: str | None = None,
        created: datetime | None = None,
        source: str = "",
        is_current: bool = True,
    ) -> None:
        self.name = name
        self.value = value
        self.version = version
        self.created = created
        self.source = source
        self.is_current = is_current

    def __repr__(self) -> str:
        return f"Known({self.name!r}, ********, version={self.version!r}, source={self.source!r})"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        """Refuse: a pickle would hold the value."""
        raise TypeError("a known secret is not for writing down")


def leaves(name: str, value: object, **rest: object) -> Iterator[Known]:
    """Yield a secret for each leaf of a JSON value: `name#path.to.leaf`, `name` itself where it is no object or list.

    Null, true and false are no secrets. Parameters: `rest`, the other fields of `Known`.
    """
    for path, leaf in flat(value):
        yield Known(f"{name}#{path}" if path else name, leaf, **rest)  # type: ignore[arg-type]


def from_text(name: str, value: bytes, **rest: object) -> Iterator[Known]:
    """Yield the secrets in what a vault keeps under one name: the leaves of a JSON object or list, else all of it."""
    if value.lstrip()[:1] in (b"{", b"["):
        import json

        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, (dict, list)):
            yield from leaves(name, found, **rest)
            return
    yield Known(name, value, **rest)  # type: ignore[arg-type]


def flat(value: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield the path and the value of each leaf of a JSON value that may be a secret. Raises `UsageError`."""
    if depth > _DEEPEST:
        raise UsageError(
            f"{path[:80]}...: known secrets more than {_DEEPEST} levels deep are not read; take them apart"
        )
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, str):
        yield path, value.encode("utf-8", "surrogatepass")
    elif isinstance(value, bytes):
        yield path, value
    elif isinstance(value, Sequence):
        for number, inner in enumerate(value):
            yield from flat(inner, f"{path}.{number}" if path else str(number), depth + 1)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, repr(value).encode()
