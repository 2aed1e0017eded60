"""Which service a credential is of, when its form does not say: by the names that stand before it.

`FRONT_API_KEY=...`, a line below `[front]`, a header in a request to `api2.frontapp.com`: the value is letters and
digits, and only the name near by tells whose. A rule with `service` and `token` says which names and which form.
"""

from __future__ import annotations

from tightlip.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tightlip.engine.compiled import Rules
    from tightlip.rule import Rule

BEFORE = 200
"""The most bytes before a value in which a service's name is looked for."""
_LINES = 3
"""A name counts that stands on the value's own line or on one of the two lines before it."""
_WORD = pattern(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_MAY_BE_TOKEN = pattern(rb"(?=[^0-9]*[0-9]|.{16})[\x21-\x7e]{8,}")
"""What is shorter, or a short word without a digit, is no token: most values are told apart so, at no cost."""


class Services:
    """Rules that go by the name of a service, by those names."""

    def __init__(self, names: Mapping[str, Sequence[int]], rules: Rules) -> None:
        """Parameters: `names`, for each the indexes of its rules in `rules`."""
        self._names = {name.encode("ascii"): indexes for name, indexes in names.items()}
        self._rules = rules
        self._lengths = sorted({len(name) for name in self._names}, reverse=True)

    def of(self, text: bytes, start: int, value: bytes) -> Rule | None:
        """Return the rule whose service is named nearest before the value at `start`, and whose form the value has."""
        if not self._names or not _MAY_BE_TOKEN.fullmatch(value):
            return None
        words = _WORD.findall(_before(text, start))
        lowered = [word.lower() for word in words]
        for at in range(len(lowered) - 1, -1, -1):
            following = b"".join(lowered[at : at + 12])
            for length in self._lengths:
                for index in self._names.get(following[:length], ()) if length <= len(following) else ():
                    if pattern(self._rules[index].token.encode("ascii")).fullmatch(value):
                        return self._rules[index]
        return None


def _before(text: bytes, start: int) -> bytes:
    before = text[max(0, start - BEFORE) : start]
    return b"\n".join(before.rsplit(b"\n", _LINES)[-_LINES:])
