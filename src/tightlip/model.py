"""The nouns the engine works with: light, immutable, and loaded on every commit.

What recognises a secret (`Rule`) and what it recognised (`Match`) are in rule.py, what a scan reports (`Finding`,
`Unscanned`, `Report`) in finding.py: these are loaded once there is a hit, or something to report.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

HIGH, MEDIUM, LOW = 0.8, 0.5, 0.0
MAX_BLOB = 1 << 28
"""The most bytes of one object or file that are scanned; a larger one is reported as not scanned."""
"""The least confidence that counts as high, medium and low."""

LOOKAROUND = 64
"""The most bytes that a lookbehind or lookahead of a rule's pattern may see."""

FILTERS = (
    "placeholder",
    "reference",
    "key-name",
    "words",
    "path-like",
    "uuid",
    "hash",
    "crc32-base62",
    "bech32",
    "base64-json",
    "jwt",
    "random",
    "assignment",
)
"""The names that a rule's `filters` may use; engine/filters.py says what each does."""


class Secret:
    """A value that must not be seen: masked in `repr`, `str`, formatting and pickles.

    `reveal()` is the one way to the bytes: to match, judge, hash or purge, or for a report that was asked to show them.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Return the value itself."""
        return self._value

    def redacted(self) -> str:
        """Return what may be shown: the first four characters of a long value, none of a short one, and the length."""
        text = self._value.decode("utf-8", "replace")
        shown = text[:4] if len(text) >= 20 and text[:4].isprintable() and not text[:4].isspace() else ""
        return f"{shown}{'*' * 8} ({len(text)} characters)"

    def __repr__(self) -> str:
        return "Secret(********)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> tuple[type[Secret], tuple[bytes]]:
        return (Secret, (b"********",))


class Value:
    """A small object that is equal to another of the same content. Nothing changes one after it is made.

    Named tuples and dataclasses would say this in fewer lines, and take a third of a millisecond each on every commit.
    """

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(getattr(other, name) == getattr(self, name) for name in self.__slots__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self.__slots__))

    def as_dict(self) -> dict[str, object]:
        """Return the fields by their names."""
        return {name: getattr(self, name) for name in self.__slots__}

    def but(self, **changes: object) -> Self:
        """Return another with some of the fields changed."""
        made = object.__new__(type(self))
        for name in self.__slots__:
            setattr(made, name, changes.get(name, getattr(self, name)))
        return made

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({shown})"


class Blob(Value):
    """Bytes to scan, and where they come from.

    `path` is the path in the repository, or on disk, as raw bytes; `oid` the object's id in hexadecimal, when it is
    one; `part` what of it the bytes are: `content`, `path` (a file's name), `commit` or `tag` (a whole object of that
    type), or `ref` (the name of a branch or tag).
    """

    __slots__ = ("data", "oid", "part", "path")

    def __init__(self, data: bytes, path: bytes = b"", oid: str = "", part: str = "content") -> None:
        self.data = data
        self.path = path
        self.oid = oid
        self.part = part

    def __repr__(self) -> str:
        return f"Blob({len(self.data)} bytes, path={self.path!r}, oid={self.oid!r}, part={self.part!r})"
