"""The JSON report: a golden file, its schema, and what must hold for whoever reads it."""

from __future__ import annotations

import io
import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import TOKEN, UNSCANNED, at, committed, finding, history, password, report, staged

from tightlip.finding import Unscanned
from tightlip.report import FORMATS, Options
from tightlip.report.document import document, quoted
from tightlip.report.json import as_json

if TYPE_CHECKING:
    from tightlip.finding import Report

GOLDEN = Path(__file__).parent / "golden" / "history.json"
SCHEMA = json.loads((files("tightlip") / "report.schema.json").read_text("utf-8"))


def written(made: Report, options: Options = Options()) -> str:  # noqa: B008 - immutable
    out = io.StringIO()
    FORMATS["json"](made, out, options)
    return out.getvalue()


def test_a_report_looks_as_agreed() -> None:
    assert written(history(unscanned=UNSCANNED)) == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("made", [history(unscanned=UNSCANNED), staged(allowed=2), report("files"), report("text")])
@pytest.mark.parametrize("show_secrets", [False, True])
def test_every_report_fits_the_schema(made: Report, show_secrets: bool) -> None:  # noqa: FBT001
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(written(made, Options(show_secrets=show_secrets))))


def test_the_schema_is_one_and_names_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    made: Any = as_json(document(history(unscanned=UNSCANNED), Options()))
    parts = {
        "finding": made["findings"][0],
        "occurrence": made["findings"][0]["occurrences"][0],
    }
    described = {name: SCHEMA["$defs"][name] for name in parts} | {"scan": SCHEMA["properties"]["scan"]}
    for name, value in (parts | {"scan": made["scan"]}).items():
        assert list(value) == list(described[name]["properties"]) == described[name]["required"]


def test_the_order_does_not_depend_on_how_the_findings_came() -> None:
    first, second = finding(), password()
    assert written(staged(first, second)) == written(staged(second, first))
    places = (at("b.py"), at("a.py", 9), at("a.py", 2))
    assert written(staged(finding(TOKEN, *places))) == written(staged(finding(TOKEN, *places[::-1])))


def test_in_a_history_the_first_occurrence_stays_the_one_that_introduced_it() -> None:
    made: Any = as_json(document(history(finding(TOKEN, committed("z.py"), committed("a.py"))), Options()))
    assert [it["path"] for it in made["findings"][0]["occurrences"]] == ["z.py", "a.py"]


def test_the_value_is_there_only_when_asked_for() -> None:
    assert TOKEN not in written(staged())
    assert json.loads(written(staged(), Options(show_secrets=True)))["findings"][0]["secret"] == TOKEN


def test_it_is_ascii_whatever_it_holds() -> None:
    evil = "\x1b[2Jключ\u202e\udcff"
    made = history(
        finding(TOKEN, committed(evil, author=evil, message_subject=evil)), unscanned=(Unscanned(evil, evil),)
    )
    assert written(made).isascii()
    assert "\x1b" not in written(made)
    json.loads(written(made)).__repr__().encode()  # no lone surrogate left


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a b/ключ\n.py", "a b/ключ\n.py"),
        ("C:\\x.txt", "C:\\x.txt"),
        ("caf\udce9.txt", '"caf\\351.txt"'),
        ('"quoted"', '"\\"quoted\\""'),
        ("\udcff\\\n", '"\\377\\\\\\012"'),
    ],
)
def test_a_path_that_is_not_utf8_is_quoted_as_git_does(path: str, shown: str) -> None:
    assert quoted(path) == shown


@given(st.binary().map(os.fsdecode) | st.text(st.characters(exclude_categories=["Cs"])))
def test_a_path_can_be_had_back_from_its_quoted_form(path: str) -> None:
    shown = quoted(path)
    shown.encode()
    assert unquoted(shown) == path.encode("utf-8", "surrogateescape")


def unquoted(shown: str) -> bytes:
    """What the schema promises a reader."""
    if not shown.startswith('"'):
        return shown.encode()
    parts = re.findall(r'\\([0-7]{3})|\\(["\\])|([^\\])', shown[1:-1], re.DOTALL)
    return b"".join(bytes([int(octal, 8)]) if octal else (escaped or plain).encode() for octal, escaped, plain in parts)
