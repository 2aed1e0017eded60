from __future__ import annotations

import pickle

import pytest
from knownvalues import value

from tightlip.errors import UsageError
from tightlip.known.secret import Known, from_text, leaves
from tightlip.known.sources import kinds, where_of


def test_no_text_of_a_known_secret_shows_its_value() -> None:
    known = Known("KEY", value(1).encode(), source="dotenv:.env")
    assert value(1) not in f"{known!r} {known} {[known]}"


def test_a_known_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="not for writing down") as caught:
        pickle.dumps(Known("KEY", value(1).encode()))
    assert value(1) not in str(caught.value)


def test_leaves_of_json_are_secrets_of_their_own() -> None:
    found = leaves("db", {"user": "app", "users": [{"password": value(2)}], "port": 5432, "on": True, "no": None})
    assert [(one.name, one.value) for one in found] == [
        ("db#user", b"app"),
        ("db#users.0.password", value(2).encode()),
        ("db#port", b"5432"),
    ]


@pytest.mark.parametrize("text", [b"{no json", b"plain", b"[" * 5000], ids=["broken", "plain", "deep"])
def test_what_is_no_json_is_one_secret(text: bytes) -> None:
    assert [one.value for one in from_text("it", text)] == [text]


def test_leaves_that_are_too_deep_are_told_of() -> None:
    with pytest.raises(UsageError, match="more than 64 levels deep"):
        list(from_text("it", b"[" * 80 + b'"a"' + b"]" * 80))


def test_a_value_in_the_place_of_a_source_is_not_told() -> None:
    for text in (value(3), value(3) + ":" + value(4), "abc:"):
        with pytest.raises(UsageError) as caught:
            where_of(text)
        assert value(3) not in str(caught.value)
        assert value(4) not in str(caught.value)


def test_a_kind_that_is_mistyped_is_told_what_is_meant() -> None:
    with pytest.raises(UsageError, match="did you mean dotenv"):
        where_of("dotnev:.env")


def test_each_kind_says_what_it_is() -> None:
    assert {"dotenv", "sops", "age", "keyring", "kubernetes", "command", "lines"} <= set(kinds())
    assert all(kinds().values())
