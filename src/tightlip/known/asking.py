"""What sources share: the library that must be there, what they read of answers, how many, and that none is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timezone
from typing import TypeVar

from tightlip.errors import UsageError
from tightlip.known.secret import Known

MOST = 100_000
"""More secrets than this under one prefix are a prefix that was forgotten, or a server that never ends."""

_Thing = TypeVar("_Thing")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d)?")


@contextmanager
def library(extra: str, source: str) -> Iterator[None]:
    """Import a client library within: where it is missing, `UsageError` says which extra brings it."""
    try:
        yield
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"{source}: the library {missing.name} is not installed; run: pip install 'tightlip[{extra}]'"
        ) from None


def some(found: Iterator[Known], error: UsageError) -> Iterator[Known]:
    """Yield what is found. Raises the error where that is nothing: a scan for nothing looks clean."""
    first = next(found, None)
    if first is None:
        raise error
    yield first
    yield from found


def paged(
    asking: Callable[[], AbstractContextManager[None]], listing: Callable[[], Iterable[_Thing]]
) -> Iterator[_Thing]:
    """Yield what a library lists: each step may ask for another page. Parameters: `asking`, what tells its errors."""
    with asking():
        pages = iter(listing())
    while True:
        with asking():
            each = next(pages, None)
        if each is None:
            return
        yield each


def hush(logger: str) -> None:
    """Keep a library from logging what servers answer, which some do at DEBUG, and from warning on standard error."""
    import logging

    log = logging.getLogger(logger)
    log.addHandler(logging.NullHandler())
    if log.getEffectiveLevel() < logging.INFO:
        log.setLevel(logging.INFO)


class Counted:
    """Counts what a server lists, and stops at `MOST` with a clear line: call it once for each thing."""

    def __init__(self, source: str) -> None:
        self._source, self.seen = source, 0

    def __call__(self) -> None:
        """Count one more. Raises `UsageError`."""
        self.seen += 1
        if self.seen > MOST:
            raise UsageError(f"{self._source}: more than {MOST} secrets; give a longer prefix, one part at a time")


def moment(text: object) -> datetime | None:
    """Return the time that a server wrote (RFC 3339, any digits of a second), in UTC where it names no zone."""
    found = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    day, clock, fraction, zone = found.groups(default="")
    fraction = fraction.ljust(7, "0") if fraction else ""
    try:
        when = datetime.fromisoformat(f"{day}T{clock}{fraction}{'' if zone == 'Z' else zone}")
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=timezone.utc)


def mapping(value: object) -> dict[str, object]:
    """Return a JSON object, and an empty one for anything else that a server may have sent."""
    return value if isinstance(value, dict) else {}


def texts(value: object) -> list[str]:
    """Return the texts of a JSON list, and nothing for anything else that a server may have sent."""
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
