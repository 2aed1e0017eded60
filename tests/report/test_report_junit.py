"""JUnit XML: what Jenkins' schema (junit-10.xsd) allows, and tests that pass, fail, or could not be done."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from reports import TOKEN, UNSCANNED, at, finding, history, report, staged

from hostile import EVIL, everywhere, with_many_findings, with_many_places
from tightlip.report import FORMATS, Options
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.finding import Report

GOLDEN = Path(__file__).parent / "golden" / "history-junit.xml"
COUNTS = {"name", "tests", "failures", "errors", "time"}
MAY_HOLD = {
    "testsuites": (COUNTS, {"testsuite"}),
    "testsuite": (COUNTS, {"testcase", "system-out"}),
    "testcase": ({"name", "classname"}, {"failure", "error"}),
    "failure": ({"type", "message"}, set()),
    "error": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}
"""Of what the schema allows, what is used: each element with its attributes, all of them written, and its children."""
EVERY = {
    "history": history(unscanned=UNSCANNED, notes=("a note",)),
    "staged": staged(),
    "clean": report("files"),
    "text": report("text", finding(TOKEN, at(""))),
    "a thousand places and more": with_many_places(1200),
    "a thousand things not scanned and more": report("files", unscanned=UNSCANNED * 600),
    "many findings": with_many_findings(300),
} | {f"hostile: {name}": everywhere(evil) for name, evil in EVIL.items()}


def written(made: Report) -> str:
    out = io.StringIO()
    FORMATS["junit"](made, out, Options())
    return out.getvalue()


def read(made: Report) -> ET.Element:
    return ET.fromstring(written(made).encode("ascii"))  # noqa: S314 - it was written here


def outcome(made: Report, name: str) -> list[str]:
    (case,) = [case for case in read(made).iter("testcase") if case.get("name") == name]
    return [child.tag for child in case]


def test_a_report_looks_as_agreed() -> None:
    assert written(history(unscanned=UNSCANNED, notes=("a note",))) == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_report_is_built_as_the_schema_says(made: Report) -> None:
    whole = read(made)
    assert whole.tag == "testsuites"
    for element in whole.iter():
        attributes, children = MAY_HOLD[element.tag]
        assert set(element.attrib) == attributes
        assert {child.tag for child in element} <= children


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_the_counts_are_right(made: Report) -> None:
    whole = read(made)
    for element in (whole, *whole):
        assert [int(element.get(name, "")) for name in ("tests", "failures", "errors")] == [
            len(list(element.iter(tag))) for tag in ("testcase", "failure", "error")
        ]


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_test_has_a_name_of_its_own(made: Report) -> None:
    names = [(case.get("classname"), case.get("name")) for case in read(made).iter("testcase")]
    assert len(set(names)) == len(names)


def test_nothing_found_is_two_tests_that_passed() -> None:
    made = report("files")
    assert outcome(made, "there are no secrets") == []
    assert outcome(made, "everything was scanned") == []


def test_a_finding_is_a_test_that_failed_and_keeps_its_name_when_its_lines_move() -> None:
    before, after = staged(finding(TOKEN, at("a.py", 3))), staged(finding(TOKEN, at("b.py", 30)))
    name = f"GitHub personal access token (classic) ({finding().fingerprint})"
    assert outcome(before, name) == outcome(after, name) == ["failure"]
    assert "a.py:3:14" in "".join(read(before).itertext())


def test_a_scan_that_is_not_complete_is_an_error_and_not_a_pass() -> None:
    made = report("files", unscanned=UNSCANNED)
    assert outcome(made, "everything was scanned") == ["error"]
    (error,) = read(made).iter("error")
    assert error.get("message") == "no secrets found, but 2 things were not scanned"
    assert error.text == "huge.bin: larger than 512 MB\nlocked.txt: Permission denied"


def test_places_beyond_a_thousand_are_counted() -> None:
    (failure,) = read(with_many_places(1200)).iter("failure")
    assert "\nand 200 more places\n" in (failure.text or "")


def test_markup_is_had_back_as_text() -> None:
    evil = EVIL["markup"]
    (failure, *_) = read(everywhere(evil)).iter("failure")
    assert f"{evil}:3:14" in (failure.text or "")


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_a_name_and_a_value_are_had_back_from_attributes(evil: str) -> None:
    made = staged(finding(f"<\"&'{'x' * 30}", name=evil))
    (failure,) = read(made).iter("failure")
    assert failure.get("message") == f"critical: {visible(evil)}: <\"&'******** (34 characters)"
