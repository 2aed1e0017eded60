"""GitLab's report: what its schema demands, ids that stay, and what must not be in it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from reports import BLOB, COMMIT, LATER, TOKEN, UNSCANNED, at, committed, finding, history, report, staged

from hostile import EVIL, everywhere, with_many_findings, with_many_places
from tightlip.report import FORMATS, Options, gitlab

if TYPE_CHECKING:
    from tightlip.finding import Occurrence, Report

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE / "schemas" / "gitlab-secret-detection-15.json").read_text("utf-8"))
EVERY = {
    "history": history(unscanned=UNSCANNED, notes=("a note",)),
    "staged": staged(),
    "clean": report("files"),
    "text": report("text", finding(TOKEN, at(""))),
    "long": report("files", finding(name="n" * 300, remediation=("s" * 8000,))),
    "a thousand places and more": with_many_places(1200),
    "a thousand things not scanned and more": report("files", unscanned=UNSCANNED * 600),
    "many findings": with_many_findings(300),
} | {f"hostile: {name}": everywhere(evil) for name, evil in EVIL.items()}


@pytest.fixture(autouse=True)
def a_clock_that_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gitlab, "now", lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))


def written(made: Report) -> str:
    out = io.StringIO()
    FORMATS["gitlab"](made, out, Options())
    return out.getvalue()


def read(made: Report) -> Any:  # noqa: ANN401 - JSON
    whole = json.loads(written(made))
    jsonschema.Draft7Validator(SCHEMA).validate(whole)
    return whole


def ids(made: Report) -> list[str]:
    return [it["id"] for it in read(made)["vulnerabilities"]]


def location(place: Occurrence) -> Any:  # noqa: ANN401 - JSON
    (it,) = read(history(finding(TOKEN, place)))["vulnerabilities"]
    return it["location"]


def test_a_report_looks_as_agreed() -> None:
    made = read(history(unscanned=UNSCANNED, notes=("a note",)))
    assert json.dumps(made, indent=2) + "\n" == (HERE / "golden" / "history-gitlab.json").read_text("utf-8")


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_report_fits_the_schema_and_is_ascii(made: Report) -> None:
    read(made)
    assert written(made).isascii()


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_vulnerability_has_an_id_of_its_own(made: Report) -> None:
    assert len(set(ids(made))) == len(ids(made))


def test_ids_stay_when_lines_move_and_names_change() -> None:
    before = staged(finding(TOKEN, at("a.py", 3), at("a.py", 9), at("b.py", 1)))
    after = staged(finding(TOKEN, at("a.py", 30), at("a.py", 33), at("b.py", 2), name="Another name", confidence=0.6))
    assert ids(before) == ids(after)
    assert ids(staged(finding(TOKEN, at("c.py")))) != ids(staged(finding(TOKEN, at("a.py"))))


def test_a_secret_is_shown_redacted_where_gitlab_shows_code() -> None:
    (it, _) = read(staged())["vulnerabilities"][:2]
    assert it["raw_source_code_extract"] == "ghp_******** (40 characters)"


def test_nobody_and_nothing_that_they_wrote_is_in_it() -> None:
    place = committed("a.py", author="Ada L.", email="ada@example.org", message_subject="a subject", refs=("a-branch",))
    shown = written(history(finding(TOKEN, place)))
    assert [text for text in ("Ada", "ada@", "subject", "a-branch") if text in shown] == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (at("a.py", 3), {"file": "a.py", "start_line": 3, "end_line": 3, "commit": {"sha": "0000000"}}),
        (
            committed("a.py", 3),
            {
                "file": "a.py",
                "start_line": 3,
                "end_line": 3,
                "commit": {"sha": COMMIT, "date": "2021-03-04T09:30:00+01:00"},
            },
        ),
        (at("a.py", part="path", commit=LATER), {"file": "a.py", "commit": {"sha": LATER}}),
        (at("", part="commit", commit=LATER), {"commit": {"sha": LATER}}),
        (at("main", part="ref"), {"commit": {"sha": "0000000"}}),
        (at("", blob=BLOB), {"commit": {"sha": "0000000"}}),
    ],
    ids=["a file", "a file of a commit", "a name", "a message", "a ref", "an object without a name"],
)
def test_a_place_has_a_file_only_where_there_is_one(place: Occurrence, expected: object) -> None:
    assert location(place) == expected


def test_a_scan_that_is_not_complete_has_failed_and_says_why() -> None:
    scan = read(report("files", unscanned=UNSCANNED, notes=("a note",)))["scan"]
    assert scan["status"] == "failure"
    assert scan["messages"] == [
        {"level": "warn", "value": "The scan is not complete: no secrets found, but 2 things were not scanned."},
        {"level": "warn", "value": "Not scanned: huge.bin: larger than 512 MB"},
        {"level": "warn", "value": "Not scanned: locked.txt: Permission denied"},
        {"level": "info", "value": "a note"},
    ]
    assert read(staged())["scan"]["status"] == "success"


def test_the_scan_ended_now_and_began_as_long_before_as_it_took() -> None:
    scan = read(report("files", seconds=65.2))["scan"]
    assert (scan["start_time"], scan["end_time"]) == ("2026-01-02T03:02:59", "2026-01-02T03:04:05")


def test_more_places_than_anybody_reads_are_left_out_and_that_is_told() -> None:
    whole = read(with_many_places(1200))
    assert len(whole["vulnerabilities"]) == 1000
    assert whole["scan"]["messages"][-1]["value"].startswith("200 more places of ")


def test_nothing_of_a_repository_is_markup_in_a_description() -> None:
    (it,) = read(staged(finding(TOKEN, at("[x](http://y.example) @root"))))["vulnerabilities"]
    assert "`[x](http://y.example) @root:3:14`" in it["description"]


def test_what_the_baseline_knows_is_not_in_it() -> None:
    made = replace(staged(finding()), known=(finding(TOKEN, at("old.env")),), baselined=1)
    assert len(ids(made)) == 1
