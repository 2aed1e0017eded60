"""The SARIF report: the official schema, what GitHub makes of it, and what must not be in it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from reports import (
    BLOB,
    COMMIT,
    LATER,
    OTHER_TOKEN,
    PASSWORD,
    TOKEN,
    UNSCANNED,
    at,
    committed,
    finding,
    history,
    password,
    report,
    staged,
)

from hostile import EVIL, everywhere, masked, with_many_findings, with_many_places
from tightlip.finding import TakenOut
from tightlip.report import FORMATS, Options, sarif

if TYPE_CHECKING:
    from tightlip.finding import Occurrence, Report

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE / "schemas" / "sarif-2.1.0-rtm.5.json").read_text("utf-8"))
KNOWN = replace(staged(finding()), known=(password(), finding(OTHER_TOKEN, at("old.env"))), baselined=2)
GONE = TakenOut(LATER, "2024-01-02T03:04:05+01:00")


def written(made: Report, options: Options = Options()) -> str:  # noqa: B008 - immutable
    out = io.StringIO()
    FORMATS["sarif"](made, out, options)
    return out.getvalue()


def log(made: Report) -> Any:  # noqa: ANN401 - JSON
    """The log, once the official schema has been kept to."""
    read = json.loads(written(made))
    jsonschema.Draft4Validator(SCHEMA).validate(read)
    return read


def run(made: Report) -> Any:  # noqa: ANN401 - JSON
    (only,) = log(made)["runs"]
    return only


def places(made: Report) -> list[Any]:
    return [it["physicalLocation"] for it in run(made)["results"][0]["locations"]]


def uri(place: Occurrence) -> str:
    return str(places(report("files", finding(TOKEN, place)))[0]["artifactLocation"]["uri"])


def texts(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in texts(value)]
    return [node] if isinstance(node, str) else []


def test_a_report_looks_as_agreed() -> None:
    made = replace(history(unscanned=UNSCANNED, notes=("a note",)), known=(finding(PASSWORD, committed("old.env")),))
    assert json.dumps(log(made), indent=2) + "\n" == (HERE / "golden" / "history.sarif").read_text("utf-8")


EVERY = {
    "history": history(unscanned=UNSCANNED, notes=("a note",)),
    "history of what is gone": history(finding(TOKEN, committed("a"), in_head=False, taken_out=GONE)),
    "staged": staged(),
    "clean": report("files"),
    "text": report("text", finding(TOKEN, at(""))),
    "known": KNOWN,
    "a thousand places and more": with_many_places(1200),
    "a thousand things not scanned and more": report("files", unscanned=UNSCANNED * 600),
    "many findings": with_many_findings(300),
} | {f"hostile: {name}": everywhere(evil) for name, evil in EVIL.items()}


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_report_fits_the_official_schema_and_is_ascii(made: Report) -> None:
    log(made)
    assert written(made).isascii()


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_result_is_of_the_rule_that_its_number_names(made: Report) -> None:
    only = run(made)
    rules = only["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert all(rules[it["ruleIndex"]]["id"] == it["ruleId"] for it in only["results"])
    assert all(len(rule["properties"]["tags"]) <= 20 for rule in rules)
    known = {it["id"] for it in only["tool"]["driver"]["notifications"]}
    assert all(it["descriptor"]["id"] in known for it in only["invocations"][0]["toolExecutionNotifications"])


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_place_has_a_path_and_a_line_without_which_github_refuses_it_all(made: Report) -> None:
    for it in run(made)["results"]:
        for place in it["locations"]:
            assert place["physicalLocation"]["artifactLocation"]["uri"]
            assert place["physicalLocation"]["region"]["startLine"] >= 1


def test_nobody_and_nothing_that_they_wrote_is_in_it() -> None:
    place = committed("a.py", author="Ada L.", email="ada@example.org", message_subject="a subject", refs=("a-branch",))
    shown = written(history(finding(TOKEN, place, in_head=False, taken_out=GONE)))
    assert [text for text in ("Ada", "ada@", "subject", "a-branch") if text in shown] == []


def test_a_message_says_what_it_is_how_often_and_what_to_do_and_not_the_value() -> None:
    (result,) = run(staged(finding(TOKEN, at("a"), at("b"))))["results"]
    assert result["message"]["text"] == (
        "GitHub personal access token (classic), in 2 places. Revoke the token at https://github.com/settings/tokens."
    )
    assert "ghp_" not in json.dumps(result)


def test_nothing_in_a_message_is_a_link_or_is_filled_in() -> None:
    (result,) = run(staged(finding(name="a [link](1) {0} \\ name")))["results"]
    assert result["message"]["text"].startswith("a \\[link\\](1) {{0}} \\\\ name.")


@pytest.mark.parametrize(
    ("severity", "level", "security", "problem"),
    [
        ("critical", "error", "9.5", "error"),
        ("high", "error", "8.0", "error"),
        ("medium", "warning", "5.5", "warning"),
        ("low", "note", "2.0", "recommendation"),
    ],
)
def test_severity_is_said_in_each_way_that_somebody_reads(
    severity: str, level: str, security: str, problem: str
) -> None:
    only = run(staged(finding(severity=severity)))
    (rule,), (result,) = only["tool"]["driver"]["rules"], only["results"]
    assert result["level"] == rule["defaultConfiguration"]["level"] == level
    assert rule["properties"]["security-severity"] == security
    assert rule["properties"]["problem.severity"] == problem


def test_a_rule_tells_the_steps_and_how_sure_it_is() -> None:
    (rule,) = run(staged(finding(confidence=0.6), finding(OTHER_TOKEN, confidence=0.9)))["tool"]["driver"]["rules"]
    assert rule["properties"]["precision"] == "high"
    assert rule["help"]["text"].startswith("1. Revoke the token at https://github.com/settings/tokens. 2. Create")
    assert "\n1. Revoke the token at https://github.com/settings/tokens.\n2. Create" in rule["help"]["markdown"]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("src/a.py", "src/a.py"),
        ("a b/ключ.py", "a%20b/%D0%BA%D0%BB%D1%8E%D1%87.py"),
        ("caf\udce9\n.txt", "caf%E9%0A.txt"),
        ('"x"', "%22x%22"),
        ("a:b/c", "a%3Ab/c"),
        ("100%25?#[1].env", "100%2525%3F%23%5B1%5D.env"),
        ("a\\b", "a%5Cb"),
        ("/etc/a b", "file:///etc/a%20b"),
        ("C:\\x y\\z", "file:///C:/x%20y/z"),
    ],
)
def test_a_path_is_a_uri_byte_by_byte(path: str, shown: str) -> None:
    assert uri(at(path)) == shown


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (at("", 7, part="commit", commit=COMMIT, blob=COMMIT), f".git/commit/{COMMIT}"),
        (at("", 2, part="tag", blob=BLOB), f".git/tag/{BLOB}"),
        (at("feature/x y", part="ref"), ".git/ref/feature/x%20y"),
        (at("", blob=BLOB), f".git/object/{BLOB}"),
        (at(""), "%3Ctext%3E"),
    ],
)
def test_what_is_in_no_file_is_at_a_path_that_says_so(place: Occurrence, shown: str) -> None:
    assert uri(place) == shown
    (it,) = run(report("files", finding(TOKEN, place)))["results"][0]["locations"]
    assert it["logicalLocations"][0]["kind"] == place.part


def test_a_name_that_is_a_secret_is_at_its_file_and_masked() -> None:
    (place,) = places(staged(finding(TOKEN, at(f"keys/{TOKEN}.txt", part="path"))))
    assert place == {
        "artifactLocation": {"uri": "keys/%2A%2A%2A%2A%2A%2A%2A%2A.txt", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 1},
    }


def test_columns_count_characters_and_ends_are_exclusive() -> None:
    made = staged(finding(TOKEN, at("a", 3, 14)))
    assert run(made)["columnKind"] == "unicodeCodePoints"
    assert places(made)[0]["region"] == {"startLine": 3, "startColumn": 14, "endLine": 3, "endColumn": 54}


def test_what_head_has_is_shown_at_its_newest_place_and_what_it_has_not_where_it_was_introduced() -> None:
    every = (committed("first.py"), committed("moved.py", commit=LATER))
    assert uris(history(finding(TOKEN, *every, in_head=True))) == ["moved.py", "first.py"]
    assert uris(history(finding(TOKEN, *every, in_head=False))) == ["first.py", "moved.py"]


def uris(made: Report) -> list[str]:
    return [place["artifactLocation"]["uri"] for place in places(made)]


def test_a_history_tells_how_it_came_and_went() -> None:
    every = (committed("first.py"), committed("moved.py", commit=LATER, date=None))
    (flow,) = run(history(finding(TOKEN, *every, in_head=False, taken_out=GONE)))["results"][0]["codeFlows"]
    steps = [it["location"] for it in flow["threadFlows"][0]["locations"]]
    assert [it["message"]["text"] for it in steps] == [
        f"introduced by commit {COMMIT} on 2021-03-04T09:30:00+01:00",
        f"also here by commit {LATER} on an unknown day",
        f"taken out by commit {LATER} on 2024-01-02T03:04:05+01:00",
    ]
    paths = [it["physicalLocation"]["artifactLocation"]["uri"] for it in steps]
    assert paths == ["first.py", "moved.py", "moved.py"]
    assert "codeFlows" not in run(staged())["results"][0]


def test_a_finding_is_the_same_in_the_next_scan_and_its_line_is_not_hashed() -> None:
    made = finding()
    prints = run(staged(made))["results"][0]["partialFingerprints"]
    assert prints == {"secretFingerprint/v1": made.fingerprint}


def test_what_the_baseline_knows_is_suppressed() -> None:
    results = run(KNOWN)["results"]
    assert [it.get("suppressions") for it in results] == [None, *([[{"kind": "external", "status": "accepted"}]] * 2)]


def test_a_secret_that_is_known_in_one_place_is_suppressed_there_only() -> None:
    new, old = at("new.py"), at("old.py")
    made = replace(staged(finding(TOKEN, new)), known=(finding(TOKEN, old, new),), baselined=1)
    found, known = run(made)["results"]
    assert [it["physicalLocation"]["artifactLocation"]["uri"] for it in found["locations"]] == ["new.py"]
    assert [it["physicalLocation"]["artifactLocation"]["uri"] for it in known["locations"]] == ["old.py"]
    assert "suppressions" in known
    assert "suppressions" not in found


def test_a_scan_that_is_not_complete_has_failed_and_says_why() -> None:
    (made,) = run(report("files", unscanned=UNSCANNED))["invocations"]
    assert made["executionSuccessful"] is False
    assert [it["message"]["text"] for it in made["toolExecutionNotifications"]] == [
        "huge.bin was not scanned: larger than 512 MB",
        "locked.txt was not scanned: Permission denied",
    ]
    assert run(staged())["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_scans_of_different_kinds_do_not_replace_one_another() -> None:
    assert run(history())["automationDetails"] == {"id": "tightlip/history/"}
    assert run(staged())["automationDetails"] == {"id": "tightlip/staged/"}


def left_out(made: Report) -> list[str]:
    every = run(made)["invocations"][0]["toolExecutionNotifications"]
    return [it["message"]["text"] for it in every if it["descriptor"]["id"] == "left-out"]


def test_more_places_than_github_takes_are_left_out_and_that_is_told() -> None:
    made = with_many_places(1200)
    assert len(places(made)) == 1000
    assert left_out(made) == ["Of 1 result only 1,000 places are told, which is what GitHub takes."]
    assert FORMATS["sarif"](made, io.StringIO()) == left_out(made)[0]
    assert left_out(with_many_places(1000)) == []


def test_more_results_than_github_takes_are_left_out_the_least_urgent_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sarif.MOST_RESULTS, sarif.MOST_BYTES) == (25_000, 10_000_000)
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    made = report("files", masked(1, severity="low"), masked(2), masked(3, severity="high"))
    assert [it["level"] for it in run(made)["results"]] == ["error", "error"]
    assert left_out(made) == ["1 of 3 results is left out, the least urgent: GitHub takes 2 results, and 10 MB."]


def test_a_file_that_github_would_not_take_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = len(run(with_many_findings(2000))["results"])
    monkeypatch.setattr(sarif, "MOST_BYTES", 20_000)
    made = with_many_findings(2000)
    assert 100 < len(run(made)["results"]) < whole
    assert "of 2,000 results are left out" in left_out(made)[0]


def test_a_note_that_would_be_too_much_alone_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_BYTES", 10)
    assert run(staged())["results"] == []


def test_what_is_shown_of_what_is_not_scanned_is_bounded() -> None:
    every = run(report("files", unscanned=UNSCANNED * 600))["invocations"][0]["toolExecutionNotifications"]
    assert len(every) == 1001
    assert every[-1]["message"]["text"] == "200 more were not scanned."


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_every_text_is_of_printable_characters(evil: str) -> None:
    # The only line ends are those between the steps of a rule.
    made = log(everywhere(evil))
    assert [text for text in texts(made) if not text.replace("\n", "").isprintable()] == []
