"""Workflow commands: what GitHub reads out of them, told by a reader that works as GitHub's runner does."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from reports import LATER, TOKEN, UNSCANNED, at, committed, finding, history, password, report, staged

from hostile import EVIL, everywhere, masked
from tightlip.finding import Occurrence
from tightlip.report import FORMATS, Options
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.finding import Report

GOLDEN = Path(__file__).parent / "golden" / "history-github.txt"
COMMANDS = {"error", "warning", "notice"}


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    text: str


def written(made: Report) -> str:
    out = io.StringIO()
    FORMATS["github"](made, out, Options())
    return out.getvalue()


def commands(made: Report) -> list[Command]:
    """Every line is one: `::name key=value,key=value::text`."""
    return [command(line) for line in written(made).splitlines()]


def command(line: str) -> Command:
    assert line.startswith("::")
    end = line.index("::", 2)
    name, _, properties = line[2:end].partition(" ")
    pairs = dict(pair.split("=", 1) for pair in properties.split(","))
    return Command(name, {key: unescaped(value) for key, value in pairs.items()}, unescaped(line[end + 2 :]))


def unescaped(text: str) -> str:
    for escaped, character in {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}.items():
        text = text.replace(escaped, character)
    return text


def test_a_report_looks_as_agreed() -> None:
    assert written(history(unscanned=UNSCANNED, notes=("a note",))) == GOLDEN.read_text("utf-8")


def test_a_finding_is_at_its_line_and_columns() -> None:
    (first, *_) = commands(staged())
    assert first == Command(
        "error",
        {
            "file": "config/deploy.env",
            "line": "3",
            "endLine": "3",
            "col": "14",
            "endColumn": "54",
            "title": "critical secret [github-pat-classic]",
        },
        "GitHub personal access token (classic) at config/deploy.env:3:14. "
        "Revoke the token at https://github.com/settings/tokens.",
    )


def test_columns_of_several_lines_which_github_refuses_are_left_out() -> None:
    (first, *_) = commands(staged(finding(TOKEN, Occurrence("key.pem", 3, 1, 9, 4))))
    assert set(first.properties) == {"file", "line", "endLine", "title"}


@pytest.mark.parametrize(
    ("severity", "level"), [("critical", "error"), ("high", "error"), ("medium", "warning"), ("low", "warning")]
)
def test_a_severity_is_an_error_or_a_warning(severity: str, level: str) -> None:
    assert [it.name for it in commands(staged(finding(severity=severity)))] == [level, "notice"]


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_nothing_of_a_repository_becomes_a_command(evil: str) -> None:
    shown = commands(everywhere(evil))
    assert [it.name for it in shown] == ["error"] * 4 + ["notice"]
    assert {key for it in shown for key in it.properties} <= {"file", "line", "endLine", "col", "endColumn", "title"}
    assert "##[" not in written(everywhere(evil))


@pytest.mark.parametrize("path", ["a,line=1.py", "a:b.py", "100%25.py", "a::b.py", "a\nb.py", "x=y.py"])
def test_a_path_is_had_back_as_it_was(path: str) -> None:
    (first, *_) = commands(staged(finding(TOKEN, at(path))))
    assert first.properties["file"] == visible(path)
    assert first.properties["line"] == "3"


def test_ten_of_a_kind_are_shown_and_the_others_counted() -> None:
    made = report("files", *(masked(n) for n in range(15)), *(masked(20 + n, severity="low") for n in range(12)))
    names = [it.name for it in commands(made)]
    assert [names.count(name) for name in ("error", "warning", "notice")] == [10, 10, 1]
    assert commands(made)[-1].text == (
        "27 secrets found (15 critical, 12 low). 7 more findings are not shown here; another format has all of them"
    )


def test_that_a_scan_is_not_complete_is_always_among_the_ten() -> None:
    made = report("files", *(masked(n) for n in range(15)), unscanned=UNSCANNED)
    errors = [it for it in commands(made) if it.name == "error"]
    assert len(errors) == 10
    assert errors[-1].text == "2 things were not scanned: huge.bin: larger than 512 MB; locked.txt: Permission denied"


def test_nothing_found_is_a_notice() -> None:
    assert commands(report("files")) == [Command("notice", {"title": "tightlip"}, "no secrets found")]


@pytest.mark.parametrize(
    "place",
    [
        committed("a.py"),
        at("", part="commit", commit=LATER),
        at("main", part="ref"),
        at(""),
    ],
    ids=["not in HEAD", "a message", "a ref", "no name"],
)
def test_what_is_in_no_file_is_at_none(place: Occurrence) -> None:
    (first, *_) = commands(history(finding(TOKEN, place, in_head=False)))
    assert set(first.properties) == {"title"}


def test_what_came_through_standard_input_is_at_no_file() -> None:
    (first, *_) = commands(report("text", finding(TOKEN, at("-"))))
    assert set(first.properties) == {"title"}


def test_what_head_has_is_at_its_newest_place() -> None:
    every = (committed("old.py"), committed("new.py", commit=LATER))
    (first, *_) = commands(history(finding(TOKEN, *every, in_head=True)))
    assert first.properties["file"] == "new.py"
    assert "and 1 more place. HEAD still has it." in first.text


def test_a_name_that_is_a_secret_is_at_its_file_without_a_line() -> None:
    (first, *_) = commands(staged(password(at("keys/x.txt", part="path"))))
    assert set(first.properties) == {"file", "title"}
