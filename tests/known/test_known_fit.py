from __future__ import annotations

import pytest
from knownvalues import value

from tightlip.known.fit import MOST, fitting, unfit
from tightlip.known.secret import Known
from tightlip.known.unread import Unread

SKIPPED = {
    "": "empty",
    "   \t    ": "empty",
    "hunter2": "fewer than 8 bytes",
    "aaaaaaaab": "different characters",
    "changeme": "common",
    "ChangeMe123": "common",
    "your-api-key-here": "common",
    "password1234": "common",
    "abcdefgh12345678": "common",
    "2024-01-31 17:45": "number",
    "192.168.17.45": "number",
    "correcthorsebattery": "plain word",
    "eu-central-1": "plain word",
    "development": "common",
    "https://example.org/a/path?and=more": "address without a password",
    "redis://cache.internal:6379/0": "address without a password",
    "ops@example.org": "mail address",
    "/var/lib/myapp/data.db": "path or a name",
    "db7.internal.example.org": "path or a name",
    value(3, MOST + 1): "more than",
}
SOUGHT = (
    "s3cr3tP@ss",
    "kX9#mQ2$vL",
    value(4, 12),
    "postgres://user:hunter22@db/app",
    "https://hooks.example.com/services/T0" + value(5, 24),
    "tr0ub4dor&3",
    "open sesame 99 Times",
    "an<example>of#9x",
)


@pytest.mark.parametrize("text", SKIPPED, ids=lambda text: text[:24] or "nothing")
def test_a_value_that_stands_anywhere_is_left_out_and_it_is_said_why(text: str) -> None:
    assert SKIPPED[text] in unfit(text.encode())


@pytest.mark.parametrize("number", range(len(SOUGHT)))
def test_a_value_that_stands_nowhere_by_chance_is_searched_for(number: int) -> None:
    assert not unfit(SOUGHT[number].encode())


def test_what_was_not_to_be_had_is_neither_searched_for_nor_forgotten() -> None:
    found = fitting([Known("A", value(6).encode()), Known("B", b"short"), Unread("C", "destroyed", version="2")])
    assert [one.name for one in found.known] == ["A"]
    assert [(one.known.name, "8 bytes" in one.why) for one in found.skipped] == [("B", True)]
    assert [one.name for one in found.unread] == ["C"]


def test_what_stands_around_a_value_is_taken_off() -> None:
    found = fitting([Known("A", f" {value(6)}\n".encode()), Known("B", f"{value(6)}\r\n".encode())])
    assert [one.value.decode() for one in found.known] == [value(6)] * 2
