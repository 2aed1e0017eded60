"""A JSON report, read again."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from reports import OTHER_TOKEN, TOKEN, UNSCANNED, at, committed, finding, history, password, report, staged

from tightlip.errors import UsageError
from tightlip.finding import TakenOut
from tightlip.model import Secret
from tightlip.report import FORMATS, Options
from tightlip.report.saved import read

if TYPE_CHECKING:
    from tightlip.finding import Report

SHOWN = Options(show_secrets=True)


def written(made: Report, name: str = "json", options: Options = Options()) -> str:  # noqa: B008 - immutable
    out = io.StringIO()
    FORMATS[name](made, out, options)
    return out.getvalue()


def again(made: Report, options: Options = Options()) -> Report:  # noqa: B008 - immutable
    return read(written(made, options=options).encode(), "report.json")


EVERY = [
    pytest.param(history(unscanned=UNSCANNED, notes=("one note",)), id="history"),
    pytest.param(history(finding(TOKEN, committed("a"), taken_out=TakenOut("ab" * 20, "2024-01-02"))), id="taken out"),
    pytest.param(staged(allowed=2, baselined=3), id="staged"),
    pytest.param(report("files", finding(TOKEN, at("caf\udce9.txt"), at('"odd".txt'))), id="odd names"),
    pytest.param(report("text"), id="text"),
    pytest.param(report("files", finding(), finding(rule="other-rule", name="Other")), id="one value, two rules"),
]


@pytest.mark.parametrize("made", EVERY)
@pytest.mark.parametrize("name", ["json", "text"])
def test_a_report_that_was_saved_is_written_as_the_first_time(made: Report, name: str) -> None:
    assert written(again(made), name) == written(made, name)


@pytest.mark.parametrize("made", EVERY)
def test_with_the_values_it_is_the_same_report(made: Report) -> None:
    back = again(made, SHOWN)
    assert [it.secret for it in back.findings] == [
        it.secret
        for it in sorted(made.findings, key=lambda it: [f.fingerprint for f in back.findings].index(it.fingerprint))
    ]
    assert written(back, options=SHOWN) == written(made, options=SHOWN)


def test_without_the_values_nobody_gets_one() -> None:
    (made,) = again(report("files", finding())).findings
    with pytest.raises(UsageError, match="without the values"):
        made.secret.reveal()
    assert made.secret.redacted() == finding().secret.redacted()
    assert TOKEN not in repr(made)


def test_a_value_that_was_shown_is_hidden_again_wherever_it_stands() -> None:
    made = again(history(finding(TOKEN, committed(f"dir/{TOKEN}", message_subject=TOKEN))), SHOWN)
    assert TOKEN not in written(made) + written(made, "text")


def test_what_a_value_was_decoded_from_is_hidden_again_too() -> None:
    coded = base64.b64encode(TOKEN.encode()).decode()
    found = finding(TOKEN, committed("a", message_subject=coded), encoded=(Secret(coded.encode()),))
    assert coded not in written(again(history(found), SHOWN))
    assert coded not in written(history(found))


WRONG: dict[str, Any] = {
    "another program": {"tool": {"name": "other"}},
    "version": {"schema_version": "99"},
    "findings": {"findings": {}},
    "severity": {"findings": [{"severity": "blocker"}]},
}
NO_NUMBERS = (float("nan"), float("inf"), -1, 1e300, 10**400)
WRONG_IN_A_FINDING: list[tuple[str, object]] = [
    *(("confidence", number) for number in NO_NUMBERS),
    ("occurrences", []),
    ("fingerprint", ""),
    ("rule", ""),
    ("rule", "\x1b[2J"),
]


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_report_is_told_in_a_line_that_names_the_file(what: str) -> None:
    made = json.loads(written(staged())) | WRONG[what]
    with pytest.raises(UsageError, match=r"\Areport\.json: .*") as told:
        read(json.dumps(made).encode(), "report.json")
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("name", "wrong"), WRONG_IN_A_FINDING, ids=str)
def test_what_no_finding_has_is_told(name: str, wrong: object) -> None:
    made = json.loads(written(staged()))
    made["findings"][0][name] = wrong
    with pytest.raises(UsageError, match=name):
        read(json.dumps(made).encode(), "report.json")


@pytest.mark.parametrize("wrong", NO_NUMBERS, ids=str)
def test_a_time_that_no_scan_takes_is_told(wrong: float) -> None:
    made = json.loads(written(staged()))
    made["scan"]["seconds"] = wrong
    with pytest.raises(UsageError, match="seconds"):
        read(json.dumps(made).encode(), "report.json")


@pytest.mark.parametrize("name", ["line", "column", "end_line", "end_column"])
def test_places_count_from_one(name: str) -> None:
    made = json.loads(written(staged()))
    made["findings"][0]["occurrences"][0][name] = 0
    with pytest.raises(UsageError, match=f"`{name}`"):
        read(json.dumps(made).encode(), "report.json")


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "template"])
@pytest.mark.parametrize("field", ["commit", "blob", "date", "author"])
def test_ids_and_dates_that_are_none_are_shown_and_not_obeyed(name: str, field: str) -> None:
    made = json.loads(written(history()))
    for it in made["findings"]:
        it["occurrences"][0][field] = "\x1b[2J\ud83d"
        it["taken_out"] = {"commit": "\x1b[2J", "date": "\x1b[2J"}
        it["same_value_as"] = "\ud83d"
    shown = written(read(json.dumps(made).encode(), "report.json"), name).replace("\r\n", "\n")
    assert not [character for character in shown if not character.isprintable() and character != "\n"]


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"\xff\xfe", b"{", b"[]", b"null", b"9" * 10_000])
def test_what_is_no_json_is_told_too(content: bytes) -> None:
    with pytest.raises(UsageError, match=r"report\.json"):
        read(content, "report.json")


def test_a_field_of_a_wrong_kind_is_named_and_never_repeated() -> None:
    made = json.loads(written(report("files", finding())))
    for name, value in made["findings"][0].items():
        if name in ("in_head", "same_value_as", "taken_out"):
            continue
        changed = made | {
            "findings": [made["findings"][0] | {name: {OTHER_TOKEN: 1} if isinstance(value, str) else OTHER_TOKEN}]
        }
        with pytest.raises(UsageError, match=f"`{name}`") as told:
            read(json.dumps(changed).encode(), "report.json")
        assert OTHER_TOKEN not in str(told.value)


def test_two_findings_of_one_value_stay_that_without_it() -> None:
    both = replace(report("files"), findings=(finding(), finding(rule="other-rule"), password()))
    first, second, other = again(both).findings
    assert len({first.secret, second.secret, other.secret}) == 2
