"""Redaction holds: in every format, whatever field the value turns up in."""

from __future__ import annotations

import io
import json
from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reports import TOKEN, at, committed, finding, history, password, staged

from tightlip.finding import Unscanned
from tightlip.report import FORMATS, Options
from tightlip.report.redact import redactor

if TYPE_CHECKING:
    from tightlip.finding import Report

OPTIONS = [Options(detail=detail, width=width) for detail in (-1, 0, 1) for width in (40, 80)]


def everywhere(value: str, around: str) -> Report:
    made = finding(
        value,
        committed(around, author=around, email=around, message_subject=around, refs=(around,)),
        at(around, part="path"),
        reasons=(around,),
    )
    return history(made, unscanned=(Unscanned(around, around),))


def shown(made: Report) -> str:
    out = io.StringIO()
    for options in OPTIONS:
        FORMATS["text"](made, out, options)
    FORMATS["json"](made, plain := io.StringIO(), Options())
    return out.getvalue() + plain.getvalue() + repr(json.loads(plain.getvalue()))


@given(value=st.text("QXZJ0189~^\"\\'é\u202e", min_size=6, max_size=19), before=st.text("ab/ "), after=st.text("ab/ "))
def test_a_value_is_nowhere_in_a_report(value: str, before: str, after: str) -> None:
    assume(value not in shown(everywhere(value, "")))
    assert value not in shown(everywhere(value, before + value + after))


@pytest.mark.parametrize("show_secrets", [False, True])
def test_masking_stops_only_where_the_values_may_be_shown(show_secrets: bool) -> None:  # noqa: FBT001
    hide = redactor(staged(), Options(show_secrets=show_secrets))
    assert hide.name(f"a/{TOKEN}") == (f"a/{TOKEN}" if show_secrets else "a/********")


def test_a_plain_word_is_masked_in_prose_and_left_in_paths() -> None:
    hide = redactor(staged(finding("postgres")), Options())
    assert hide.name("postgres is not readable") == "postgres is not readable"
    assert hide.name("docker/postgres/init.sql") == "docker/postgres/init.sql"
    assert hide.prose("the password is postgres") == "the password is ********"


def test_a_plain_word_is_masked_in_paths_where_the_path_is_the_finding() -> None:
    hide = redactor(staged(finding("postgres", at("keys/postgres", part="path"))), Options())
    assert hide.name("keys/postgres") == "keys/********"


def test_one_line_of_a_value_of_many_is_masked_too() -> None:
    line = "MIIEvQIBADAN" + "Bgkqhki"
    hide = redactor(staged(finding(f"-----BEGIN\n{line}\nshort\n")), Options())
    assert hide.prose(f"add {line}, short") == "add ********, short"


def test_a_value_that_holds_another_is_masked_whole() -> None:
    hide = redactor(staged(finding("pass-1234"), password(), finding("long-pass-1234-word")), Options())
    assert hide.name("x/long-pass-1234-word/y") == "x/********/y"
    assert hide.name("x/pass-1234/y") == "x/********/y"


def test_many_values_that_begin_as_their_paths_do_take_no_time() -> None:
    made = [finding(f"pass{n:06}Xq!z", at(f"passwords/{n}.env"), told_as=f"{n:020x}") for n in range(20_000)]
    hide, start = redactor(history(*made), Options()), perf_counter()
    assert {hide.name(f"passwords/{n}.env") for n in range(20_000)} == {f"passwords/{n}.env" for n in range(20_000)}
    assert hide.name("passwords/pass019999Xq!z") == "passwords/********"
    assert perf_counter() - start < 5


def test_a_value_that_is_not_utf8_is_masked() -> None:
    hide = redactor(staged(finding("caf\udce9-1234")), Options())
    assert hide.name("x/caf\udce9-1234") == "x/********"
