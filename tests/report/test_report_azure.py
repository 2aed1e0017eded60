"""Logging commands: what Azure Pipelines reads out of them, told by a reader that works as its agent does."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from reports import TOKEN, UNSCANNED, at, committed, finding, history, report, staged

from hostile import EVIL, everywhere, masked
from tightlip.report import FORMATS, Options
from tightlip.report.visible import visible

if TYPE_CHECKING:
    from tightlip.finding import Report

GOLDEN = Path(__file__).parent / "golden" / "history-azure.txt"
START = "##vso["


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    text: str


def written(made: Report) -> str:
    out = io.StringIO()
    FORMATS["azure"](made, out, Options())
    return out.getvalue()


def commands(made: Report) -> list[Command]:
    """Every line but the last is one: `##vso[area.action key=value;key=value;]text`, wherever in it that stands."""
    *lines, last = written(made).splitlines()
    assert last.startswith("tightlip: ")
    assert "##" not in last
    return [command(line) for line in lines]


def command(line: str) -> Command:
    assert line.startswith(START)
    assert line.count("##") == 1
    end = line.index("]")
    name, _, properties = line[len(START) : end].partition(" ")
    pairs = dict(pair.split("=", 1) for pair in properties.split(";") if pair)
    return Command(name, {key: unescaped(value) for key, value in pairs.items()}, unescaped(line[end + 1 :]))


def unescaped(text: str) -> str:
    for escaped, character in {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%AZP25": "%"}.items():
        text = text.replace(escaped, character)
    return text


def test_a_report_looks_as_agreed() -> None:
    assert written(history(unscanned=UNSCANNED, notes=("a note",))) == GOLDEN.read_text("utf-8")


def test_a_finding_is_at_its_line_and_column_with_its_rule() -> None:
    first, _ = commands(staged())
    assert first.name == "task.logissue"
    assert first.properties == {
        "type": "error",
        "sourcepath": "config/deploy.env",
        "linenumber": "3",
        "columnnumber": "14",
        "code": "github-pat-classic",
    }


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_nothing_of_a_repository_becomes_a_command(evil: str) -> None:
    for it in commands(everywhere(evil)):
        assert it.name == "task.logissue"
        assert it.properties["type"] == "error"
        assert set(it.properties) <= {"type", "sourcepath", "linenumber", "columnnumber", "code"}


@pytest.mark.parametrize("path", ["a;type=warning.py", "a]b.py", "100%3B.py", "100%AZP25.py", "a\nb.py", "x=y.py"])
def test_a_path_is_had_back_as_it_was(path: str) -> None:
    (first,) = commands(staged(finding(TOKEN, at(path))))
    assert first.properties["sourcepath"] == visible(path)
    assert first.properties["linenumber"] == "3"


def test_ten_of_a_kind_are_shown_and_the_others_counted() -> None:
    made = report("files", *(masked(n) for n in range(15)), unscanned=UNSCANNED)
    assert len(commands(made)) == 10
    assert commands(made)[-1].text.startswith("2 things were not scanned: huge.bin: larger than 512 MB;")
    assert written(made).splitlines()[-1] == (
        "tightlip: 15 secrets found (15 critical). 6 more findings are not shown here; another format has all of "
        "them. 2 things were not scanned"
    )


def test_what_head_has_not_is_at_no_file() -> None:
    (first,) = commands(history(finding(TOKEN, committed("a.py"), in_head=False)))
    assert set(first.properties) == {"type", "code"}


def test_nothing_found_is_one_line() -> None:
    assert written(report("files")) == "tightlip: no secrets found\n"
