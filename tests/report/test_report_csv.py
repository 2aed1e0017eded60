"""The table: what a reader of CSV gets back, and what a spreadsheet must not run."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import TOKEN, UNSCANNED, at, committed, finding, history, report, staged

from hostile import EVIL, everywhere
from tightlip.finding import TakenOut
from tightlip.report import FORMATS, Options
from tightlip.report.csv import COLUMNS, cell

if TYPE_CHECKING:
    from tightlip.finding import Report

GOLDEN = Path(__file__).parent / "golden" / "history.csv"
FORMULA = tuple("=+-@\t\r\n")


def written(made: Report) -> str:
    out = io.StringIO(newline="")
    FORMATS["csv"](made, out, Options())
    return out.getvalue()


def rows(made: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(made), newline=""), strict=True))


def test_a_report_looks_as_agreed() -> None:
    assert written(history(unscanned=UNSCANNED, notes=("a note",))).encode() == GOLDEN.read_bytes()


def test_every_line_ends_as_rfc_4180_says_and_has_every_column() -> None:
    shown = written(history(unscanned=UNSCANNED))
    assert shown.replace("\r\n", "").isprintable()
    assert {len(row) for row in csv.reader(io.StringIO(shown, newline=""))} == {len(COLUMNS)}


def test_a_clean_report_is_its_head() -> None:
    assert written(report("files")).count("\r\n") == 1


def test_each_place_is_a_row() -> None:
    made = staged(finding(TOKEN, at("b.py", 2), at("a.py", 9)))
    assert [(row["record"], row["path"], row["line"]) for row in rows(made)] == [
        ("finding", "a.py", "9"),
        ("finding", "b.py", "2"),
    ]


def test_what_was_not_scanned_and_what_is_to_be_heard_are_rows_too() -> None:
    made = report("files", unscanned=UNSCANNED, notes=("a note",))
    assert [(row["record"], row["path"], row["reasons"]) for row in rows(made)] == [
        ("unscanned", "huge.bin", "larger than 512 MB"),
        ("unscanned", "locked.txt", "Permission denied"),
        ("note", "", "a note"),
    ]


def test_a_row_of_a_history_tells_when_it_was_taken_out() -> None:
    made = history(finding(TOKEN, committed("a"), in_head=False, taken_out=TakenOut("ab" * 20, "2024-01-02")))
    (row,) = rows(made)
    assert [row["in_head"], row["taken_out_commit"], row["taken_out_date"]] == ["no", "ab" * 20, "2024-01-02"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\t=1", "\\t=1"),
        ("\r=1", "\\r=1"),
        ("＝1", "'＝1"),  # noqa: RUF001 - as a spreadsheet reads it
        ("'x", "''x"),
        ("x'=", "x'="),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_no_cell_begins_a_formula(text: str, shown: str) -> None:
    assert cell(text) == shown


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@' \t")))
def test_a_text_can_be_had_back_by_taking_one_apostrophe_off(text: str) -> None:
    shown = cell(text)
    assert not shown.startswith(FORMULA)
    if text.isprintable():
        assert (shown.removeprefix("'")) == text


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_no_cell_of_a_hostile_report_is_a_formula(evil: str, between: str) -> None:
    # Whatever a spreadsheet cuts lines at, the text is in quotes.
    for row in csv.reader(io.StringIO(written(everywhere(evil)), newline=""), delimiter=between):
        assert [text for text in row if text.startswith(FORMULA)] == []
