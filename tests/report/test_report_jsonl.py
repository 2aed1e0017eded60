"""The report in JSON Lines: its schema, and how somebody notices that the end is missing."""

from __future__ import annotations

import io
import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from reports import UNSCANNED, history, report, staged

from tightlip.report import FORMATS, Options

if TYPE_CHECKING:
    from tightlip.finding import Report

GOLDEN = Path(__file__).parent / "golden" / "history.jsonl"
SCHEMA = json.loads((files("tightlip") / "report.schema.json").read_text("utf-8"))
LINE = jsonschema.Draft202012Validator(SCHEMA).evolve(schema={"$ref": "urn:tightlip:report:1#/$defs/line"})


def written(name: str, made: Report) -> str:
    out = io.StringIO()
    FORMATS[name](made, out, Options())
    return out.getvalue()


def lines(made: Report) -> list[Any]:
    return [json.loads(line) for line in written("jsonl", made).splitlines()]


def test_a_report_looks_as_agreed() -> None:
    assert written("jsonl", history(unscanned=UNSCANNED, notes=("a note",))) == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize(
    "made", [history(unscanned=UNSCANNED), staged(allowed=2), report("files")], ids=["history", "staged", "clean"]
)
def test_every_line_fits_the_schema_and_only_as_the_line_that_it_is(made: Report) -> None:
    for line in lines(made):
        LINE.validate(line)
    kinds = [next(kind for kind in ("scan", "finding", "end") if kind in line) for line in lines(made)]
    assert kinds == ["scan", *["finding"] * len(made.findings), "end"]


@pytest.mark.parametrize("line", [{}, {"end": {}}, {"finding": {}}, {"scan": {"kind": "files", "target": "."}}])
def test_the_schema_refuses_what_is_no_line(line: object) -> None:
    assert not LINE.is_valid(line)


def test_it_has_what_the_json_report_has() -> None:
    made = history(unscanned=UNSCANNED, notes=("a note",))
    whole, (scan, *found, end) = json.loads(written("json", made)), lines(made)
    assert [line["finding"] for line in found] == whole["findings"]
    assert scan["scan"] | {name: value for name, value in end["end"].items() if name != "findings"} == whole["scan"]
    assert (scan["schema_version"], scan["tool"]) == (whole["schema_version"], whole["tool"])


def test_a_stream_that_was_cut_has_no_end() -> None:
    assert lines(history())[-1]["end"]["findings"] == 3
    assert not [line for line in lines(history())[:-1] if "end" in line]
